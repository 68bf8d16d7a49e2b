"""Allocations of a short run fail. A preloaded library records the call sites (call stacks) that allocate. Then the
first allocation of each site fails once; or all allocations from the Nth on fail, for 50 ms or until the end."""

import bisect
import os
import random
import subprocess
import typing

from cases import outcome_of, report, try_all
from initial_database import InitialDatabase
from short_run import Defect, ShortRun
from world import skip

LIBRARY = "libfailing-allocations.so"
RECORDINGS = 2
PERIODS = 60  # start points, spread over the run, from which on all allocations fail
BUDGET = 15 * 60


class Case(typing.NamedTuple):
    instruction: str  # for the library

    def __str__(self):
        return self.instruction


class AllocationRun(ShortRun):
    def __init__(self, build, folder, initial, library, case):
        super().__init__(build, folder, initial)
        self.library_log = self.folder / "allocations"
        self.preloaded = {"LD_PRELOAD": str(library), "FAILING_ALLOCATIONS": str(case),
                          "FAILING_ALLOCATIONS_LOG": str(self.library_log)}

    def lines(self, word):
        if not self.library_log.exists():
            return []
        lines = self.library_log.read_text(errors="replace").splitlines()
        return [line.split() for line in lines if line.startswith(word + " ")]

    def hits(self):
        return len(self.lines("struck"))


def library_of(step):
    """The library of the build; compiled here if the build has none."""
    program = (step.build / "src/daemon/bankconnectd").read_bytes()
    if b"__asan_init" in program or b"__tsan_init" in program:
        skip("needs a build without sanitizers, which take over the allocations themselves")
    built = step.build / "tests/torture" / LIBRARY
    if built.exists():
        return built
    here = step.folder / LIBRARY
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "failing_allocations.cpp")
    try:
        command = ["c++", "-std=c++20", "-O2", "-shared", "-fPIC", "-o", here, source]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        skip(f"needs {built}, or a compiler")
    assert done.returncode == 0, done.stderr
    return here


def record(step, initial, library):
    """{site: its calls, innermost first}, and the number of allocations in a run."""
    sites, number = {}, 0
    for turn in range(RECORDINGS):
        world = AllocationRun(step.build, step.folder / f"record-{turn}", initial, library, "record")
        try:
            assert world.begin([], world.preloaded), world.log_tail()
            world.exercise()
            code = world.stop()
            assert code == 0, world.log_tail()
            for _, site, at, *calls in world.lines("site"):
                sites.setdefault(site, calls)
                number = max(number, int(at))
        finally:
            world.clean_up()
    assert len(sites) > 100, f"only {len(sites)} allocation sites: the library was not preloaded"
    return sites, number


def functions_of(program):
    """(address, name) of its functions; empty if nm is missing."""
    try:
        listed = subprocess.run(["nm", "--defined-only", program], capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return []
    symbols = [line.split(maxsplit=2) for line in listed.splitlines()]
    return sorted((int(begin, 16), name) for begin, kind, name in symbols if kind in "tTwW")


def function_of(call, functions):
    """The function of a call, or the library's name; the call itself if no functions are known."""
    module, _, offset = call.partition("+")
    if module != "main" or not functions:
        return module if functions else call
    at = bisect.bisect_right(functions, (int(offset, 16), "\x7f"))
    return functions[max(0, at - 1)][1]


def most_different_first(sites, functions, seed):
    """The sites, shuffled; those with new innermost calls come before those that differ further out only. The order
    depends on function names, so that unrelated changes of the code do not change it."""
    def turn(site):
        return random.Random(f"{seed} {[function_of(call, functions) for call in sites[site]]}").random(), site

    shuffled = sorted(sites, key=turn)
    met, order = set(), []
    for depth in (4, 6, 8, 12):
        for site in shuffled:
            key = tuple(sites[site][:depth])
            if key not in met:
                met.add(key)
                order.append(site)
    return list(dict.fromkeys(order + shuffled))


def try_case(build, folder, initial, library, case):
    return outcome_of(case, AllocationRun(build, folder, initial, library, case), run_with_fault)


def run_with_fault(world):
    """One run with the fault; returns how the daemon reacted."""
    ready = world.begin([], world.preloaded)
    if ready:
        world.exercise()
    running = ready and not world.has_ended()
    if running and world.hits() and "from" not in world.preloaded["FAILING_ALLOCATIONS"]:
        if world.recovers_without_restart():
            return "went on"
        running = False
    code = world.stop()
    try:
        world.check_end(code)
    except Defect as defect:
        crash = [line for word in ("abort", "SIGSEGV", "SIGBUS") for line in world.lines(word)]
        raise Defect(f"{defect}{' at ' + ' '.join(crash[0][3:]) if crash else ''}") from None
    finally:
        world.restart_without_faults()
        world.check_recovery()
    return f"did not start, {code}" if not ready else f"ended, {code}" if not running else f"went on, stopped, {code}"


def run(step):
    library = library_of(step)
    initial = InitialDatabase(step.build, step.folder / "before")
    sites, number = record(step, initial, library)
    functions = functions_of(step.build / "src/daemon/bankconnectd")
    once = [Case(f"site {site} 1") for site in most_different_first(sites, functions, step.seed)]
    periods = [Case(f"from {max(1, number * turn // PERIODS)} {lasting}") for turn in range(PERIODS) for lasting in (50, 0)]
    random.Random(step.seed).shuffle(periods)
    step.say(f"{len(sites)} allocation sites in a run of {number} allocations")
    cases = periods + once
    if one := os.environ.get("TORTURE_CASE"):
        cases = [Case(one)]
    elif step.short:
        cases = periods[:4] + once[:20]
    jobs = [(step.build, step.folder / str(turn), initial, library, case) for turn, case in enumerate(cases)]
    report(step, try_all(try_case, jobs, 12 if step.short else BUDGET), f"{len(once)} sites and {len(periods)} periods")
