"""Each system call of a short run on a file of the daemon fails, once or from then on, with each error that fits.

strace counts calls per thread. The main thread is traced from the start, the store's and the worker's from READY, one
thread a run, so that the Nth call is well defined. Only calls on the daemon's own files count (-P), not those of the
dynamic loader and the libraries."""

import collections
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import time
import typing

import processes
from cases import outcome_of, report, try_all
from initial_database import InitialDatabase
from short_run import Defect, ShortRun
from world import need_program, need_root, skip

NAMED = ("fdatasync", "pwrite64", "ftruncate", "rename", "openat", "pread64")
OTHERS = {"fsync": ("EIO",), "renameat2": ("EIO", "ENOSPC"), "link": ("EIO",), "unlink": ("EIO", "EROFS"), "mkdir": ("EROFS",),
          "flock": ("EIO",), "fcntl": ("ENOLCK", "EIO"), "write": ("EIO", "ENOSPC"), "read": ("EIO",), "accept": ("EMFILE",),
          "socket": ("EMFILE",), "newfstatat": ("EIO",), "getdents64": ("EIO",)}
ERRORS = ("EIO", "ENOSPC", "EMFILE", "EROFS")
CALLS_WITHOUT_FILE = ("accept", "socket")
SHORT_CASES = 15
POSITIONS_OF_OTHERS = 12  # positions tried of each call in OTHERS; those in NAMED fail at every position
THREADS = ("main", "worker", "store")
BUDGET = 20 * 60
TRACE = "-I1 -q -q -e signal=none -s 300".split()


class Case(typing.NamedTuple):
    thread: str
    call: str
    group: str
    nth: int
    error: str
    lasting: bool

    def __str__(self):
        return f"{self.thread} {self.call} {self.group} {self.nth}{'+' if self.lasting else ''} {self.error}"


def group_of(path, folder):
    """The group of the daemon's files that a path belongs to; None if it is not one of them."""
    if path == folder:
        return "folder"  # synced after a file was created; SQLite ignores the result
    name = path[len(folder) + 1:] if path.startswith(folder + "/") else ""
    if name.startswith("backup.db"):
        return "backup"
    if name.startswith("status"):
        return "status"
    if name.startswith("db"):
        return "store"
    if name in ("bankconnectd.toml", "api-key", "server-hash", "webhook-secret"):
        return "configuration"
    return "socket" if name == "control.sock" else None


class TracedRun(ShortRun):
    """A short run with one thread under strace."""

    def begin_traced(self, thread, *options):
        """True if it says READY."""
        self.trace = self.folder / "trace"
        strace = ["strace", *TRACE, "-o", self.trace, *options]
        self.tracer = None
        if thread == "main":
            return self.begin(wrapper=[*strace, "-D"])  # strace detaches, so the daemon stays our child
        if not self.begin():
            return False
        thread_id = thread_of(self.daemon, thread)
        self.tracer = processes.start([*strace, "-p", str(thread_id)], self.folder / "strace.log")
        processes.until("strace is attached", lambda: tracer_of(thread_id) or self.tracer.poll() is not None)
        return True

    def detach(self):
        """Detaches strace, which ends the faults."""
        if self.tracer:
            processes.stop(self.tracer)
        elif tracer := tracer_of(self.daemon.pid):
            os.kill(tracer, signal.SIGTERM)
            processes.until("strace is gone", lambda: not tracer_of(self.daemon.pid))

    def hits(self):
        return self.trace.read_text(errors="replace").count("(INJECTED)") if self.trace.exists() else 0

    def clean_up(self):
        super().clean_up()
        processes.stop(self.tracer)


def thread_of(process, wanted):
    """The thread with that name, or, of those without a name of their own, the one at that position in the order of
    start."""
    tasks = list(pathlib.Path(f"/proc/{process.pid}/task").iterdir())
    names = {task: (task / "comm").read_text().strip() for task in tasks}
    named = [task for task in tasks if names[task] == wanted]
    if named:
        return int(named[0].name)
    unnamed = [task for task in tasks if not names[task].startswith("store")]
    began = sorted(unnamed, key=lambda task: (ticks_at_begin(task), int(task.name)))
    return int(began[THREADS.index(wanted)].name)


def ticks_at_begin(task):
    after_name = (task / "stat").read_text().rpartition(")")[2].split()
    return int(after_name[19])


def tracer_of(task):
    try:
        return int(re.search(r"TracerPid:\s+(\d+)", pathlib.Path(f"/proc/{task}/status").read_text())[1])
    except (OSError, TypeError):
        return 0


# Counting the calls.

def count(build, folder, initial, thread):
    """{(call, group): number of calls}, {group: paths} of one thread in a run without faults."""
    world = TracedRun(build, folder, initial)
    try:
        calls = ",".join([*NAMED, *OTHERS])
        assert world.begin_traced(thread, "-y", "-e", f"trace={calls}"), world.log_tail()
        world.exercise()
        code = world.stop()
        assert code == 0, world.log_tail()
        counts, paths = collections.Counter(), collections.defaultdict(set)
        for line in world.trace.read_text().splitlines():
            call = line.split("(")[0].split()[-1]
            here = str(world.folder)
            named = [(group_of(path, here), path) for path in re.findall(r'[<"](/[^">]*)', line.rpartition(" = ")[0])]
            own = [(group, path[len(here):]) for group, path in named if group]
            for group in {"any"} if call in CALLS_WITHOUT_FILE else {group for group, _ in own}:
                counts[call, group] += 1
            for group, path in own:
                paths[group].add(path)
        return counts, paths
    finally:
        world.clean_up()


def cases_of(counts):
    """All cases in two lists: each position with one error for once and one that lasts, then those with the other
    errors."""
    first, rest = [], []
    for (thread, call, group), number in sorted(counts.items()):
        errors = OTHERS.get(call, ERRORS)
        for nth in range(1, number + 1, 1 if call in NAMED else max(1, number // POSITIONS_OF_OTHERS)):
            for lasting in (False, True):
                if lasting and call == "accept":
                    continue  # no client could connect
                turn = (nth + lasting) % len(errors)
                for error in errors:
                    (first if error == errors[turn] else rest).append(Case(thread, call, group, nth, error, lasting))
    return first, rest


def short_cases(counts, seed):
    """One case each for some calls. The choice is stable although the number of calls varies from run to run."""
    drawn = []
    for (thread, call, group), number in counts.items():
        chance = random.Random(f"{seed} {thread} {call} {group}")
        turn, share, error = chance.random(), chance.random(), chance.choice(OTHERS.get(call, ERRORS))
        lasting = chance.random() < 0.5 and call != "accept"
        drawn.append((turn, Case(thread, call, group, 1 + int(share * number), error, lasting)))
    return [case for _, case in sorted(drawn)[:SHORT_CASES]]


# One case.

def try_case(build, folder, initial, paths, case):
    return outcome_of(case, TracedRun(build, folder, initial), lambda world: run_with_fault(world, paths, case))


def run_with_fault(world, paths, case):
    """One run with the fault; returns how the daemon reacted."""
    here = str(world.folder)
    options = [word for path in sorted(paths.get(case.group, ())) for word in ("-P", here + path)]
    fault = f"inject={case.call}:error={case.error}:when={case.nth}{'+' if case.lasting else ''}"
    try:
        ready = world.begin_traced(case.thread, *options, "-e", f"trace={case.call}", "-e", fault)
    except AssertionError:
        # Without a socket READY cannot be sent.
        if (case.call, case.lasting) != ("socket", True) or '"event":"ready"' not in world.log_tail(None):
            raise
        ready = True
    if not ready:
        code = world.daemon.returncode
        world.check_end(code)
        check_exit_code(case, world.hits(), code)
        world.restart_without_faults()
        world.check_recovery()
        return f"did not start, {code}"
    world.exercise()
    running = not world.has_ended()
    part = world.backup.with_name("backup.db.part")
    if running and not world.hangs and not world.backed_up and case.call != "unlink" and part.exists():
        raise Defect("a failed backup left its .part file")
    if running and case.lasting:
        check_lasting_fault(world, case)
    if running and (case.error == "ENOSPC" if case.lasting else world.hits()):
        check_exit_code(case, world.hits(), 0)
        world.detach()
        if world.recovers_without_restart():
            return "went on"
        running = False
    code = world.stop()
    world.check_end(code)
    check_exit_code(case, world.hits(), code)
    world.restart_without_faults()
    world.check_recovery()
    return f"ended, {code}" if not running else f"went on, stopped, {code}"


def check_exit_code(case, hits, code):
    """A failed status file or backup must not end the daemon; a failed fdatasync of the store must."""
    if case.group in ("status", "backup") and code:
        raise Defect(f"exit code {code} because of a {case.group} file")
    if case.thread == "store" and case.group == "store" and case.call == "fdatasync" and hits and code != 74:
        raise Defect(f"the store's fdatasync failed and the exit code is {code}")


def check_lasting_fault(world, case):
    """A lasting fault is shown in the status."""
    if case.group == "status" and case.call in ("openat", "rename", "write") and world.hits() > 2:
        until_problem_shown(world, "STATUS_FILES_UNWRITABLE")
    if case.group == "store" and case.call == "pwrite64" and case.error == "ENOSPC" and case.thread == "store" and world.hits():
        body = json.dumps({"session_id": world.create_session("plain")})
        status, answer = world.try_request("POST", "/v1/sessions", body, "application/json")
        if status != 503:
            raise Defect(f"the disk is full, a new session gets {status} {answer[:200]}")
        until_problem_shown(world, "DISK_FULL")


def until_problem_shown(world, problem):
    end = time.monotonic() + 4
    while time.monotonic() < end:
        status, answer = world.try_request("GET", "/v1/status")
        if not status and world.has_ended():
            return
        if status != 200:
            raise Defect(f"GET /v1/status: {status}")
        problems = [one["code"] for one in json.loads(answer)["problems"]]
        if problem in problems:
            return
        time.sleep(0.1)
    raise Defect(f"the status does not show {problem}: {problems}")


# The step.

def need_tracing():
    need_root()
    need_program("strace", "strace")
    probe = ["strace", "-o", os.devnull, "-e", "inject=getpid:error=EIO", "true"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        skip("needs permission to trace processes (CAP_SYS_PTRACE)")


def run(step):
    need_tracing()
    initial = InitialDatabase(step.build, step.folder / "before")
    counts, paths = collections.Counter(), collections.defaultdict(set)
    for thread in THREADS:
        found, seen = count(step.build, step.folder / f"count-{thread}", initial, thread)
        counts.update({(thread, *key): number for key, number in found.items()})
        for group, some in seen.items():
            paths[group] |= some
    first, rest = cases_of(counts)
    total = len(first) + len(rest)
    chance = random.Random(step.seed)
    for cases in (first, rest):
        chance.shuffle(cases)
        cases.sort(key=lambda case: case.call not in NAMED)
    if one := os.environ.get("TORTURE_CASE"):
        cases = [case for case in first + rest if str(case).startswith(one)]
        assert cases, f"there is no such case; some are {[str(case) for case in first[:5]]}"
    else:
        cases = short_cases(counts, step.seed) if step.short else first + rest
    per_call = collections.Counter()
    for (_, call, _), number in counts.items():
        per_call[call] += number
    step.say("calls on its own files in one run: " + ", ".join(f"{call} {number}" for call, number in per_call.most_common()))
    jobs = [(step.build, step.folder / str(number), initial, dict(paths), case) for number, case in enumerate(cases)]
    outcomes = try_all(try_case, jobs, 12 if step.short else BUDGET)
    report(step, outcomes, f"{total} cases ({len(first)} of them: each position with one error, once and lasting)")
