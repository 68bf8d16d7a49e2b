"""Thousands of sessions and changing faults for half an hour: the daemon's resource use must not grow.
soak.py BUILD_DIR [MINUTES] writes soak.csv into the current folder; `script/soak` draws it."""

import argparse
import csv
import itertools
import json
import os
import pathlib
import random
import signal
import socket
import statistics
import tempfile
import threading
import time

import checks
import session_scenarios
from load import Load
from world import ControlConnection, World

LONG_SESSION_EVERY = 0.08  # seconds between sessions that are followed for four minutes each, so thousands at a time
RETENTION = 60  # seconds
EVERY = 5  # seconds between two samples

SETTINGS = f"""
store.retention = "{RETENTION}s"
upstream.request_timeout = "3s"
log.level = "warning"
"""

WEBHOOK_FAULTS = """
[[webhook_fault]]
share = 10
kind = "lost"
[[webhook_fault]]
share = 20
kind = "doubled"
[[webhook_fault]]
share = 30
kind = "late"
"""

OUTAGES = ["status", "drop", "reset", "stall", "bad_json", "truncated", "html", "wrong_session", "redirect", "slow_body", "drop_after"]


def long_outages(seconds):
    """(begin, end) of one outage a quarter, the same in all: it determines the peak use of memory and disk."""
    quarter = seconds / 4
    return [(round((at + 0.25) * quarter), round((at + 0.25) * quarter + min(60, quarter / 6))) for at in range(4)]


def scenario_file(chance, seconds):
    """A short outage every 30 seconds, of all kinds in turn, and one long outage in each quarter."""
    faults = WEBHOOK_FAULTS
    kinds = itertools.cycle(chance.sample(OUTAGES, len(OUTAGES)))
    outages = [(begin, end, "status") for begin, end in long_outages(seconds)]
    for begin in range(20, int(seconds), 30):
        if all(begin < long - 10 or begin > end + 10 for long, end, _ in outages[:4]):
            outages.append((begin, begin + chance.randint(2, 4), next(kinds)))
    for begin, end, kind in outages:
        for call in ("upload_status", "initiate", "progress", "session_status", "insights"):
            faults += f'[[fault]]\ncall = "{call}"\nfrom = "{begin}s"\nuntil = "{end}s"\nkind = "{kind}"\n'
    return session_scenarios.SCENARIOS + faults


class EventFollower(threading.Thread):
    """Follows the event log over the control socket and checks that no `seq` is missing."""

    def __init__(self, world):
        super().__init__(daemon=True)
        self.world, self.seq, self.ends, self.error, self.over = world, 0, {}, None, threading.Event()

    def run(self):
        try:
            connection = ControlConnection(self.world.folder / "control.sock", None)
            connection.request("GET", "/v1/events?after=0&follow=true")
            for line in connection.getresponse():
                if self.over.is_set():
                    return
                self.take(json.loads(line))
        except Exception as error:  # raised by soak()
            if not self.over.is_set():
                self.error = error

    def take(self, event):
        checks.demand(event["seq"] == self.seq + 1, f"event {event['seq']} after {self.seq}")
        self.seq = event["seq"]
        if event.get("final"):
            shown = " ".join(word for word in (event["to"], event["outcome"] or event["reason"]) if word)
            checks.demand(event["session_id"] not in self.ends, f"{event['session_id']} ended twice")
            self.ends[event["session_id"]] = shown


class Disturbances(threading.Thread):
    """Webhook connections that send nothing or garbage, and now and then a reload or a backup."""

    def __init__(self, world, seed):
        super().__init__(daemon=True)
        self.world, self.chance, self.over = world, random.Random(seed), threading.Event()

    def run(self):
        silent = []
        while not self.over.wait(0.2):
            peer = socket.create_connection(("127.0.0.1", self.world.webhook_port), timeout=5)
            peer.sendall(self.chance.choice([b"", b"POST ", b"GET / HTTP/1.1\r\n", b"\x16\x03\x01", b"POST / HTTP/1.1\r\nHost: a\r\n"]))
            silent.append(peer)
            if len(silent) > 50:
                silent.pop(0).close()
            if self.chance.random() < 0.005:
                self.world.daemon.send_signal(signal.SIGHUP)
            if self.chance.random() < 0.002:
                copy = self.world.folder / "backup.db"
                copy.unlink(missing_ok=True)
                self.world.request("POST", "/v1/backup", json.dumps({"path": str(copy)}), "application/json")


def sample(world, began):
    process = pathlib.Path("/proc") / str(world.daemon.pid)
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    log = world.store.with_name(world.store.name + "-wal")
    return {
        "minutes": round((time.monotonic() - began) / 60, 2),
        "rss_mib": round(int(status["VmRSS"].split()[0]) / 1024, 2),
        "descriptors": len(os.listdir(process / "fd")),
        "threads": int(status["Threads"]),
        "wal_mib": round(log.stat().st_size / 2**20, 2) if log.exists() else 0,
        "database_mib": round(world.store.stat().st_size / 2**20, 2),
        "files": sum(1 for _ in (world.folder / "status").rglob("*")),
        "followed": world.status()["followed"],
    }


def judge(samples):
    """Compares the last quarter with the second, by which time use is steady."""
    quarter = len(samples) // 4
    early, late = samples[quarter:2 * quarter], samples[-quarter:]
    # The database file never shrinks, so its maximum counts.
    for key, slack, typical in (("rss_mib", 1.1, statistics.median), ("descriptors", 1.25, statistics.median),
                                ("threads", 1.0, statistics.median), ("database_mib", 1.1, max), ("files", 1.1, statistics.median)):
        before, after = (typical(one[key] for one in part) for part in (early, late))
        print(f"  {key}: {typical.__name__} {before:g} in the second quarter, {after:g} in the last", flush=True)
        checks.demand(after <= before * slack, f"{key} grows: {before} to {after}")
    longest = max(one["wal_mib"] for one in samples)
    print(f"  wal_mib: at most {longest:g}", flush=True)
    checks.demand(longest <= 64, f"the write-ahead log grew to {longest} MiB")


def soak(world, minutes, seed):
    world.start_daemon()
    loads = [Load(world, seed, pause=0.05), Load(world, seed + 1, LONG_SESSION_EVERY, "expires_late")]
    reader, disturbances = EventFollower(world), Disturbances(world, seed)
    for one in (reader, disturbances, *loads):
        one.start()
    samples, began = [], time.monotonic()
    ends = [end + 2 for _, end in long_outages(minutes * 60)]
    while time.monotonic() - began < minutes * 60:
        time.sleep(EVERY)
        samples.append(sample(world, began))
        if ends and time.monotonic() - began > ends[0]:  # after a long outage an operator reloads
            ends.pop(0)
            world.daemon.send_signal(signal.SIGHUP)
    disturbances.over.set()
    for load in loads:
        load.end()
    ending = {session: world.expected[scenario].ending for session, scenario in world.acknowledged.items()}
    end = time.monotonic() + 300  # sessions that expire after four minutes
    while not reader.error and len(reader.ends) < len(ending) and time.monotonic() < end:
        time.sleep(0.1)
    reader.over.set()
    if reader.error:
        raise reader.error
    wrong = {session: (reader.ends.get(session), right) for session, right in ending.items() if reader.ends.get(session) != right}
    checks.demand(not wrong, f"{len(wrong)} sessions did not end as expected: {list(wrong.items())[:3]}")
    checks.initiated_once(world, finished=True)
    checks.no_secret_shown(world)
    checks.demand(world.stop_daemon() == 0, world.log_tail())
    print(f"  {len(ending)} sessions ended as expected, each initiated once in effect; {reader.seq} events without a gap", flush=True)
    return samples


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("minutes", nargs="?", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    with tempfile.TemporaryDirectory(prefix="soak-", ignore_cleanup_errors=True) as folder:
        scenarios = scenario_file(random.Random(arguments.seed), arguments.minutes * 60)
        world = World(arguments.build, folder, scenarios, SETTINGS, webhooks=True)
        try:
            samples = soak(world, arguments.minutes, arguments.seed)
        finally:
            world.end()
    with open("soak.csv", "w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, samples[0])
        writer.writeheader()
        writer.writerows(samples)
    judge(samples)


main()
