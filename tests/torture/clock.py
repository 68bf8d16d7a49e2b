"""The daemon's wall clock jumps by a day, by ten years and to 1970, while it runs and while it is down. Its monotonic
clock and the clocks of all other processes do not."""

import calendar
import collections
import contextlib
import functools
import glob
import json
import os
import random
import sqlite3
import time

import checks
import parallel
import processes
import session_scenarios
import world as torture_world
from load import Load
from session_scenarios import Scenario
from status_monitor import StatusMonitor

DAY = 86_400
JUMPS = {"a day ahead": DAY, "a day behind": -DAY, "ten years ahead": 3_652 * DAY, "ten years behind": -3_652 * DAY,
         "in 1970": None}

# Scenarios with a timeout that a wrong clock might end early. No session may fail, expire or be given up because of it.
TIMEOUT_SCENARIOS = {
    "found_late": Scenario(0, "ENRICHED complete"),  # polling.not_found_grace is an hour
    "long_processing": Scenario(0, "ENRICHED complete"),  # polling.processing_timeout is a day
    "without_expiry": Scenario(0, "ENRICHED complete"),  # polling.follow_for is 31 days
    "expires_meanwhile": Scenario(0, "EXPIRED", 0),
    "retry_after": Scenario(0, "ENRICHED complete"),
}
SCENARIOS = """
[scenario.found_late]
found_after = "{long}s"
no_uploads = "0s"
in_progress = "0s"
processing = "300ms"

[scenario.long_processing]
no_uploads = "0s"
in_progress = "100ms"
processing = "{long}s"

[scenario.without_expiry]
expires_in = ""
no_uploads = "{long}s"
in_progress = "100ms"
processing = "300ms"

[scenario.expires_meanwhile]
then = "no_uploads"
expires_in = "{long}s"

[scenario.retry_after]
no_uploads = "0s"
in_progress = "500ms"
processing = "300ms"
[[scenario.retry_after.fault]]
call = "upload_status"
nth = [1]
kind = "status"
status = 503
retry_after = "date:+2s"
"""
INTERVAL = 0.2  # seconds: the shortest that is configured; the longest is a second
LONGEST_GAP = 4
FIRST_SWEEP = 10  # seconds from the start to the first retention sweep
RETENTION = 90  # days, by default


class ClockWorld(torture_world.World):
    """A world whose daemon has a wall clock of its own (libfaketime)."""

    def __init__(self, step, name, long=8, settings=""):
        folder = step.folder / "".join(letter if letter.isalnum() else "_" for letter in name)
        folder.mkdir()
        self.clock = folder / "clock"
        self.ahead = 0
        self.load = None
        self.seed = f"{step.seed} {name}"
        self.jump(0)
        faked = {"LD_PRELOAD": library(), "FAKETIME_TIMESTAMP_FILE": str(self.clock), "FAKETIME_NO_CACHE": "1",
                 "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
        super().__init__(step.build, folder, session_scenarios.SCENARIOS + SCENARIOS.format(long=long),
                         'polling.safety_interval = "1s"\n' + settings, environment=faked, webhooks=True,
                         endings={**session_scenarios.EXPECTED, **TIMEOUT_SCENARIOS})

    def jump(self, seconds):
        """Sets the clock so many seconds ahead of the real time; None: to 1 January 1970."""
        self.ahead = 60 - int(time.time()) if seconds is None else seconds
        new = self.clock.with_suffix(".new")
        new.write_text(f"{self.ahead:+d}\n")
        os.replace(new, self.clock)

    def begin(self, load=True):
        assert self.start_daemon() is not None, self.log_tail()
        if load:
            self.load = Load(self, self.seed, 0.1)
            self.load.start()

    def submit_timeout_scenarios(self):
        for scenario in ("found_late", "long_processing", "without_expiry", "expires_meanwhile", "waiting"):
            self.submit_many(scenario, 5)

    def until_status_file_is_current(self):
        """Waits for a status file that was written with the clock as it is now."""
        began = time.monotonic()
        while time.monotonic() - began < 5:
            written_at = json.loads((self.folder / "status/status.json").read_text())["written_at"]
            if abs(calendar.timegm(time.strptime(written_at[:19], "%Y-%m-%dT%H:%M:%S")) - time.time() - self.ahead) < 5:
                return
            time.sleep(0.05)
        raise AssertionError(f"status.json was last written at {written_at}, the clock is {self.ahead} s ahead")

    def begin_with_one_session_due(self):
        """Starts with one session whose retention is over. Its erasure shows when the sweep ran."""
        self.begin(load=False)
        self.due, = self.submit_many("plain", 1)
        checks.demand(not self.until_final([self.due]), "the session did not end")
        checks.demand(self.stop_daemon() == 0, self.log_tail())
        with contextlib.closing(sqlite3.connect(self.store)) as database, database:
            database.execute("UPDATE sessions SET final_at = final_at - ?, checksum = NULL", (2 * RETENTION * DAY * 1000,))
        del self.acknowledged[self.due]
        self.first_sweep = time.monotonic() + FIRST_SWEEP  # or later, as the start takes time
        self.begin(load=False)

    def jump_before_sweep(self, seconds):
        self.jump(seconds)
        checks.demand(time.monotonic() < self.first_sweep, "the clock jumped too late to matter for the first sweep")

    def until_swept(self):
        processes.until("what was due is erased", lambda: self.session(self.due) is None)

    def end(self):
        if self.load:
            self.load.over.set()
        super().end()


def library():
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    if not found:
        torture_world.skip("needs libfaketime (package faketime)")
    return found[0]


def check_none_ended_early(world):
    """Sessions without uploads are still followed."""
    for session, scenario in list(world.acknowledged.items()):
        if scenario == "waiting":
            view = world.session(session)
            checks.demand(view is not None, f"{session} is not followed any longer")
            checks.demand(view["state"] == "NO_UPLOADS",
                          f"{session}, which has no uploads, is {view['state']} {view['reason']}")


def poll_intervals(world):
    """Waiting sessions are polled about as often as configured. Returns the shortest and the longest interval."""
    times = collections.defaultdict(list)
    for request in world.requests():
        if world.acknowledged.get(request["session_id"]) == "waiting" and request["call"] == "upload_status":
            times[request["session_id"]].append(request["steady_us"] / 1e6)
    gaps = [later - earlier for asked in times.values() for earlier, later in zip(asked, asked[1:])]
    checks.demand(min(gaps) > INTERVAL / 2, f"a session was polled again after {min(gaps):.2f} s")
    checks.demand(max(gaps) < LONGEST_GAP, f"a session was not polled for {max(gaps):.1f} s")
    return min(gaps), max(gaps)


def while_it_runs(step):
    """One jump after the other, under load. Retention is off; it has cases of its own."""
    hold, rounds = (0.3, 1) if step.short else (5, 2)
    world = ClockWorld(step, "while it runs", long=6 if step.short else 40, settings="store.retention = 0")
    chance = random.Random(world.seed)
    try:
        world.begin()
        monitor = StatusMonitor(world)
        world.submit_timeout_scenarios()
        jumps = []
        for _ in range(rounds):
            jumps += chance.sample(list(JUMPS), len(JUMPS))
        for name in jumps:
            world.jump(JUMPS[name])
            world.until_status_file_is_current()
            time.sleep(hold)
            check_none_ended_early(world)
        world.jump(0)
        world.load.end()
        world.until_final([session for session, scenario in world.acknowledged.items() if world.expected[scenario].ending])
        shortest, longest = poll_intervals(world)
        check_none_ended_early(world)
        measured = monitor.end()
        checks.check_all(world)
        step.say(f"the clock {', '.join(jumps)} while it ran: {len(world.acknowledged)} sessions ended as expected, polled "
                 f"every {shortest:.2f} to {longest:.2f} s; {measured}")
    finally:
        world.end()


def while_it_is_down(step, name):
    """The daemon is killed and started with a wrong clock, then killed and started with the real time."""
    world = ClockWorld(step, f"down {name}")
    try:
        world.begin()
        world.submit_timeout_scenarios()
        time.sleep(1.5)
        world.kill_daemon()
        world.jump(JUMPS[name])
        assert world.start_daemon() is not None, world.log_tail()
        world.until_status_file_is_current()
        time.sleep(2)
        check_none_ended_early(world)
        world.kill_daemon()
        world.jump(0)
        assert world.start_daemon() is not None, world.log_tail()
        world.load.end()
        checks.check_all(world)
        step.say(f"the clock {name} after a start: {len(world.acknowledged)} sessions ended as expected")
    finally:
        world.end()


def check_none_erased(world):
    gone = [session for session in world.acknowledged if world.session(session) is None]
    checks.demand(not gone, f"{len(gone)} of {len(world.acknowledged)} sessions that had just ended were erased")


def retention_ten_years_ahead(step):
    """A clock that is ahead for a few seconds does not erase sessions that have just ended."""
    world = ClockWorld(step, "retention ahead")
    try:
        world.begin_with_one_session_due()
        checks.demand(not world.until_final(world.submit_many("plain", 10)), "the sessions did not end")
        world.jump_before_sweep(JUMPS["ten years ahead"])
        world.until_swept()
        world.jump(0)
        check_none_erased(world)
        checks.check_all(world)
        step.say("ten years ahead for a few seconds: nothing was erased")
    finally:
        world.end()


def retention_from_1970(step):
    """The clock starts in 1970 and is corrected later. Sessions that ended before the correction are kept."""
    world = ClockWorld(step, "retention from 1970")
    try:
        world.jump(None)
        world.begin_with_one_session_due()
        checks.demand(not world.until_final(world.submit_many("plain", 10)), "the sessions did not end")
        world.jump_before_sweep(0)
        world.until_swept()
        check_none_erased(world)
        checks.check_all(world)
        step.say("corrected from 1970: nothing was erased")
    finally:
        world.end()


def webhooks_for_unknown_sessions(step):
    """A clock that is ahead for a few seconds does not erase webhooks for unknown sessions (kept for a week)."""
    world = ClockWorld(step, "webhooks to come")
    try:
        world.begin_with_one_session_due()
        early = [world.create_session("plain") for _ in range(5)]
        processes.until("their webhooks are kept", lambda: world.status()["webhooks"]["received"].get("kept", 0) >= len(early))
        world.jump_before_sweep(JUMPS["ten years ahead"])
        world.until_swept()
        world.jump(0)
        for session in early:
            assert world.submit(session, "plain")
        checks.check_all(world)
        step.say("ten years ahead for a few seconds: webhooks for unknown sessions were kept")
    finally:
        world.end()


def retry_after_as_date(step, name):
    """BankConnect sends a Retry-After of two seconds, as a date."""
    world = ClockWorld(step, f"retry after {name}")
    try:
        world.jump(JUMPS[name])
        world.begin(load=False)
        sessions = world.submit_many("retry_after", 5)
        began = time.monotonic()
        late = world.until_final(sessions, timeout=12)
        checks.demand(not late, f"{len(late)} sessions wait longer than Retry-After says: {world.session(min(late, default=''))}")
        took = time.monotonic() - began
        checks.check_all(world)
        step.say(f"Retry-After of two seconds as a date, the clock {name}: ended after {took:.1f} s")
    finally:
        world.end()


def all_cases(step):
    cases = {"while it runs": functools.partial(while_it_runs, step)}
    for name in ["a day ahead"] if step.short else JUMPS:
        cases[f"{name} after a start"] = functools.partial(while_it_is_down, step, name)
    for name in ["a day behind"] if step.short else JUMPS:
        cases[f"Retry-After while it is {name}"] = functools.partial(retry_after_as_date, step, name)
    for case in (retention_ten_years_ahead, retention_from_1970, webhooks_for_unknown_sessions):
        cases[case.__name__] = functools.partial(case, step)
    return cases


def run(step):
    library()
    parallel.run_all(all_cases(step), at_once=6)
