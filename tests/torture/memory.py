"""Large answers in little memory: the daemon does not end for want of it again and again, and all sessions end."""

import contextlib
import os
import pathlib
import time

import checks
from world import World, need_program, need_root, skip

SESSIONS = 24
INSIGHTS = "40MiB"
ALLOWED = 600 << 20
MOST_ENDS = 2
WITHIN = 240  # seconds

SCENARIOS = f"""
[scenario.large]
no_uploads = "0s"
in_progress = "100ms"
processing = "200ms"
insights_size = "{INSIGHTS}"
"""


@contextlib.contextmanager
def limited_group(name):
    """A control group with the memory allowed; yields the file that takes processes into it."""
    for base, limit in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
        group = pathlib.Path(base) / f"bankconnect-torture-{os.getpid()}-{name}"
        try:
            group.mkdir()
            (group / limit).write_text(str(ALLOWED))
        except OSError:
            with contextlib.suppress(OSError):
                group.rmdir()
            continue
        try:
            yield group / "cgroup.procs"
        finally:
            time.sleep(0.2)
            with contextlib.suppress(OSError):
                group.rmdir()
        return
    skip("needs a control group for memory that it may make")


def peak_of(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def try_limit(step, name, wrapper):
    world = World(step.build, step.folder / name, SCENARIOS, wrapper=wrapper, settings='upstream.request_timeout = "60s"')
    ends, peak = 0, 0
    try:
        checks.demand(world.start_daemon(), world.log_tail())
        ids = world.submit_many("large", SESSIONS)
        began = time.monotonic()
        while True:
            checks.demand(time.monotonic() - began < WITHIN, f"not all sessions have ended within {WITHIN} s, {ends} ends of the daemon")
            if not world.running():
                ends += 1
                checks.demand(ends <= MOST_ENDS, f"the daemon ended {ends} times, the last with {world.daemon.returncode}: {world.log_tail(500)}")
                checks.demand(world.start_daemon(), world.log_tail())
            peak = max(peak, peak_of(world.daemon))
            states = [one["state"] for one in world.sessions()]
            if states.count("ENRICHED") == len(ids):
                break
            time.sleep(0.2)
        took = time.monotonic() - began
        checks.demand(world.stop_daemon() == 0, world.log_tail())
        step.say(f"{name}: {SESSIONS} answers of {INSIGHTS} in {took:.0f} s, peak {peak} MiB, {ends} ends of the daemon")
    finally:
        world.end()


def run(step):
    need_root()
    need_program("prlimit", "util-linux")
    with limited_group("memory") as processes_of_group:
        into = f'echo $$ > {processes_of_group}; exec "$@"'
        try_limit(step, "control group", ["sh", "-c", into, "sh"])
    if not step.short:
        try_limit(step, "address space", ["prlimit", f"--as={ALLOWED + (300 << 20)}"])
