"""Power cuts under load, at random moments, in two ways:

- The file system below the database and the status files is shut down: unflushed data is lost, all I/O fails with EIO.
- The disk loses its write cache: each unflushed sector is written or lost, all I/O fails with EIO.

Half of the time the daemon is killed at that moment, as by a real power cut. Otherwise it has to notice, log the reason
and exit with 74. Then the journal is replayed, and a copy of the database is checked before the daemon starts on it.

Not modelled: a disk that ignores flushes, sectors that are damaged instead of old or new, and file systems other
than ext4 with its defaults."""

import collections
import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import time

import checks
import processes
import session_scenarios
from disk import FLUSH, LOG_FLUSH, NO_LOG_FLUSH, Disk, need_disks
from event_reader import EventReader
from load import Load
from world import World
from write_cache import WriteCache

EXIT_STORE_FAILED = 74
EXIT_MESSAGES = ("store_failed", "store_unusable", "bankconnectd: ")
TIMEOUT = 5  # seconds in which the daemon has to notice that it cannot commit


class DeliveredWebhooks:
    """Counts the webhooks that were answered with 200, by session, from the stand-in's log."""

    def __init__(self, world):
        self.log, self.at, self.counts = world.folder / "requests.ndjson", 0, {}

    def count_new(self):
        time.sleep(0.05)  # the log is on disk within 20 ms
        with open(self.log, "rb") as log:
            log.seek(self.at)
            for line in log:
                if not line.endswith(b"\n"):
                    break
                self.at += len(line)
                if b'"delivered"' in line:
                    session = json.loads(line)["session_id"]
                    self.counts[session] = self.counts.get(session, 0) + 1
        return self.counts


class Machine:
    """A world whose daemon keeps everything on a disk of its own, and the power cuts of that disk."""

    def __init__(self, step):
        self.step, self.chance = step, random.Random(step.seed)
        self.disk = Disk(step.folder, 512)
        self.cache = None
        self.mount(False)
        self.world = World(step.build, step.folder / "world", session_scenarios.SCENARIOS, webhooks=True)
        (self.disk.mount_point / "status").mkdir()
        (self.world.folder / "status").symlink_to(self.disk.mount_point / "status")
        self.disk.write_back()
        self.delivered = DeliveredWebhooks(self.world)
        self.reader = EventReader(self.world)
        self.load = Load(self.world, step.seed, 0.03)
        self.log_read = 0
        self.exit_times, self.ready, self.sectors = [], [], [0, 0]

    def mount(self, cached):
        if cached:
            self.cache = WriteCache(self.disk.image, self.step.folder / "cached.img")
        self.disk.mount(self.cache.file if self.cache else self.disk.image)

    def unmount(self):
        self.disk.unmount()
        if self.cache:
            self.cache.end()
            self.cache = None

    def cut(self, how, cached):
        if cached:
            self.unmount()
            self.mount(True)
        self.ready.append(self.world.start_daemon())
        assert self.ready[-1] is not None, f"it did not start again: {self.world.log_tail()}"
        self.new_log_text()
        how(self)
        self.check_what_is_left()

    def first_start(self, number, cached):
        """A cut while the database is created."""
        self.world.store = self.disk.mount_point / f"first-{number}"
        self.unmount()
        self.mount(cached)
        self.start_into_cut()
        self.world.kill_daemon()
        self.unmount()
        self.mount(False)
        assert self.world.start_daemon() is not None, f"it does not start after the cut: {self.world.log_tail()}"
        checks.demand(self.world.stop_daemon() == 0, f"it did not stop: {self.world.log_tail()}")
        checks.database(self.world.store)

    def killed(self):
        self.wait_a_moment()
        self.world.daemon.send_signal(signal.SIGKILL)
        self.power_off()
        self.world.daemon.wait()

    def exits_by_itself(self):
        self.wait_a_moment()
        self.power_off_running()
        self.check_exit()

    def exits_while_starting(self):
        self.world.kill_daemon()
        self.start_into_cut()
        self.check_exit()

    def start_into_cut(self):
        self.world.daemon = None
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            off = pool.submit(self.power_off_soon, self.chance.uniform(0, 0.05))
            self.world.start_daemon()
            off.result()

    def power_off_soon(self, pause):
        time.sleep(pause)
        self.power_off_running()

    def wait_a_moment(self):
        if self.chance.random() < 0.3:
            time.sleep(self.chance.uniform(0, 0.5))
            self.disk.write_back()
        time.sleep(self.chance.uniform(0, 1))

    def power_off(self):
        if self.cache:
            written, of = self.cache.cut(self.chance.getrandbits(32))
            self.sectors[0] += of - written
            self.sectors[1] += of
        else:
            self.disk.shut_down(self.chance.choices((NO_LOG_FLUSH, LOG_FLUSH, FLUSH), (7, 2, 1))[0])

    def power_off_running(self):
        """Cuts the power below a running daemon. For a file system shutdown it is stopped first, so that no fdatasync
        is under way: that may return 0 without having flushed (Linux 6.18: 9 of 150 times), which a real power cut
        would hide."""
        processes.until("there is a daemon", lambda: self.world.daemon)
        if self.cache:
            self.power_off()
        else:
            stop(self.world.daemon)
            self.power_off()
            self.world.daemon.send_signal(signal.SIGCONT)
        self.off_at = time.monotonic()

    def check_exit(self):
        try:
            code = self.world.daemon.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it still runs {TIMEOUT} s after I/O began to fail: {self.new_log_text()[-1500:]}") from None
        self.exit_times.append(time.monotonic() - self.off_at)
        words = self.new_log_text()
        checks.demand(code == EXIT_STORE_FAILED, f"it ended with {code} when I/O began to fail: {words[-1500:]}")
        checks.demand(any(word in words for word in EXIT_MESSAGES), f"it did not log why it ended: {words[-1500:]}")

    def new_log_text(self):
        """What the daemon has logged since the last call."""
        with open(self.world.folder / "daemon.log", "rb") as log:
            log.seek(self.log_read)
            text = log.read()
        self.log_read += len(text)
        return text.decode(errors="replace")

    def check_what_is_left(self):
        """Checks a copy of the database, so that the daemon starts on the original."""
        self.unmount()
        self.mount(False)
        copy = self.step.folder / "left" / "db"
        shutil.rmtree(copy.parent, ignore_errors=True)
        copy.parent.mkdir()
        for suffix in ("", "-wal"):
            if os.path.exists(f"{self.world.store}{suffix}"):
                shutil.copyfile(f"{self.world.store}{suffix}", f"{copy}{suffix}")
        checks.acknowledged_are_stored(self.world, copy)
        connection = sqlite3.connect(f"file:{copy}?mode=ro", uri=True)
        last = connection.execute("SELECT max(seq) FROM events").fetchone()[0] or 0
        webhooks = dict(connection.execute("SELECT lower(hex(id)), sum(count) FROM webhooks GROUP BY id"))
        connection.close()
        checks.demand(last >= self.reader.seq, f"events up to {self.reader.seq} were read, the log ends at {last}")
        delivered = self.delivered.count_new()
        lost = [session for session in delivered if webhooks.get(session.replace("-", ""), 0) < delivered[session]]
        checks.demand(not lost, f"webhooks for {len(lost)} sessions that were answered with 200 are lost: {lost[:3]}")

    def end(self):
        self.load.over.set()
        self.reader.over.set()
        self.world.end()
        self.unmount()


def stop(process):
    """Stops the process; returns once none of its threads is in a system call."""
    process.send_signal(signal.SIGSTOP)
    tasks = pathlib.Path(f"/proc/{process.pid}/task")

    def stopped():
        states = [(task / "stat").read_text().rpartition(")")[2].split()[0] for task in tasks.iterdir()]
        return all(state in "TXZ" for state in states)

    processes.until("the daemon is stopped", stopped)


def has_caches():
    return os.path.exists("/dev/fuse")


def plan(step):
    """(method, whether the write cache is lost) of each cut."""
    once = [(Machine.killed, False), (Machine.exits_by_itself, False), (Machine.exits_while_starting, False)]
    if has_caches():
        once += [(Machine.killed, True), (Machine.exits_by_itself, True), (Machine.exits_while_starting, True)]
    else:
        print("\n*** SKIPPED: power: no /dev/fuse, so no cut loses a write cache. That is NOT proven.\n", flush=True)
    often = [(how, cached) for how, cached in once if how is not Machine.exits_while_starting] * 3
    cuts = once + random.Random(step.seed).choices(once + often, k=(8 if step.short else 200) - len(once))
    random.Random(step.seed).shuffle(cuts)
    return cuts


def run(step):
    need_disks(step.folder)
    cuts = plan(step)
    machine = Machine(step)
    world = machine.world
    try:
        for number in range(2 if step.short else 20):
            machine.first_start(number, number % 2 and has_caches())
        world.store = machine.disk.mount_point / "db"
        machine.load.start()
        machine.reader.start()
        for how, cached in cuts:
            machine.cut(how, cached)
        assert world.start_daemon() is not None, world.log_tail()
        machine.load.end()
        machine.reader.end()
        late = world.until_final(world.acknowledged)
        checks.demand(not late, f"{len(late)} sessions are not final a minute after the last cut")
        report(step, machine, cuts)
        checks.status_files(world, world.acknowledged)
        checks.check_all(world)
    finally:
        machine.end()


def report(step, machine, cuts):
    exit_times, ready = sorted(machine.exit_times), sorted(machine.ready)
    kinds = collections.Counter(how.__name__.replace("_", " ") + ", write cache lost" * cached for how, cached in cuts)
    step.say("; ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    step.say(f"{len(machine.world.acknowledged)} sessions, {sum(machine.delivered.counts.values())} webhooks and {machine.reader.seq} "
             f"events are kept; {machine.sectors[0]} of {machine.sectors[1]} sectors in write caches are lost")
    step.say(f"exited by itself after median {statistics.median(exit_times) * 1e3:.0f} ms, most {exit_times[-1] * 1e3:.0f} ms; "
             f"READY again after median {statistics.median(ready) * 1e3:.0f} ms, most {ready[-1] * 1e3:.0f} ms")
