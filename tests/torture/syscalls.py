"""Every system call of a short life that touches a file fails, once and for ever, with each error that fits (strace).

strace counts calls a thread: the main thread is traced from the start on, the store's and the worker's from READY on, one
thread at a time and without its siblings, so that the Nth call is one call. Only calls on the daemon's own files count
(-P): the dynamic loader's and the libraries' stay out of it."""

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
from earlier import Before
from short_life import Defect, ShortLife
from world import need_program, need_root, skip

NAMED = ("fdatasync", "pwrite64", "ftruncate", "rename", "openat", "pread64")
OTHERS = {"fsync": ("EIO",), "renameat2": ("EIO", "ENOSPC"), "link": ("EIO",), "unlink": ("EIO", "EROFS"), "mkdir": ("EROFS",),
          "flock": ("EIO",), "fcntl": ("ENOLCK", "EIO"), "write": ("EIO", "ENOSPC"), "read": ("EIO",), "accept": ("EMFILE",),
          "socket": ("EMFILE",), "newfstatat": ("EIO",), "getdents64": ("EIO",)}
ERRORS = ("EIO", "ENOSPC", "EMFILE", "EROFS")
NO_FILE = ("accept", "socket")
OF_SHORT = 15
OF_OTHERS = 12  # positions of each other call; the named ones fail at all of theirs
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
    """Whose files a path is one of; None for what is not the daemon's own."""
    if path == folder:
        return "folder"  # synced after a file was made in it; SQLite takes no notice of the answer
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


class Traced(ShortLife):
    """A life with one thread under strace."""

    def begin_traced(self, thread, *options):
        """True if it says READY."""
        self.trace = self.folder / "trace"
        strace = ["strace", *TRACE, "-o", self.trace, *options]
        self.tracer = None
        if thread == "main":
            return self.begin(wrapper=[*strace, "-D"])  # the daemon stays our child
        if not self.begin():
            return False
        thread_id = thread_of(self.daemon, thread)
        self.tracer = processes.start([*strace, "-p", str(thread_id)], self.folder / "strace.log")
        processes.until("strace is attached", lambda: tracer_of(thread_id) or self.tracer.poll() is not None)
        return True

    def leave(self):
        """The faults end, the daemon goes on."""
        if self.tracer:
            processes.stop(self.tracer)
        elif tracer := tracer_of(self.daemon.pid):
            os.kill(tracer, signal.SIGTERM)
            processes.until("strace is gone", lambda: not tracer_of(self.daemon.pid))

    def hits(self):
        return self.trace.read_text(errors="replace").count("(INJECTED)") if self.trace.exists() else 0

    def bury(self):
        super().bury()
        processes.stop(self.tracer)


def thread_of(process, wanted):
    """By its name, if it has one of its own; else by its turn, as they began."""
    tasks = list(pathlib.Path(f"/proc/{process.pid}/task").iterdir())
    named = [task for task in tasks if wanted in (task / "comm").read_text()]
    if len(named) == 1:
        return int(named[0].name)
    began = sorted(tasks, key=lambda task: (ticks_at_begin(task), int(task.name)))
    return int(began[THREADS.index(wanted)].name)


def ticks_at_begin(task):
    after_name = (task / "stat").read_text().rpartition(")")[2].split()
    return int(after_name[19])


def tracer_of(task):
    try:
        return int(re.search(r"TracerPid:\s+(\d+)", pathlib.Path(f"/proc/{task}/status").read_text())[1])
    except (OSError, TypeError):
        return 0


# How many of each there are.

def count(build, folder, before, thread):
    """{(call, group): how many}, {group: paths} of one thread in a life without faults."""
    world = Traced(build, folder, before)
    try:
        calls = ",".join([*NAMED, *OTHERS])
        assert world.begin_traced(thread, "-y", "-e", f"trace={calls}"), world.last_words()
        world.live()
        code = world.stop()
        assert code == 0, world.last_words()
        counts, paths = collections.Counter(), collections.defaultdict(set)
        for line in world.trace.read_text().splitlines():
            call = line.split("(")[0].split()[-1]
            here = str(world.folder)
            named = [(group_of(path, here), path) for path in re.findall(r'[<"](/[^">]*)', line.rpartition(" = ")[0])]
            own = [(group, path[len(here):]) for group, path in named if group]
            for group in {"any"} if call in NO_FILE else {group for group, _ in own}:
                counts[call, group] += 1
            for group, path in own:
                paths[group].add(path)
        return counts, paths
    finally:
        world.bury()


def cases_of(counts):
    """Every (thread, call, position): first each with one error once and one for ever, then with the others."""
    first, rest = [], []
    for (thread, call, group), number in sorted(counts.items()):
        errors = OTHERS.get(call, ERRORS)
        for nth in range(1, number + 1, 1 if call in NAMED else max(1, number // OF_OTHERS)):
            for lasting in (False, True):
                if lasting and call == "accept":
                    continue  # nobody can reach it: nothing to see
                turn = (nth + lasting) % len(errors)
                for error in errors:
                    (first if error == errors[turn] else rest).append(Case(thread, call, group, nth, error, lasting))
    return first, rest


def short_cases(counts, seed):
    """One of each of some calls: chosen alike from life to life, although no two have the very same number of calls, and
    whatever other calls there are."""
    drawn = []
    for (thread, call, group), number in counts.items():
        chance = random.Random(f"{seed} {thread} {call} {group}")
        turn, share, error = chance.random(), chance.random(), chance.choice(OTHERS.get(call, ERRORS))
        lasting = chance.random() < 0.5 and call != "accept"
        drawn.append((turn, Case(thread, call, group, 1 + int(share * number), error, lasting)))
    return [case for _, case in sorted(drawn)[:OF_SHORT]]


# One case.

def try_case(build, folder, before, paths, case):
    return outcome_of(case, Traced(build, folder, before), lambda world: struck(world, paths, case))


def struck(world, paths, case):
    """Lives through it; what became of the daemon."""
    here = str(world.folder)
    options = [word for path in sorted(paths.get(case.group, ())) for word in ("-P", here + path)]
    fault = f"inject={case.call}:error={case.error}:when={case.nth}{'+' if case.lasting else ''}"
    try:
        ready = world.begin_traced(case.thread, *options, "-e", f"trace={case.call}", "-e", fault)
    except AssertionError:
        # Without a socket nobody can be told.
        if (case.call, case.lasting) != ("socket", True) or '"event":"ready"' not in world.last_words(None):
            raise
        ready = True
    if not ready:
        code = world.daemon.returncode
        world.check_end(code)
        demand_fitting(case, world.hits(), code)
        world.begin_again()
        world.end_well()
        return f"did not start, {code}"
    world.live()
    running = not world.ending()
    part = world.backup.with_name("backup.db.part")
    if running and not world.hangs and not world.backed_up and case.call != "unlink" and part.exists():
        raise Defect("a backup that failed left its .part")
    if running and case.lasting:
        check_running(world, case)
    if running and (case.error == "ENOSPC" if case.lasting else world.hits()):
        demand_fitting(case, world.hits(), 0)
        world.leave()
        if world.goes_on_well():
            return "went on"
        running = False
    code = world.stop()
    world.check_end(code)
    demand_fitting(case, world.hits(), code)
    world.begin_again()
    world.end_well()
    return f"ended, {code}" if not running else f"went on, stopped, {code}"


def demand_fitting(case, hits, code):
    """Status files and backups are worth no restart; a commit that may not be on disk is."""
    if case.group in ("status", "backup") and code:
        raise Defect(f"exit code {code} because of a {case.group} file")
    if case.thread == "store" and case.group == "store" and case.call == "fdatasync" and hits and code != 74:
        raise Defect(f"the store's fdatasync failed and it ends with {code}")


def check_running(world, case):
    """A fault that lasts does not go unnoticed by who asks for the status."""
    if case.group == "status" and case.call in ("openat", "rename", "write") and world.hits() > 2:
        until_told(world, "STATUS_FILES_UNWRITABLE")
    if case.group == "store" and case.call == "pwrite64" and case.error == "ENOSPC" and case.thread == "store" and world.hits():
        status, answer = world.ask("POST", "/v1/sessions", json.dumps({"session_id": world.create("plain")}), "application/json")
        if status != 503:
            raise Defect(f"the disk is full, a new session gets {status} {answer[:200]}")
        until_told(world, "DISK_FULL")


def until_told(world, problem):
    end = time.monotonic() + 4
    while time.monotonic() < end:
        status, told = world.ask("GET", "/v1/status")
        if not status and world.ending():
            return
        if status != 200:
            raise Defect(f"GET /v1/status: {status}")
        problems = [one["code"] for one in json.loads(told)["problems"]]
        if problem in problems:
            return
        time.sleep(0.1)
    raise Defect(f"nobody is told of {problem}: {problems}")


# The step.

def can_trace():
    need_root()
    need_program("strace", "strace")
    probe = ["strace", "-o", os.devnull, "-e", "inject=getpid:error=EIO", "true"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        skip("needs leave to trace processes (CAP_SYS_PTRACE)")


def run(step):
    can_trace()
    before = Before(step.build, step.folder / "before")
    counts, paths = collections.Counter(), collections.defaultdict(set)
    for thread in THREADS:
        found, seen = count(step.build, step.folder / f"count-{thread}", before, thread)
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
    step.say("calls on its own files in one life: " + ", ".join(f"{call} {number}" for call, number in per_call.most_common()))
    jobs = [(step.build, step.folder / str(number), before, dict(paths), case) for number, case in enumerate(cases)]
    outcomes = try_all(try_case, jobs, 12 if step.short else BUDGET)
    report(step, outcomes, f"{total} cases (of which {len(first)} are each position once and for ever with one error)")
