"""The daemon's wall clock jumps, by a day, by ten years and to 1970, while it runs and while it is down. Its monotonic
clock goes on as ever, and so does everybody else's time."""

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
import lives
import processes
import together
import world as torture_world
from lives import Life
from load import Load
from watch import Watch

DAY = 86_400
JUMPS = {"a day ahead": DAY, "a day behind": -DAY, "ten years ahead": 3_652 * DAY, "ten years behind": -3_652 * DAY,
         "in 1970": None}

# What can be taken for over when the clock is wrong. Nobody fails, expires or is given up for it.
SENSITIVE = {
    "found_late": Life(0, "ENRICHED complete"),  # polling.not_found_grace is an hour
    "long_processing": Life(0, "ENRICHED complete"),  # polling.processing_timeout is a day
    "without_expiry": Life(0, "ENRICHED complete"),  # polling.follow_for is 31 days
    "expires_meanwhile": Life(0, "EXPIRED", 0),
    "told_to_wait": Life(0, "ENRICHED complete"),
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

[scenario.told_to_wait]
no_uploads = "0s"
in_progress = "500ms"
processing = "300ms"
[[scenario.told_to_wait.fault]]
call = "upload_status"
nth = [1]
kind = "status"
status = 503
retry_after = "date:+2s"
"""
INTERVAL = 0.2  # seconds: the shortest that is configured; the longest is a second
LONGEST_GAP = 4
FIRST_SWEEP = 10  # seconds after its start the daemon looks for the first time what retention is over for
RETENTION = 90  # days, unless it is configured


class Clocked(torture_world.World):
    """A world whose daemon has a wall clock of its own."""

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
        super().__init__(step.build, folder, lives.SCENARIOS + SCENARIOS.format(long=long), environment=faked, webhooks=True,
                         endings={**lives.LIVES, **SENSITIVE}, settings='polling.safety_interval = "1s"\n' + settings)

    def jump(self, seconds):
        """To so many seconds ahead of the right time; None is the first of January 1970."""
        self.ahead = 60 - int(time.time()) if seconds is None else seconds
        new = self.clock.with_suffix(".new")
        new.write_text(f"{self.ahead:+d}\n")
        os.replace(new, self.clock)

    def begin(self, load=True):
        assert self.start_daemon() is not None, self.last_words()
        if load:
            self.load = Load(self, self.seed, 0.1)
            self.load.start()

    def hand_in_sensitive(self):
        for scenario in ("found_late", "long_processing", "without_expiry", "expires_meanwhile", "waiting"):
            self.submit_many(scenario, 5)

    def until_status_tells(self):
        """The status file goes on being written, with the daemon's own time in it."""
        began = time.monotonic()
        while time.monotonic() - began < 5:
            written_at = json.loads((self.folder / "status/status.json").read_text())["written_at"]
            if abs(calendar.timegm(time.strptime(written_at[:19], "%Y-%m-%dT%H:%M:%S")) - time.time() - self.ahead) < 5:
                return
            time.sleep(0.05)
        raise AssertionError(f"status.json was last written at {written_at}, the clock is {self.ahead} s ahead")

    def begin_with_one_due(self):
        """Retention is over for one session, so that one can see when it was looked for."""
        self.begin(load=False)
        self.due, = self.submit_many("plain", 1)
        checks.demand(not self.until_final([self.due]), "it did not end at all")
        checks.demand(self.stop_daemon() == 0, self.last_words())
        with contextlib.closing(sqlite3.connect(self.store)) as database, database:
            database.execute("UPDATE sessions SET final_at = final_at - ?", (2 * RETENTION * DAY * 1000,))
        del self.acknowledged[self.due]
        self.first_sweep = time.monotonic() + FIRST_SWEEP  # no sooner: it has yet to start
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


def nobody_ended_early(world):
    """Those nothing happened to are still followed."""
    for session, scenario in list(world.acknowledged.items()):
        if scenario == "waiting":
            view = world.session(session)
            checks.demand(view is not None, f"{session} is not followed any longer")
            checks.demand(view["state"] == "NO_UPLOADS",
                          f"{session}, of which nothing was heard, is {view['state']} {view['reason']}")


def cadence(world):
    """Those who wait were asked about neither faster than their interval nor much more slowly. Returns both extremes."""
    times = collections.defaultdict(list)
    for request in world.requests():
        if world.acknowledged.get(request["session_id"]) == "waiting" and request["call"] == "upload_status":
            times[request["session_id"]].append(request["steady_us"] / 1e6)
    gaps = [later - earlier for asked in times.values() for earlier, later in zip(asked, asked[1:])]
    checks.demand(min(gaps) > INTERVAL / 2, f"a session was asked about again after {min(gaps):.2f} s")
    checks.demand(max(gaps) < LONGEST_GAP, f"a session was not asked about for {max(gaps):.1f} s")
    return min(gaps), max(gaps)


def while_it_runs(step):
    """One jump after the other, under load. What retention does is told elsewhere."""
    hold, rounds = (0.3, 1) if step.short else (5, 2)
    world = Clocked(step, "while it runs", long=6 if step.short else 40, settings="store.retention = 0")
    chance = random.Random(world.seed)
    try:
        world.begin()
        watch = Watch(world)
        world.hand_in_sensitive()
        jumps = []
        for _ in range(rounds):
            jumps += chance.sample(list(JUMPS), len(JUMPS))
        for name in jumps:
            world.jump(JUMPS[name])
            world.until_status_tells()
            time.sleep(hold)
            nobody_ended_early(world)
        world.jump(0)
        world.load.end()
        world.until_final([session for session, scenario in world.acknowledged.items() if world.lives[scenario].ending])
        shortest, longest = cadence(world)
        nobody_ended_early(world)
        measured = watch.end()
        checks.everything(world)
        step.say(f"the clock {', '.join(jumps)} while it ran: {len(world.acknowledged)} sessions ended rightly, asked about "
                 f"every {shortest:.2f} to {longest:.2f} s; {measured}")
    finally:
        world.end()


def while_it_is_down(step, name):
    """Killed, and started again with another time; later the time is right again."""
    world = Clocked(step, f"down {name}")
    try:
        world.begin()
        world.hand_in_sensitive()
        time.sleep(1.5)
        world.kill_daemon()
        world.jump(JUMPS[name])
        assert world.start_daemon() is not None, world.last_words()
        world.until_status_tells()
        time.sleep(2)
        nobody_ended_early(world)
        world.kill_daemon()
        world.jump(0)
        assert world.start_daemon() is not None, world.last_words()
        world.load.end()
        checks.everything(world)
        step.say(f"the clock {name} after a start: {len(world.acknowledged)} sessions ended rightly")
    finally:
        world.end()


def nobody_was_erased(world):
    gone = [session for session in world.acknowledged if world.session(session) is None]
    checks.demand(not gone, f"{len(gone)} of {len(world.acknowledged)} sessions that had just ended were erased")


def retention_ten_years_ahead(step):
    """What has just ended is not erased because the clock is ahead for a few seconds."""
    world = Clocked(step, "retention ahead")
    try:
        world.begin_with_one_due()
        checks.demand(not world.until_final(world.submit_many("plain", 10)), "they did not end at all")
        world.jump_before_sweep(JUMPS["ten years ahead"])
        world.until_swept()
        world.jump(0)
        nobody_was_erased(world)
        checks.everything(world)
        step.say("ten years ahead for a few seconds: nothing was erased")
    finally:
        world.end()


def retention_from_1970(step):
    """A machine without a battery starts in 1970 and is set right later: what has just ended is not 50 years old."""
    world = Clocked(step, "retention from 1970")
    try:
        world.jump(None)
        world.begin_with_one_due()
        checks.demand(not world.until_final(world.submit_many("plain", 10)), "they did not end at all")
        world.jump_before_sweep(0)
        world.until_swept()
        nobody_was_erased(world)
        checks.everything(world)
        step.say("set right from 1970: nothing was erased")
    finally:
        world.end()


def webhooks_for_sessions_to_come(step):
    """They are kept for a week, not until the clock is ahead for a few seconds."""
    world = Clocked(step, "webhooks to come")
    try:
        world.begin_with_one_due()
        early = [world.create("plain") for _ in range(5)]
        processes.until("their webhooks are kept", lambda: world.status()["webhooks"]["received"].get("kept", 0) >= len(early))
        world.jump_before_sweep(JUMPS["ten years ahead"])
        world.until_swept()
        world.jump(0)
        for session in early:
            assert world.submit(session, "plain")
        checks.everything(world)
        step.say("ten years ahead for a few seconds: webhooks for sessions to come were kept")
    finally:
        world.end()


def told_to_wait_until(step, name):
    """BankConnect asks for two seconds of patience, as a date."""
    world = Clocked(step, f"told to wait {name}")
    try:
        world.jump(JUMPS[name])
        world.begin(load=False)
        sessions = world.submit_many("told_to_wait", 5)
        began = time.monotonic()
        late = world.until_final(sessions, patience=12)
        checks.demand(not late, f"{len(late)} sessions wait longer than they were told: {world.session(min(late, default=''))}")
        took = time.monotonic() - began
        checks.everything(world)
        step.say(f"told to wait for two seconds, the clock {name}: ended after {took:.1f} s")
    finally:
        world.end()


def stories(step):
    told = {"while it runs": functools.partial(while_it_runs, step)}
    for name in ["a day ahead"] if step.short else JUMPS:
        told[f"{name} after a start"] = functools.partial(while_it_is_down, step, name)
    for name in ["a day behind"] if step.short else JUMPS:
        told[f"told to wait while it is {name}"] = functools.partial(told_to_wait_until, step, name)
    for story in (retention_ten_years_ahead, retention_from_1970, webhooks_for_sessions_to_come):
        told[story.__name__] = functools.partial(story, step)
    return told


def run(step):
    library()
    together.tell(stories(step), at_once=6)
