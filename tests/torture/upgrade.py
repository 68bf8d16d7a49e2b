"""Databases that earlier versions wrote, with many sessions: each is followed again, with everything in it."""

import json
import pathlib
import random
import re
import shutil
import sqlite3

import checks
import session_scenarios
from world import World

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "src/store_sqlite/schema.cpp"
APPLICATION = 1650680881
LIVE_SHARE = 0.5
SAMPLE = 200
THEN = 1_790_000_000_000  # milliseconds
NO_UPLOADS, ENRICHED, COMPLETE = 0, 5, 1  # as stored


def versions():
    """The SQL that leads to each version of the schema."""
    found = re.findall(r'kVersion\d+ = R"sql\((.*?)\)sql"', SCHEMA.read_text(), re.DOTALL)
    assert len(found) >= 8, "schema.cpp has another form"
    return found


def sessions_of(count, chance):
    """Rows of the first version. Half of the sessions are final."""
    for number in range(count):
        final = number >= count * LIVE_SHARE
        state, outcome = (ENRICHED, COMPLETE) if final else (NO_UPLOADS, 0)
        at = THEN + number
        yield (chance.randbytes(16), f"loan {number}", state, int(final), 0, 3 if final else 1, outcome, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 7, at, at, at,
               at if final else None, f"account {number}")


def write_first_version(path, count, first):
    database = sqlite3.connect(path)
    database.executescript(first)
    database.executemany("INSERT INTO sessions (id, reference, state, final, failed_from, upload_status, outcome, reason, why, hold, process_wanted, "
                         "stalled, requested_elsewhere, anomalies, reinitiates, account_count, statement_count, fingerprint, submitted_at, followed_from, "
                         "since, final_at, error_message) VALUES (" + ",".join("?" * 23) + ")", sessions_of(count, random.Random(count)))
    database.execute("INSERT INTO events SELECT sid, sid, submitted_at, NULL, 0, 0, 0, 0, 0, 0, NULL FROM sessions")
    database.commit()
    database.close()


def migrate(path, steps, version):
    database = sqlite3.connect(path)
    for step in steps:
        database.executescript(step)
    database.execute(f"PRAGMA application_id = {APPLICATION}")
    database.execute(f"PRAGMA user_version = {version}")
    database.commit()
    database.close()


def expected(path):
    database = sqlite3.connect(path)
    rows = database.execute(f"SELECT hex(id), reference, final FROM sessions WHERE sid % (SELECT max(sid) / {SAMPLE} FROM sessions) = 0").fetchall()
    database.close()
    return rows


def try_version(step, first, all_versions, version, count):
    world = World(step.build, step.folder / f"version-{version}", session_scenarios.SCENARIOS,
                  settings='polling.upload_interval_min = "1h"\npolling.upload_interval_max = "2h"')
    try:
        shutil.copy(first, world.store)
        migrate(world.store, all_versions[1:version], version)
        rows = expected(world.store)
        took = world.start_daemon(timeout=120)
        checks.demand(took is not None, world.log_tail())
        states = world.status()["sessions"]
        live = int(count * LIVE_SHARE)
        checks.demand(states["NO_UPLOADS"] == live and states["ENRICHED"] == count - live, f"the status counts {states}")
        for name, reference, final in rows:
            session = world.session(f"{name[:8]}-{name[8:12]}-{name[12:16]}-{name[16:20]}-{name[20:]}".lower())
            checks.demand(session and session["reference"] == reference and session["final"] == bool(final), json.dumps(session))
        checks.demand(world.stop_daemon() == 0, world.log_tail())
        again = world.start_daemon(timeout=120)
        checks.demand(again is not None, world.log_tail())
        step.say(f"version {version}, {count} sessions: READY in {took:.1f} s, the next time in {again:.1f} s")
    finally:
        world.end()
        for file in world.folder.glob("db*"):
            file.unlink()


def run(step):
    count = 5_000 if step.short else 1_000_000
    all_versions = versions()
    first = step.folder / "first.db"
    write_first_version(first, count, all_versions[0])
    for version in range(1, len(all_versions) + 1):
        try_version(step, first, all_versions, version, count)
