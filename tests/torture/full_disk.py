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
import processes
import together
from crowded import ANSWER, COMMIT, FRAME, GOES_ON, Crowded
from disk import need_disks
from intents import Intents
from load import Load
from reader import Reader
from world import NoDaemon

LEFT = (0, 0, 0, 4 << 10, 16 << 10, 48 << 10, 200 << 10)  # bytes
CHECKPOINT = 4_000  # pages in the write-ahead log that start a checkpoint
INDEX = 4_062  # pages in the write-ahead log from which on its index has to grow
SQLITE_IOERR_SHMSIZE = "4874"


def again_and_again(step):
    """Under load, with a reader of the event log and one of the database."""
    world = Crowded(step, "again and again")
    threads = [Load(world, step.seed, 0.05), Reader(world), Intents(world.store)]
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
                world.empty_log()
            world.ballast.fill(world.chance.choice(LEFT))
            world.until_it_tells()
            live_with_it(world, world.chance.uniform(0.3, 1.5))
            world.make_room()
        load.end()
        reader.end()
        initiates, seconds = intents.end(world.requests())
        checks.demand(world.daemon is daemon and daemon.poll() is None, f"the daemon has ended: {world.last_words()}")
        step.say(f"full {len(world.noticed)} times: {measured(world)}; {len(world.acknowledged)} sessions, {initiates} initiates "
                 f"in {seconds:.0f} s without a commit")
        checks.everything(world)
    finally:
        for thread in threads:
            thread.over.set()
        world.end()


def live_with_it(world, seconds):
    """Reads work. Submissions and webhooks are refused, or accepted and then kept."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        world.everything_can_be_read()
        world.submission()
        world.webhook(world.chance.randrange(100, 100_000))
        time.sleep(0.02)


def measured(world):
    return (f"shown after at most {max(world.noticed):.1f} s, recovered after at most {max(world.went_on):.1f} s; "
            f"{sum(world.refused.values())} refused, {world.taken} accepted")


def the_index_cannot_grow(step):
    """There is space for the next pages of the write-ahead log, not for those of its index. An open read transaction
    keeps the log from being reset."""
    world = Crowded(step, "index")
    try:
        world.begin()
        world.submission()
        world.empty_log()
        with reading(world.store):
            world.fill_log(INDEX - COMMIT)
            world.ballast.fill(0)
            world.until_it_tells(100, 100)
            give_back_until_the_index_fails(world)
            live_with_it(world, 0.5)
        world.make_room()
        step.say(f"the write-ahead log's index cannot grow: {measured(world)}")
        checks.everything(world)
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
    world = Crowded(step, "database")
    try:
        world.begin()
        world.submission()
        world.empty_log()
        size = os.path.getsize(world.store)
        world.fill_log(CHECKPOINT)
        world.ballast.fill(4 * COMMIT * FRAME)
        world.until_it_tells(100, 1_000)
        pages, copied = world.log_pages()
        checks.demand(pages >= CHECKPOINT > copied, f"{copied} of {pages} pages of the log are checkpointed: the database could grow")
        live_with_it(world, 0.5)
        world.make_room()
        checks.demand(os.path.getsize(world.store) > size, "no checkpoint was made once space was free")
        step.say(f"the database cannot grow: {measured(world)}")
        checks.everything(world)
    finally:
        world.end()


def ends_and_starts(step):
    """The daemon is stopped or killed, before or after the disk becomes full, and started while it is full. If SQLite
    cannot create its files, the daemon logs `waiting_for_room` and waits. It starts by itself once space is freed."""
    world = Crowded(step, "ends and starts")
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
                world.until_it_tells()
            checks.demand(end() in (0, None), f"{way} the disk was full: {world.daemon.returncode}")
            world.ballast.fill(0)
            results.append(f"{way} the disk was full: {starts_with_a_full_disk(world)}")
            world.make_room()
        load.end()
        step.say("; ".join(results))
        checks.everything(world)
    finally:
        load.over.set()
        world.end()


def starts_with_a_full_disk(world):
    """Starts the daemon in this thread, with which it would end; another thread frees space if it waits."""
    said = len(world.last_words(None))
    over = threading.Event()

    def make_room_if_it_waits():
        while not over.wait(0.05):
            if '"waiting_for_room"' in world.last_words(None)[said:]:
                time.sleep(1)
                waited = world.running() and not over.is_set()
                world.ballast.remove()
                return time.monotonic() if waited else 0
        return None

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        looking = pool.submit(make_room_if_it_waits)
        try:
            world.begin()
        finally:
            over.set()
        ready, room = time.monotonic(), looking.result()
    if room is None:
        world.everything_can_be_read()
        return "starts"
    checks.demand(room and ready - room < GOES_ON, f"it did not wait for space, or did not start then: {world.last_words()}")
    return f"waits, and starts {ready - room:.1f} s after space is freed"


def commands_are_refused(step):
    """Commands are refused while the disk is full: at once, and without effect."""
    world = Crowded(step, "commands")
    try:
        world.begin()
        waiting, completed = world.submit_many("waiting", 1)[0], world.create("plain")
        held = json.dumps({"session_id": completed, "hold": True})
        checks.demand(world.request("POST", "/v1/sessions", held, "application/json")[0] == 201, "a held session was refused")
        processes.until("the session is complete", lambda: world.session(completed)["state"] == "COMPLETED")
        world.empty_log()
        world.ballast.fill(0)
        world.until_it_tells(100, 100)
        for session, command in ((waiting, "hold"), (completed, "process"), (completed, "release")):
            status = answered_at_once(world, "POST", f"/v1/sessions/{session}/{command}")
            checks.demand(status == 503, f"{command} while the disk is full: {status}")
        status = answered_at_once(world, "DELETE", f"/v1/sessions/{waiting}")
        checks.demand(status == 503, f"forget while the disk is full: {status}")
        world.make_room()
        checks.demand(not world.session(waiting)["hold"], "hold was refused and has taken effect")
        checks.demand(world.session(completed)["hold"], "release or process was refused and has taken effect")
        world.request("POST", f"/v1/sessions/{completed}/release")
        world.acknowledged[completed] = "plain"
        checks.everything(world)
        step.say("commands are refused at once and without effect")
    finally:
        world.end()


def answered_at_once(world, method, target):
    try:
        return world.request(method, target, timeout=ANSWER)[0]
    except NoDaemon as error:
        raise AssertionError(f"{method} {target} while the disk is full: {error}") from None


def a_command_finds_it_full(step):
    """A command whose write is the first to fail is answered at once, too."""
    world = Crowded(step, "finds it")
    try:
        world.begin()
        for pages in range(0, 12, 2 if step.short else 1):
            sessions = world.submit_many("waiting", 6)
            world.empty_log()
            world.ballast.fill(pages * 4_096)
            found = [answered_at_once(world, "POST", f"/v1/sessions/{session}/hold") for session in sessions]
            checks.demand(set(found) <= {202, 503}, f"hold with {pages} pages free: {found}")
            world.make_room()
            held = [202 if world.session(session)["hold"] else 503 for session in sessions]
            checks.demand(held == found, f"hold was answered with {found} and had the effects of {held}")
        step.say("a command that is the first to find the disk full is answered at once")
        checks.everything(world)
    finally:
        world.end()


def run(step):
    need_disks(step.folder)
    stories = (again_and_again, the_index_cannot_grow, the_database_cannot_grow, ends_and_starts, commands_are_refused,
               a_command_finds_it_full)
    together.tell({story.__name__: functools.partial(story, step) for story in stories}, at_once=6)
