"""Few file descriptors: the daemon says what it lowered, and idle connections silence nothing."""

import socket
import time

import checks
from world import World, need_program

LEAST = 76
TOO_FEW = (16, 40, LEAST - 1)
ENOUGH = (LEAST, 100, 200, 256, 1024)
NEEDED = 64 + 256 + 256 + 32  # by default, with a listener
IDLE = 300
ANSWERED_WITHIN = 2  # seconds

SCENARIOS = """
[scenario.plain]
no_uploads = "100ms"
in_progress = "400ms"
processing = "400ms"
"""


def world_with(step, limit):
    return World(step.build, step.folder / str(limit), SCENARIOS, webhooks=True, wrapper=["prlimit", f"--nofile={limit}:{limit}"])


def does_not_start(step, limit):
    world = world_with(step, limit)
    try:
        checks.demand(world.start_daemon() is None, f"the daemon starts with {limit} descriptors")
        checks.demand(world.daemon.returncode == 71, f"it ends with {world.daemon.returncode}: {world.log_tail()}")
        if limit >= 40:  # below, the programs before ours may not even load
            checks.demand("RLIMIT_NOFILE" in world.log_tail(), world.log_tail())
    finally:
        world.end()


def works(step, limit):
    world = world_with(step, limit)
    idle = []
    try:
        checks.demand(world.start_daemon(), world.log_tail())
        shown = [problem["code"] for problem in world.status()["problems"]]
        checks.demand(("FEW_DESCRIPTORS" in shown) == (limit < NEEDED), f"with {limit} descriptors the status shows {shown}")
        for _ in range(IDLE):
            connection = socket.create_connection(("127.0.0.1", world.webhook_port))
            connection.sendall(b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")
            idle.append(connection)
        world.submit_many("plain", 20)
        slowest = 0
        for _ in range(20):
            began = time.monotonic()
            status, answer = world.request("GET", "/v1/status")
            checks.demand(status == 200, answer)
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.1)
        checks.demand(slowest < ANSWERED_WITHIN, f"with {limit} descriptors the control socket answers after {slowest:.1f} s")
        checks.check_all(world)
        step.say(f"{limit} descriptors, {IDLE} idle connections: the control socket answered within {slowest * 1000:.0f} ms")
    finally:
        for connection in idle:
            connection.close()
        world.end()


def run(step):
    need_program("prlimit", "util-linux")
    for limit in TOO_FEW:
        does_not_start(step, limit)
    for limit in ENOUGH[:3] if step.short else ENOUGH:
        works(step, limit)
