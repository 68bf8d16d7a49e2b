"""Whether a history of concurrent calls is one that a session handled one call after the other could have given.

The session is the model below. Each call takes effect at one moment between its begin and its end; one without an answer
may have taken effect until its `end`, or not at all. The configurations that are possible are carried from event to
event: the model's state, and the calls under way that have taken effect. A submission to be held of a session that is
there is two effects, the reference and the hold."""

import dataclasses

NOT_THERE = None
HALF, WHOLE = "half", "whole"  # of a call's effect


@dataclasses.dataclass(frozen=True)
class Call:
    name: str  # submit, hold, release, erase or read
    begin: float
    end: float  # without an answer: when it can no longer take effect
    answer: tuple | None  # as `apply` returns it; None if there was no answer
    reference: str = ""
    hold: bool = False


def apply(state, call):
    """The state after the call, and its answer. A state is NOT_THERE or (reference, hold)."""
    if call.name == "submit":
        if state is NOT_THERE:
            after = (call.reference, call.hold)
            return after, (201, *after)
        after = (state[0] or call.reference, state[1] or call.hold)
        return after, (200, *after)
    if state is NOT_THERE:
        return state, (404,)
    if call.name == "erase":
        return NOT_THERE, (204,)
    after = (state[0], {"hold": True, "release": False}.get(call.name, state[1]))
    return after, (200, *after)


def steps(state, effective, call):
    """What the call can make of the configuration at once."""
    if (call, WHOLE) in effective:
        return
    after, answer = apply(state, call)
    in_two = call.name == "submit" and call.hold and state is not NOT_THERE
    if in_two:  # in either order, and again for a session that replaced the first
        yield (after[0], state[1]), effective | {(call, HALF)}
        yield (state[0], True), effective | {(call, HALF)}
    if (not in_two or (call, HALF) in effective) and (call.answer is None or answer == call.answer):
        yield after, effective - {(call, HALF)} | {(call, WHOLE)}


def closure(configurations, under_way):
    """Adds what is reached when calls under way take effect, in any order."""
    reached, open_ones = set(configurations), list(configurations)
    while open_ones:
        state, effective = open_ones.pop()
        for call in under_way:
            for one in steps(state, effective, call):
                if one not in reached:
                    reached.add(one)
                    open_ones.append(one)
    return reached


def contradiction(calls, state=NOT_THERE):
    """The first call whose answer no order of the calls explains, or None."""
    events = sorted([(call.begin, 0, call) for call in calls] + [(call.end, 1, call) for call in calls],
                    key=lambda event: event[:2])
    configurations, under_way = {(state, frozenset())}, []
    for _, ends, call in events:
        if not ends:
            under_way.append(call)
            continue
        reached = closure(configurations, under_way)
        under_way.remove(call)
        configurations = {(state, effective - {(call, WHOLE), (call, HALF)}) for state, effective in reached
                          if call.answer is None or (call, WHOLE) in effective}
        if not configurations:
            return call
    return None


def check_the_checker():
    """Histories that must be refused, and ones that must not."""
    submitted = Call("submit", 0, 1, (201, "a", False), "a")
    assert contradiction([submitted, Call("read", 2, 3, (404,))]), "a lost session"
    assert contradiction([submitted, Call("hold", 2, 3, (200, "a", True)), Call("read", 4, 5, (200, "a", False))]), "a stale read"
    assert contradiction([submitted, Call("erase", 2, 3, (204,)), Call("erase", 4, 5, (204,))]), "erased twice"
    assert contradiction([Call("submit", 0, 3, (201, "a", False), "a"), Call("submit", 1, 2, (201, "a", False), "a")]), "accepted twice"
    lost = Call("hold", 2, 3, None)
    assert not contradiction([submitted, lost, Call("read", 4, 5, (200, "a", True))])
    assert not contradiction([submitted, lost, Call("read", 4, 5, (200, "a", False))])
    assert contradiction([submitted, lost, Call("read", 4, 5, (200, "a", False)), Call("read", 6, 7, (200, "a", True))]), "an effect too late"
    both = Call("submit", 2, 9, (200, "a", True), "b", True)
    assert not contradiction([submitted, both, Call("read", 3, 4, (200, "a", False)), Call("read", 5, 6, (200, "a", True))])
    assert contradiction([submitted, both, Call("read", 10, 11, (200, "a", False))]), "half a submission"
    assert not contradiction([submitted, Call("erase", 2, 9, (204,)), Call("read", 3, 4, (404,)), Call("read", 5, 6, (404,))])
    assert contradiction([submitted, Call("erase", 2, 9, (204,)), Call("read", 3, 4, (404,)), Call("read", 5, 6, (200, "a", False))]), "back again"
