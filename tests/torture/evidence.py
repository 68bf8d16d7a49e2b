"""What each call of the daemon rested on, read from the log of what stands between; and what it said of every fault."""

import collections
import hashlib
import json
import threading

from catalogue import REFUSED, RETREAT, TAKEN

FRESH = 10  # seconds; an answer that initiate rests on is no older
SLACK = 1   # between the moments in two processes


def unfounded(log):
    """Calls that rest on nothing that may be believed."""
    known = collections.defaultdict(dict)
    wrong = []
    for entry in log:
        session, call, value = entry["session"], entry["call"], entry["value"]
        here = known[session]
        if call == "initiate":
            complete, at = here.pop("upload_status", (None, 0))  # each rests on an answer of its own
            if complete not in ("COMPLETED", "EXPIRED") or entry["at"] - at > FRESH + SLACK:
                wrong.append((session, call))
        elif call == "progress" and here.get("initiate", (0,))[0] not in (202, 409):
            wrong.append((session, call))
        elif call == "session_status" and here.get("progress", ("",))[0] != "completed":
            wrong.append((session, call))
        elif call == "insights" and here.get("session_status", (0,))[0] != 200:
            wrong.append((session, call))
        if value is not None:
            here[call] = (value, entry["answered"])
    return wrong


def failures(path):
    """(session, call) -> codes that were logged for it."""
    found = collections.defaultdict(list)
    with open(path, encoding="utf-8", errors="replace") as log:
        for line in log:
            entry = json.loads(line) if line.startswith("{") else {}
            if entry.get("event") == "call_failed":
                found[entry.get("session_id", ""), entry["call"]].append(entry.get("code", ""))
    return found


def wrong_with(world, session, assignment, codes):
    """What is wrong with a session whose fault is over: sentences."""
    fault, view = assignment.fault, world.session(session)
    if view is None:
        return ["is not followed any longer"]
    if not assignment.struck:
        return ["was never struck"]
    found = []
    shown = " ".join(word for word in (view["state"], view["outcome"] or view["reason"]) if word)
    if not view["final"] or shown != fault.ending:
        found.append(f"{shown} instead of {fault.ending}, {view['last_error']}")
    if fault.right == REFUSED and not any(codes):
        found.append("was believed, or refused without a word")
    if fault.right == TAKEN and set(codes) - {"TIMEOUT"}:
        found.append(f"was refused: {codes}")
    if fault.right != RETREAT and any((event["from"], event["to"]) == ("PROCESSING", "COMPLETED") for event in view["history"]):
        found.append("was in PROCESSING without reason")
    return found + wrong_payloads(world, session, assignment, view)


def wrong_payloads(world, session, assignment, view):
    found = []
    for kind in ("session_status", "insights"):
        status, stored = world.request("GET", f"/v1/sessions/{session}/{kind}")
        if status == 404 and view["state"] != "ENRICHED":
            continue
        _, honest = world.sandbox_request("GET", f"/bank-connect/v1/session_data/{session}/{kind}/")
        if status != 200 or stored not in [honest, *assignment.sent]:
            found.append(f"stored {kind} that nobody sent whole: {stored[:60]}")
        told = (view["payloads"] or {}).get(kind) or {}
        if told.get("sha256") != hashlib.sha256(stored).hexdigest():
            found.append(f"{kind} is not what its checksum says")
    return found


class Sayings:
    """What the daemon says of each fault, for a person to read through."""

    def __init__(self):
        self.rows = collections.defaultdict(lambda: (set(), set()))
        self.lock = threading.Lock()

    def add(self, fault, call, codes, messages=()):
        self.add_row((fault.family, fault.name, fault.right, call), codes, messages)

    def add_row(self, row, codes, messages):
        with self.lock:
            said_codes, said_messages = self.rows[row]
            said_codes.update(codes)
            said_messages.update(messages)

    def write(self, path):
        with open(path, "w", encoding="utf-8") as table:
            for (family, name, right, call), (codes, messages) in sorted(self.rows.items()):
                words = f"{' '.join(sorted(codes)) or '-'}  | {' / '.join(sorted(messages))}"
                table.write(f"{family:10} {name:45} {right:8} {call:14} {words}\n")
