"""Runs many short runs in parallel, each with one fault, and reports their outcomes."""

import collections
import concurrent.futures
import re
import time
import typing

from short_run import Defect
from world import NoAnswer

AT_ONCE = 6  # more than there are cores: a run mostly waits


class Outcome(typing.NamedTuple):
    case: object
    hits: int     # how often the fault struck
    ending: str   # how the daemon reacted
    defect: str   # empty if there is none


def outcome_of(case, world, run):
    """`run(world)` returns how the daemon reacted."""
    ending = defect = ""
    try:
        ending = run(world)
    except (Defect, AssertionError, NoAnswer, OSError, ValueError, KeyError) as error:
        defect = str(error) or repr(error)
    finally:
        world.clean_up()
    return Outcome(case, world.hits(), ending, defect)


def try_all(attempt, jobs, budget):
    """Calls attempt(*job) for the jobs in order, AT_ONCE in parallel, until the budget (in seconds) is used up."""
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
    """Prints the outcomes, defects grouped by cause; fails if there is a defect."""
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
    assert not defects, f"{sum(map(len, defects.values()))} cases have a defect"
    assert struck, "no fault struck"


def cause(defect):
    """The defect without ids, numbers and paths, and the innermost calls of a crash, to group equal causes."""
    words, _, calls = defect.partition(" at ")
    words = re.sub(r"(bankconnectd: unexpected error: ).*|\{.*?\}[ |]*", r"\1", words)
    return re.sub(r"[0-9a-f-]{36}|\d\S*:\d\d\S*|/tmp/\S*|\b\d+\b", "…", words)[:150] + " ".join(calls.split()[-6:])
