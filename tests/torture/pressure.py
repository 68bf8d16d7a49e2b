"""Everything at once, for ten minutes, in little memory, with few descriptors and half a processor: a slow disk, large
answers, calls that hang, silent connections. Healthy sessions keep their cadence, and all is well soon after."""

import contextlib
import os
import pathlib
import socket
import threading
import time

import checks
from hanging import HangingProxy
from slow import Case, delayed
from syscalls import need_tracing
from world import World, need_program, skip

HEALTHY, HANGING, LARGE = 100, 40, 6
INTERVAL = 2  # seconds between polls of a session
LATE = 0.100  # seconds, p99
MEMORY, DESCRIPTORS, PROCESSOR_SHARE = 256 << 20, 256, 0.5
SILENT_PER_SECOND = 100
SHOWN_WITHIN, WELL_WITHIN = 5, 10
SETTLE = 15  # until sessions that hang are known as such
DISK = Case("store", "fdatasync", 1.5, "DISK_SLOW", False)

SETTINGS = f"""
polling.progress_interval = "{INTERVAL}s"
polling.safety_interval = "{INTERVAL}s"
upstream.allow_http = true
upstream.max_memory = "48MiB"
upstream.max_connections = 32
"""
SCENARIOS = """
[scenario.parked]
no_uploads = "0s"
in_progress = "0s"
processing = "1h"

[scenario.large]
no_uploads = "0s"
in_progress = "100ms"
processing = "200ms"
insights_size = "24MiB"

[scenario.waiting]
no_uploads = "1h"
"""


@contextlib.contextmanager
def limited_groups():
    """Control groups with the memory and the share of a processor; yields the files that take processes into them."""
    name = f"bankconnect-torture-{os.getpid()}-pressure"
    wanted = (("/sys/fs/cgroup/memory", "memory.limit_in_bytes", MEMORY),
              ("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", int(PROCESSOR_SHARE * 100_000)))
    if pathlib.Path("/sys/fs/cgroup/cgroup.controllers").exists():
        wanted = (("/sys/fs/cgroup", "memory.max", MEMORY), ("/sys/fs/cgroup", "cpu.max", f"{int(PROCESSOR_SHARE * 100_000)} 100000"))
    groups = []
    try:
        try:
            for base, limit, value in wanted:
                group = pathlib.Path(base) / name
                group.mkdir(exist_ok=True)
                groups.append(group)
                (group / limit).write_text(str(value))
        except OSError:
            skip("needs control groups for memory and the processor that it may make")
        yield [group / "cgroup.procs" for group in dict.fromkeys(groups)]
    finally:
        time.sleep(0.2)
        for group in dict.fromkeys(groups):
            with contextlib.suppress(OSError):
                group.rmdir()


class SilentConnections(threading.Thread):
    """Opens connections to the listener that send nothing, and keeps the last 300 of them."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.over, self.opened = port, threading.Event(), 0

    def run(self):
        kept = []
        while not self.over.wait(1 / SILENT_PER_SECOND):
            with contextlib.suppress(OSError):
                kept.append(socket.create_connection(("127.0.0.1", self.port), timeout=1))
                self.opened += 1
            if len(kept) > 300:
                kept.pop(0).close()
        for one in kept:
            one.close()


def problems(world):
    return {problem["code"] for problem in world.status()["problems"]}


def until(what, within, condition):
    began = time.monotonic()
    while not condition():
        checks.demand(time.monotonic() - began < within, f"not within {within} s: {what()}")
        time.sleep(0.1)


def lateness(polls, since, healthy):
    """How much later than the interval each poll of a healthy session came after the one before, sorted."""
    last, late = {}, []
    for at, session in polls:
        if session in healthy and at >= since:
            if session in last:
                late.append(max(0.0, at - last[session] - INTERVAL))
            last[session] = at
    checks.demand(len(last) == len(healthy), f"{len(healthy) - len(last)} healthy sessions were not asked")
    return sorted(late)


def at_share(values, share):
    return values[min(len(values) - 1, int(len(values) * share))]


def press(step, world, proxy, seconds):
    healthy = set(world.submit_many("parked", HEALTHY))
    time.sleep(5)
    hanging = [world.create_session("parked") for _ in range(HANGING)]
    proxy.victims = dict.fromkeys(hanging, "drips")
    silent = SilentConnections(world.webhook_port)
    silent.start()
    with delayed(world, DISK):
        status, answer = world.request("POST", "/v1/sessions", "\n".join(hanging) + "\n", "text/plain")
        checks.demand(status == 200, answer[:300])
        large = world.submit_many("large", LARGE)
        until(lambda: f"DISK_SLOW and FEW_DESCRIPTORS, but {problems(world)}", DISK.seconds + SHOWN_WITHIN,
              lambda: {"DISK_SLOW", "FEW_DESCRIPTORS"} <= problems(world))
        time.sleep(SETTLE)
        since = time.monotonic()
        submitted, shown = 0, set()
        while time.monotonic() - since < seconds:
            checks.demand(world.running(), f"the daemon ended: {world.log_tail()}")
            submitted += world.submit(world.create_session("waiting"), "waiting")
            if submitted % 4 == 0:
                large += world.submit_many("large", 1)
            shown |= problems(world)
            time.sleep(1)
        late = lateness(proxy.polls, since, healthy)
    for session in hanging:
        world.request("DELETE", f"/v1/sessions/{session}")
    proxy.victims = {}
    silent.over.set()
    silent.join()
    until(lambda: f"well, but {problems(world)}", WELL_WITHIN, lambda: problems(world) <= {"FEW_DESCRIPTORS"})
    unended = world.until_final(large)
    checks.demand(not unended, f"of {len(large)} sessions with large answers {len(unended)} have not ended")
    states = {world.session(session)["state"] for session in large}
    checks.demand(states == {"ENRICHED"}, f"sessions with large answers ended as {states}")
    p99 = at_share(late, 0.99)
    step.say(f"{seconds} s, {len(large)} large answers: {len(late)} polls of {HEALTHY} healthy sessions, late p50 {at_share(late, 0.5) * 1e3:.0f} ms, "
             f"p99 {p99 * 1e3:.0f} ms, most {late[-1] * 1e3:.0f} ms; {submitted} submissions acknowledged; "
             f"{silent.opened} silent connections; shown: {', '.join(sorted(shown))}")
    checks.demand(p99 <= LATE, f"polls of healthy sessions are {p99 * 1e3:.0f} ms late (p99)")


def run(step):
    need_tracing()
    need_program("prlimit", "util-linux")
    with limited_groups() as groups:
        into = "".join(f"echo $$ > {group}; " for group in groups) + f'exec prlimit --nofile={DESCRIPTORS}:{DESCRIPTORS} "$@"'
        world = World(step.build, step.folder, SCENARIOS, settings=SETTINGS, webhooks=True, wrapper=["sh", "-c", into, "sh"])
        proxy = HangingProxy(world.sandbox_port)
        world.upstream_url = proxy.url
        try:
            checks.demand(world.start_daemon(), world.log_tail())
            press(step, world, proxy, 30 if step.short else 600)
            checks.demand(world.stop_daemon() == 0, world.log_tail())
        finally:
            world.end()
