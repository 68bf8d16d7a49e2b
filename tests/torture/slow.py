"""A disk that is slow or does not answer: what the daemon shows, what goes on, and what is refused. And a log and a
service manager that do not read. (Slow look-ups and connections are in the step `network`, slow TLS and answers in
`misbehaviour`.)

strace delays the calls of one thread; the end of strace ends the delay."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time
import typing

import checks
import processes
from syscalls import TRACE, need_tracing, thread_of, tracer_of
from world import NoAnswer, World

FOR_EVER = 600  # seconds; longer than a case
ANSWERED_WITHIN = 12  # seconds: the timeout of a client's request and a second or two for a loaded machine
READ_WITHIN = 2
SHOWN_WITHIN = 5
WELL_WITHIN = 10
WATCHDOG = 3  # seconds

SCENARIOS = """
[scenario.plain]
no_uploads = "100ms"
in_progress = "400ms"
processing = "400ms"

[scenario.waiting]
no_uploads = "1h"
"""


class Case(typing.NamedTuple):
    thread: str
    call: str
    seconds: float
    problem: str  # shown while it lasts; empty: none
    refused: bool  # what clients ask to be written


CASES = (
    Case("store", "fdatasync", 0.1, "", False),
    Case("store", "fdatasync", 1.5, "DISK_SLOW", False),
    Case("store", "fdatasync", 3, "DISK_SLOW", False),
    Case("store", "fdatasync", FOR_EVER, "DISK_HANGS", True),
    Case("store", "pwrite64", FOR_EVER, "DISK_HANGS", True),
    Case("store-reader", "pread64", FOR_EVER, "", False),
)
SHORT = (CASES[1], CASES[3])


class Notifications:
    """Receives what the daemon sends to systemd."""

    def __init__(self, path):
        self.path = str(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.ready = False
        self.fed = []  # when the watchdog was
        threading.Thread(target=self.receive, daemon=True).start()

    def receive(self):
        while True:
            message = self.socket.recv(4096)
            self.ready = self.ready or b"READY=1" in message
            if b"WATCHDOG=1" in message:
                self.fed.append(time.monotonic())

    def fed_since(self, begin):
        return any(at > begin for at in self.fed)


def start(world, notifications):
    world.configure()
    environment = {"NOTIFY_SOCKET": notifications.path, "WATCHDOG_USEC": str(WATCHDOG * 1_000_000)}
    command = [world.build / "src/daemon/bankconnectd", "--config", world.folder / "bankconnectd.toml"]
    world.daemon = processes.start(command, world.folder / "daemon.log", environment=environment)
    processes.until("the daemon is ready", lambda: notifications.ready)


@contextlib.contextmanager
def delayed(world, case):
    thread = thread_of(world.daemon, case.thread)
    tracer = processes.start(["strace", *TRACE, "-o", os.devnull, "-e", f"trace={case.call}",
                              "-e", f"inject={case.call}:delay_enter={int(case.seconds * 1e6)}", "-p", str(thread)],
                             world.folder / "strace.log")
    processes.until("strace is attached", lambda: tracer_of(thread) or tracer.poll() is not None)
    try:
        yield
    finally:
        processes.stop(tracer)
        processes.until("strace is gone", lambda: not tracer_of(thread))


def timed(world, method, target, body=None, kind=None):
    began = time.monotonic()
    try:
        status, answer = world.request(method, target, body, kind, timeout=25)
    except NoAnswer as error:
        raise AssertionError(f"{method} {target}: no answer in {time.monotonic() - began:.0f} s") from error
    return status, answer, time.monotonic() - began


def submit(world, scenario="waiting"):
    session = world.create_session(scenario)
    body = json.dumps({"session_id": session, "reference": scenario})
    status, answer, took = timed(world, "POST", "/v1/sessions", body, "application/json")
    if status in (200, 201):
        world.acknowledged[session] = scenario
    return status, answer, took


def problems(world):
    return [problem["code"] for problem in world.status()["problems"]]


def until_shown(world, case, began):
    slowest = case.seconds if case.seconds < 10 else 10
    while time.monotonic() - began < slowest + SHOWN_WITHIN:
        if case.problem in problems(world):
            return
        time.sleep(0.1)
    raise AssertionError(f"{case.problem} is not shown, but {problems(world)}")


def check_reads(world, known):
    for target in (f"/v1/sessions/{known}", "/v1/sessions?limit=10", "/v1/events?limit=10", "/v1/webhooks", "/v1/status"):
        status, answer, took = timed(world, "GET", target)
        checks.demand(status == 200, f"GET {target}: {status} {answer[:200]}")
        checks.demand(took < READ_WITHIN, f"GET {target} took {took:.1f} s")


def try_case(step, case):
    name = f"{case.thread} {case.call} {case.seconds} s"
    world = World(step.build, step.folder / name.replace(" ", "-"), SCENARIOS, webhooks=True)
    notifications = Notifications(world.folder / "notify")
    try:
        start(world, notifications)
        known = world.submit_many("waiting", 1)[0]
        world.submit_many("plain", 5)
        with delayed(world, case):
            strike(world, case, known)
            if case.seconds == FOR_EVER:
                checks.demand(not notifications.fed_since(time.monotonic() - WATCHDOG), "the watchdog is fed while nothing goes on")
        over = time.monotonic()
        while problems(world) and time.monotonic() - over < WELL_WITHIN:
            time.sleep(0.1)
        checks.demand(notifications.fed_since(over), "the watchdog is not fed again")
        checks.demand(not problems(world), f"{WELL_WITHIN} s after its end: {problems(world)}")
        status, answer, took = submit(world)
        checks.demand(status == 201 and took < READ_WITHIN, f"afterwards a submission gets {status} in {took:.1f} s: {answer[:200]}")
        checks.check_all(world)
        step.say(f"{name}: as it should be")
    finally:
        world.end()


def strike(world, case, known):
    began = time.monotonic()
    answers = []
    first = threading.Thread(target=lambda: answers.append(submit(world)))
    first.start()
    time.sleep(0.2)
    if case.thread == "store-reader":
        status, answer, took = timed(world, "GET", f"/v1/sessions/{known}")
        checks.demand(status in (200, 503) and took < ANSWERED_WITHIN, f"a read gets {status} in {took:.1f} s")
    else:
        check_reads(world, known)
    if case.problem:
        until_shown(world, case, began)
    first.join()
    status, answer, took = answers[0]
    checks.demand(took < ANSWERED_WITHIN, f"a submission took {took:.1f} s")
    checks.demand(status == (503 if case.refused else 201), f"a submission gets {status} {answer[:200]}")
    if case.refused:
        checks.demand(b"may still" in answer, f"the refusal does not say that it may still happen: {answer[:200]}")
        status, answer, took = submit(world)
        checks.demand(status == 503 and took < READ_WITHIN and b"nothing was stored" in answer,
                      f"while the disk hangs a submission gets {status} in {took:.1f} s: {answer[:200]}")
        check_reads(world, known)


def stalled_readers(step):
    """The log and the notifications are not read."""
    world = World(step.build, step.folder / "readers", SCENARIOS, settings='log.level = "debug"')
    world.configure()
    notify = str(world.folder / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as unread:
        unread.bind(notify)
        command = [world.build / "src/daemon/bankconnectd", "--config", world.folder / "bankconnectd.toml"]
        environment = {**os.environ, "NOTIFY_SOCKET": notify, "WATCHDOG_USEC": "100000"}
        world.daemon = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
        try:
            processes.until("the control socket is there", (world.folder / "control.sock").exists)
            ids = world.submit_many("plain", 100)
            slowest, end = 0, time.monotonic() + 10
            while time.monotonic() < end:
                slowest = max(slowest, timed(world, "GET", "/v1/status")[2])
                time.sleep(0.05)
            checks.demand(slowest < READ_WITHIN, f"the status took {slowest:.1f} s")
            checks.demand(not world.until_final(ids, READ_WITHIN), "sessions have not ended")
            step.say(f"log and notifications are not read: the status took {slowest * 1e3:.0f} ms at most")
        finally:
            world.end()


def run(step):
    stalled_readers(step)
    need_tracing()
    for case in SHORT if step.short else CASES:
        try_case(step, case)
