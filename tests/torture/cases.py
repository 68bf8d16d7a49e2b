"""Many short lives at once, each with one fault; what came of them."""

import collections
import concurrent.futures
import re
import time
import typing

from short_life import Defect
from world import NoDaemon

AT_ONCE = 6  # mostly they wait


class Outcome(typing.NamedTuple):
    case: object
    hits: int     # times the fault struck
    ending: str   # what became of the daemon
    defect: str   # empty: none


def outcome_of(case, world, live):
    """`live(world)` says what became of the daemon."""
    ending = defect = ""
    try:
        ending = live(world)
    except (Defect, AssertionError, NoDaemon, OSError, ValueError, KeyError) as error:
        defect = str(error) or repr(error)
    finally:
        world.bury()
    return Outcome(case, world.hits(), ending, defect)


def try_all(attempt, jobs, budget):
    """attempt(*job) of each job, several at a time, in turn, until the budget (in seconds) is used up."""
    end = time.monotonic() + budget
    outcomes, under_way, queue = [], set(), collections.deque(jobs)
    with concurrent.futures.ProcessPoolExecutor(AT_ONCE) as pool:
        while True:
            while queue and len(under_way) < AT_ONCE and time.monotonic() < end:
                under_way.add(pool.submit(attempt, *queue.popleft()))
            if not under_way:
                return outcomes
            done, under_way = concurrent.futures.wait(under_way, return_when=concurrent.futures.FIRST_COMPLETED)
            outcomes += [one.result() for one in done]


def report(step, outcomes, of):
    """Says what came of them, defects by cause; fails if there are any."""
    struck = [outcome for outcome in outcomes if outcome.hits]
    endings = collections.Counter(outcome.ending for outcome in struck if not outcome.defect)
    step.say(f"{len(outcomes)} of {of} tried, {len(struck)} struck: "
             + ", ".join(f"{ending}: {number}" for ending, number in endings.most_common()))
    defects = collections.defaultdict(list)
    for outcome in outcomes:
        if outcome.defect:
            defects[cause(outcome.defect)].append(outcome)
    for several in sorted(defects.values(), key=len, reverse=True):
        step.say(f"DEFECT in {len(several)} cases, TORTURE_CASE='{several[0].case}': {several[0].defect}")
    assert not defects, f"{sum(map(len, defects.values()))} cases ended wrongly"
    assert struck, "no fault struck"


def cause(defect):
    """What is the same in defects that are the same: the words, and where a crash comes from."""
    words, _, calls = defect.partition(" at ")
    words = re.sub(r"(bankconnectd: unexpected error: ).*|\{.*?\}[ |]*", r"\1", words)
    return re.sub(r"[0-9a-f-]{36}|\d\S*:\d\d\S*|/tmp/\S*|\b\d+\b", "…", words)[:150] + " ".join(calls.split()[-6:])
