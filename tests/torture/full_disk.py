"""The disk becomes full and is freed again, repeatedly, under load. The ballast leaves between 0 and 200 KiB, so that a
different write fails first each time."""

import concurrent.futures
import contextlib
import functools
import json
import os
import sqlite3
import threading
import time

import checks
import parallel
import processes
from disk import need_disks
from event_reader import EventReader
from intents import IntentSampler
from load import Load
from small_disk import ANSWERS_WITHIN, COMMIT, FRAME, RECOVERS_WITHIN, SmallDiskWorld
from world import NoAnswer

FREE_BYTES = (0, 0, 0, 4 << 10, 16 << 10, 48 << 10, 200 << 10)  # bytes
CHECKPOINT = 4_000  # pages in the write-ahead log that start a checkpoint
WAL_INDEX_GROWS = 4_062  # pages in the write-ahead log from which on its index has to grow
SQLITE_IOERR_SHMSIZE = "4874"


def full_repeatedly_under_load(step):
    """Under load, with a reader of the event log and one of the database."""
    world = SmallDiskWorld(step, "again and again")
    threads = [Load(world, step.seed, 0.05), EventReader(world), IntentSampler(world.store)]
    load, reader, intents = threads
    try:
        world.begin()
        daemon = world.daemon
        world.submit_many("waiting", 5)
        for thread in threads:
            thread.start()
        for _ in range(2 if step.short else 20):
            time.sleep(world.chance.uniform(0.2, 0.8))
            if world.chance.random() < 0.6:
                world.empty_wal()
            world.ballast.fill(world.chance.choice(FREE_BYTES))
            world.until_status_says_full()
            work_while_full(world, world.chance.uniform(0.3, 1.5))
            world.free_space()
        load.end()
        reader.end()
        initiates, seconds = intents.end(world.requests())
        checks.demand(world.daemon is daemon and daemon.poll() is None, f"the daemon has ended: {world.log_tail()}")
        step.say(f"full {len(world.noticed)} times: {measured(world)}; {len(world.acknowledged)} sessions, {initiates} initiates "
                 f"in {seconds:.0f} s without a commit")
        checks.check_all(world)
    finally:
        for thread in threads:
            thread.over.set()
        world.end()


def work_while_full(world, seconds):
    """Reads work. Submissions and webhooks are refused, or accepted and then kept."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        world.check_reads()
        world.submit_one()
        world.webhook(world.chance.randrange(100, 100_000))
        time.sleep(0.02)


def measured(world):
    return (f"shown after at most {max(world.noticed):.1f} s, recovered after at most {max(world.recovered):.1f} s; "
            f"{sum(world.refused.values())} refused, {world.accepted} accepted")


def the_wal_index_cannot_grow(step):
    """There is space for the next pages of the write-ahead log, not for those of its index. An open read transaction
    keeps the log from being reset."""
    world = SmallDiskWorld(step, "index")
    try:
        world.begin()
        world.submit_one()
        world.empty_wal()
        with reading(world.store):
            world.fill_wal(WAL_INDEX_GROWS - COMMIT)
            world.ballast.fill(0)
            world.until_status_says_full(100, 100)
            give_back_until_the_index_fails(world)
            work_while_full(world, 0.5)
        world.free_space()
        step.say(f"the write-ahead log's index cannot grow: {measured(world)}")
        checks.check_all(world)
    finally:
        world.end()


@contextlib.contextmanager
def reading(database):
    """Keeps a read transaction open."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sessions").fetchone()
        yield


def give_back_until_the_index_fails(world):
    """Frees a page at a time, until there is enough space for the log and not for its index."""
    for _ in range(100):
        world.webhook(100)
        if any(SQLITE_IOERR_SHMSIZE in message for message in world.refused):
            return
        world.ballast.give_back(4_096)
    raise AssertionError(f"it was not the index that could not grow: {world.refused}")


def the_database_cannot_grow(step):
    """A checkpoint fails for lack of space, and the write-ahead log grows until it cannot."""
    world = SmallDiskWorld(step, "database")
    try:
        world.begin()
        world.submit_one()
        world.empty_wal()
        size = os.path.getsize(world.store)
        world.fill_wal(CHECKPOINT)
        world.ballast.fill(4 * COMMIT * FRAME)
        world.until_status_says_full(100, 1_000)
        pages, copied = world.wal_pages()
        checks.demand(pages >= CHECKPOINT > copied, f"{copied} of {pages} pages of the log are checkpointed: the database could grow")
        work_while_full(world, 0.5)
        world.free_space()
        checks.demand(os.path.getsize(world.store) > size, "no checkpoint was made once space was free")
        step.say(f"the database cannot grow: {measured(world)}")
        checks.check_all(world)
    finally:
        world.end()


def restarts_while_full(step):
    """The daemon is stopped or killed, before or after the disk becomes full, and started while it is full. If SQLite
    cannot create its files, the daemon logs `waiting_for_room` and waits. It starts by itself once space is freed."""
    world = SmallDiskWorld(step, "ends and starts")
    load = Load(world, step.seed, 0.1)
    ways = [("stopped before", world.stop_daemon), ("killed while", world.kill_daemon)]
    if not step.short:
        ways += [("stopped while", world.stop_daemon), ("killed before", world.kill_daemon)]
    results = []
    try:
        world.begin()
        load.start()
        for way, end in ways:
            time.sleep(0.5)
            if "while" in way:
                world.ballast.fill(0)
                world.until_status_says_full()
            checks.demand(end() in (0, None), f"{way} the disk was full: {world.daemon.returncode}")
            world.ballast.fill(0)
            results.append(f"{way} the disk was full: {starts_with_a_full_disk(world)}")
            world.free_space()
        load.end()
        step.say("; ".join(results))
        checks.check_all(world)
    finally:
        load.over.set()
        world.end()


def starts_with_a_full_disk(world):
    """Starts the daemon in this thread, with which it would end; another thread frees space if it waits."""
    log_start = len(world.log_tail(None))
    over = threading.Event()

    def free_space_if_it_waits():
        while not over.wait(0.05):
            if '"waiting_for_room"' in world.log_tail(None)[log_start:]:
                time.sleep(1)
                waited = world.running() and not over.is_set()
                world.ballast.remove()
                return time.monotonic() if waited else 0
        return None

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        looking = pool.submit(free_space_if_it_waits)
        try:
            world.begin()
        finally:
            over.set()
        ready, freed_at = time.monotonic(), looking.result()
    if freed_at is None:
        world.check_reads()
        return "starts"
    checks.demand(freed_at and ready - freed_at < RECOVERS_WITHIN, f"it did not wait for space, or did not start then: {world.log_tail()}")
    return f"waits, and starts {ready - freed_at:.1f} s after space is freed"


def commands_are_refused_while_full(step):
    """Commands are refused while the disk is full: at once, and without effect."""
    world = SmallDiskWorld(step, "commands")
    try:
        world.begin()
        waiting, completed = world.submit_many("waiting", 1)[0], world.create_session("plain")
        held = json.dumps({"session_id": completed, "hold": True})
        checks.demand(world.request("POST", "/v1/sessions", held, "application/json")[0] == 201, "a held session was refused")
        processes.until("the session is complete", lambda: world.session(completed)["state"] == "COMPLETED")
        world.empty_wal()
        world.ballast.fill(0)
        world.until_status_says_full(100, 100)
        for session, command in ((waiting, "hold"), (completed, "process"), (completed, "release")):
            status = answered_at_once(world, "POST", f"/v1/sessions/{session}/{command}")
            checks.demand(status == 503, f"{command} while the disk is full: {status}")
        status = answered_at_once(world, "DELETE", f"/v1/sessions/{waiting}")
        checks.demand(status == 503, f"forget while the disk is full: {status}")
        world.free_space()
        checks.demand(not world.session(waiting)["hold"], "hold was refused and has taken effect")
        checks.demand(world.session(completed)["hold"], "release or process was refused and has taken effect")
        world.request("POST", f"/v1/sessions/{completed}/release")
        world.acknowledged[completed] = "plain"
        checks.check_all(world)
        step.say("commands are refused at once and without effect")
    finally:
        world.end()


def answered_at_once(world, method, target):
    try:
        return world.request(method, target, timeout=ANSWERS_WITHIN)[0]
    except NoAnswer as error:
        raise AssertionError(f"{method} {target} while the disk is full: {error}") from None


def a_command_is_the_first_to_find_the_disk_full(step):
    """A command whose write is the first to fail is answered at once, too."""
    world = SmallDiskWorld(step, "finds it")
    try:
        world.begin()
        for pages in range(0, 12, 2 if step.short else 1):
            sessions = world.submit_many("waiting", 6)
            world.empty_wal()
            world.ballast.fill(pages * 4_096)
            found = [answered_at_once(world, "POST", f"/v1/sessions/{session}/hold") for session in sessions]
            checks.demand(set(found) <= {202, 503}, f"hold with {pages} pages free: {found}")
            world.free_space()
            held = [202 if world.session(session)["hold"] else 503 for session in sessions]
            checks.demand(held == found, f"hold was answered with {found} and had the effects of {held}")
        step.say("a command that is the first to find the disk full is answered at once")
        checks.check_all(world)
    finally:
        world.end()


def run(step):
    need_disks(step.folder)
    cases = (full_repeatedly_under_load, the_wal_index_cannot_grow, the_database_cannot_grow, restarts_while_full,
             commands_are_refused_while_full, a_command_is_the_first_to_find_the_disk_full)
    parallel.run_all({case.__name__: functools.partial(case, step) for case in cases}, at_once=6)
