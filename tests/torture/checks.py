"""Checks of what the documentation promises: in the database, the event log and the stand-in's request log."""

import collections
import hashlib
import json
import sqlite3
import time

NAMES = ["NO_UPLOADS", "IN_PROGRESS", "COMPLETED", "EXPIRED", "PROCESSING", "ENRICHED", "FAILED"]
FINAL = {"ENRICHED", "FAILED"}

# The allowed transitions. EXPIRED goes to PROCESSING only while it is not final.
STEPS = {
    (None, "NO_UPLOADS"),
    ("NO_UPLOADS", "IN_PROGRESS"), ("NO_UPLOADS", "COMPLETED"), ("NO_UPLOADS", "EXPIRED"), ("NO_UPLOADS", "FAILED"),
    ("IN_PROGRESS", "NO_UPLOADS"), ("IN_PROGRESS", "COMPLETED"), ("IN_PROGRESS", "EXPIRED"), ("IN_PROGRESS", "FAILED"),
    ("COMPLETED", "IN_PROGRESS"), ("COMPLETED", "EXPIRED"), ("COMPLETED", "PROCESSING"), ("COMPLETED", "FAILED"),
    ("EXPIRED", "EXPIRED"), ("EXPIRED", "PROCESSING"), ("EXPIRED", "FAILED"),
    ("PROCESSING", "COMPLETED"), ("PROCESSING", "ENRICHED"), ("PROCESSING", "FAILED"),
}


def demand(condition, what):
    if not condition:
        raise AssertionError(what)


def database(path):
    """The database file, while no daemon uses it."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        demand(found == ["ok"], f"the database is damaged: {found[:3]}")
        states = dict(connection.execute("SELECT sid, state FROM sessions"))
        last = dict(connection.execute("SELECT sid, to_state FROM events WHERE sid IS NOT NULL ORDER BY seq"))
        demand(states == last, "the state of a session is not that of its last event: "
               f"{[(sid, states.get(sid), last.get(sid)) for sid in {*states, *last} if states.get(sid) != last.get(sid)][:3]}")
        seqs = [row[0] for row in connection.execute("SELECT seq FROM events ORDER BY seq")]
        demand(seqs == list(range(1, len(seqs) + 1)), "the event log has a gap")
        return {row[0].hex(): NAMES[row[1]] if row[1] < len(NAMES) else row[1]
                for row in connection.execute("SELECT id, state FROM sessions")}
    finally:
        connection.close()


def acknowledged_are_stored(world, path):
    """(a) Every acknowledged session is in the database."""
    there = database(path)
    lost = [session for session in world.acknowledged if session.replace("-", "") not in there]
    demand(not lost, f"{len(lost)} acknowledged sessions are lost: {lost[:3]}")


def events(world):
    """The log has no gap, each event begins in the state the one before ended in, no event leaves a final state, and no
    event differs from what was read of it before."""
    log = world.events()
    at = {}
    for expected, event in enumerate(log, 1):
        demand(event["seq"] == expected, f"event {event['seq']} where {expected} should be")
        if event.get("erased"):  # only `seq` is kept of an erased session
            world.seen_events.pop(expected, None)
            continue
        text = json.dumps(event, sort_keys=True)
        demand(world.seen_events.setdefault(expected, text) == text, f"event {expected} has changed, it is now {text}")
        session, begin, end = event["session_id"], event["from"], event["to"]
        demand(at.get(session) == begin, f"event {expected} of {session} begins at {begin}, the one before ended at {at.get(session)}")
        demand((begin, end) in STEPS, f"event {expected} of {session}: {begin} to {end}")
        demand(begin not in FINAL, f"event {expected} of {session} leaves {begin}")
        at[session] = end
    demand(len(log) >= max(world.seen_events, default=0), f"the log ends at {len(log)}, event {max(world.seen_events, default=0)} was read before")
    for session in world.acknowledged:
        demand(session in at, f"acknowledged session {session} has no event")


def initiated_once(world, finished):
    """(b) Initiated only once it is complete, and once in effect."""
    accepted = collections.Counter()
    for request in world.requests():
        demand(request.get("effect") != "accepted_early", f"initiated too early: {request}")
        if request["call"] == "initiate" and request["effect"] in ("accepted", "forgot_request"):
            accepted[request["session_id"]] += 1
    for session, scenario in world.acknowledged.items():
        most = world.expected[scenario].accepted
        demand(accepted[session] <= most, f"{session} ({scenario}) was initiated {accepted[session]} times in effect")
        if finished and world.expected[scenario].ending.startswith("ENRICHED"):
            demand(accepted[session] == most, f"{session} ({scenario}) ended with {accepted[session]} accepted requests instead of {most}")


def ended_as_expected(world, sessions):
    """(c) Every session ended as its scenario says."""
    wrong = []
    for session in sessions:
        view = world.session(session)
        demand(view is not None, f"{session} is not followed any longer")
        shown = " ".join(word for word in (view["state"], view["outcome"] or view["reason"]) if word)
        if not view["final"] or shown != world.expected[world.acknowledged[session]].ending:
            wrong.append(f"{session} ({world.acknowledged[session]}): {shown}, final {view['final']}, {view['last_error']}")
    demand(not wrong, f"{len(wrong)} sessions have not ended as expected:\n  " + "\n  ".join(wrong[:5]))


def payloads(world, sessions):
    """(e) A stored payload is byte for byte what BankConnect sends, or is absent."""
    for session in sessions:
        view = world.session(session)
        for kind in ("session_status", "insights"):
            status, stored = world.request("GET", f"/v1/sessions/{session}/{kind}")
            listed = (view["payloads"] or {}).get(kind)
            if view["state"] != "ENRICHED" and status == 404:
                demand(not listed, f"{kind} of {session} is listed and not stored")
                continue
            demand(status == 200, f"{kind} of {session}: {status}")
            demand(listed["bytes"] == len(stored) and listed["sha256"] == hashlib.sha256(stored).hexdigest(),
                   f"{kind} of {session} does not match its checksum")
            _, sent = world.sandbox_request("GET", f"/bank-connect/v1/session_data/{session}/{kind}/")
            demand(stored == sent, f"{kind} of {session} is not what BankConnect sends")


def webhooks(world):
    """(a) A webhook that was answered with 200 is in the inbox."""
    delivered = collections.Counter(line["session_id"] for line in world.requests()
                                    if line["call"] == "webhook" and line["effect"] == "delivered")
    for session, count in delivered.items():
        if session not in world.acknowledged:
            continue
        status, answer = world.request("GET", f"/v1/webhooks?session_id={session}&limit=1000")
        demand(status == 200, answer)
        there = sum(webhook["count"] for webhook in json.loads(answer)["webhooks"])
        demand(there >= count, f"{count} webhooks for {session} were answered with 200, {there} are there")


def no_secret_shown(world):
    """No log and no status file contains a secret."""
    for path in [world.folder / "daemon.log", *sorted((world.folder / "status").rglob("*.json"))]:
        text = path.read_text(errors="replace") if path.exists() else ""
        for secret in ("sandbox-api-key", "sandbox-server-hash", "torture-webhook-secret"):
            demand(secret not in text, f"{path.name} shows a secret")


def status_files(world, sessions):
    """A session's status file agrees with the control socket, once it has been written. After a crash that is soon
    after the start."""
    status = world.status()
    end = time.monotonic() + 10
    while status["files_through"] < status["store"]["last_event_seq"] and time.monotonic() < end:
        time.sleep(0.1)
        status = world.status()
    for session in sessions:
        path = world.folder / "status" / "sessions" / f"{session}.json"
        demand(path.exists(), f"{session} has no status file")
        shown = json.loads(path.read_text())
        view = world.session(session)
        demand(shown["state"] == view["state"], f"the file of {session} says {shown['state']}, the socket {view['state']}")


def check_all(world, sample=200):
    """All of the above, once the faults have stopped and the daemon runs. Stops the daemon."""
    sessions = [session for session, scenario in world.acknowledged.items() if world.expected[scenario].ending]
    late = world.until_final(sessions)
    demand(not late, f"{len(late)} sessions are not final a minute after the faults stopped: {[world.session(one) for one in list(late)[:2]]}")
    events(world)
    ended_as_expected(world, sessions)
    initiated_once(world, finished=True)
    webhooks(world)
    payloads(world, sessions[:sample])
    status_files(world, sessions[:sample])
    no_secret_shown(world)
    code = world.stop_daemon()
    demand(code == 0, f"a clean stop ended with {code}: {world.log_tail()}")
    acknowledged_are_stored(world, world.store)
