"""The disk is full and has room again, under load, again and again. A ballast leaves nothing or a few KiB, so that another
write is the first to fail each time."""

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
CHECKPOINT = 4_000  # pages; the log is copied into the database from then on
INDEX = 4_062  # pages; the log's index has to grow
SQLITE_IOERR_SHMSIZE = "4874"


def again_and_again(step):
    """Under load, with a user who follows the events and one who looks into the database."""
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
        checks.demand(world.daemon is daemon and daemon.poll() is None, f"it has ended: {world.last_words()}")
        step.say(f"full {len(world.noticed)} times: {measured(world)}; {len(world.acknowledged)} sessions, {initiates} initiates "
                 f"in {seconds:.0f} s without a commit")
        checks.everything(world)
    finally:
        for thread in threads:
            thread.over.set()
        world.end()


def live_with_it(world, seconds):
    """Everything can be read, nothing new is taken, or it is taken for good."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        world.everything_can_be_read()
        world.submission()
        world.webhook(world.chance.randrange(100, 100_000))
        time.sleep(0.02)


def measured(world):
    return (f"told after at most {max(world.noticed):.1f} s, went on after at most {max(world.went_on):.1f} s; "
            f"{sum(world.refused.values())} refused, {world.taken} taken")


def the_index_cannot_grow(step):
    """There is room for the next pages of the log, not for those of its index. Somebody who reads keeps the log from
    beginning anew."""
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
        step.say(f"the log's index cannot grow: {measured(world)}")
        checks.everything(world)
    finally:
        world.end()


@contextlib.contextmanager
def reading(database):
    """A transaction that is open all the time."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sessions").fetchone()
        yield


def give_back_until_the_index_fails(world):
    """A page at a time: at some point there is enough for the log and not for its index."""
    for _ in range(100):
        world.webhook(100)
        if any(SQLITE_IOERR_SHMSIZE in message for message in world.refused):
            return
        world.ballast.give_back(4_096)
    raise AssertionError(f"it was not the index that could not grow: {world.refused}")


def the_database_cannot_grow(step):
    """The log cannot be copied into the database for want of room, and grows until it cannot."""
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
        checks.demand(pages >= CHECKPOINT > copied, f"{copied} of {pages} pages of the log are in the database: it could grow")
        live_with_it(world, 0.5)
        world.make_room()
        checks.demand(os.path.getsize(world.store) > size, "the log was not copied into the database once there was room")
        step.say(f"the database cannot grow: {measured(world)}")
        checks.everything(world)
    finally:
        world.end()


def ends_and_starts(step):
    """It is stopped or killed, before or after the disk is full, and started meanwhile. Where SQLite can make no file beside the
    database, it says so and waits; nothing is lost, and once there is room it goes on unaided."""
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
            checks.demand(end() in (0, None), f"{way} it was full: {world.daemon.returncode}")
            world.ballast.fill(0)
            results.append(f"{way} it was full: {starts_with_a_full_disk(world)}")
            world.make_room()
        load.end()
        step.say("; ".join(results))
        checks.everything(world)
    finally:
        load.over.set()
        world.end()


def starts_with_a_full_disk(world):
    """Somebody else looks on and makes room; a daemon ends with the thread that has started it."""
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
    checks.demand(room and ready - room < GOES_ON, f"it did not wait for room, or not until then: {world.last_words()}")
    return f"waits, and starts {ready - room:.1f} s after there is room"


def commands_are_refused(step):
    """Like all new work: at once, and without effect."""
    world = Crowded(step, "commands")
    try:
        world.begin()
        waiting, completed = world.submit_many("waiting", 1)[0], world.create("plain")
        held = json.dumps({"session_id": completed, "hold": True})
        checks.demand(world.request("POST", "/v1/sessions", held, "application/json")[0] == 201, "a held session was refused")
        processes.until("it is complete", lambda: world.session(completed)["state"] == "COMPLETED")
        world.empty_log()
        world.ballast.fill(0)
        world.until_it_tells(100, 100)
        for session, command in ((waiting, "hold"), (completed, "process"), (completed, "release")):
            status = answered_at_once(world, "POST", f"/v1/sessions/{session}/{command}")
            checks.demand(status == 503, f"{command}, with a full disk: {status}")
        status = answered_at_once(world, "DELETE", f"/v1/sessions/{waiting}")
        checks.demand(status == 503, f"forget, with a full disk: {status}")
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
        raise AssertionError(f"{method} {target}, with a full disk: {error}") from None


def a_command_finds_it_full(step):
    """It is the first to, and is answered at once all the same."""
    world = Crowded(step, "finds it")
    try:
        world.begin()
        for pages in range(0, 12, 2 if step.short else 1):
            sessions = world.submit_many("waiting", 6)
            world.empty_log()
            world.ballast.fill(pages * 4_096)
            found = [answered_at_once(world, "POST", f"/v1/sessions/{session}/hold") for session in sessions]
            checks.demand(set(found) <= {202, 503}, f"hold, with room for {pages} pages: {found}")
            world.make_room()
            held = [202 if world.session(session)["hold"] else 503 for session in sessions]
            checks.demand(held == found, f"hold was answered with {found} and had the effects of {held}")
        step.say("a command that finds the disk full is answered at once")
        checks.everything(world)
    finally:
        world.end()


def run(step):
    need_disks(step.folder)
    stories = (again_and_again, the_index_cannot_grow, the_database_cannot_grow, ends_and_starts, commands_are_refused,
               a_command_finds_it_full)
    together.tell({story.__name__: functools.partial(story, step) for story in stories}, at_once=6)
