"""Checks that each call of the daemon follows an answer that allows it (proxy log), and that faults are reported
(daemon log)."""

import collections
import hashlib
import json
import threading

from catalogue import ACCEPTED, FALLS_BACK, REFUSED

MAX_AGE = 10  # seconds; maximum age of the upload_status answer an initiate rests on
SLACK = 1   # seconds; time is taken in another process


def calls_without_answer(log):
    """(session, call) of calls without an answer that allows them."""
    known = collections.defaultdict(dict)
    wrong = []
    for entry in log:
        session, call, value = entry["session"], entry["call"], entry["value"]
        here = known[session]
        if call == "initiate":
            complete, at = here.pop("upload_status", (None, 0))  # each initiate needs an answer of its own
            if complete not in ("COMPLETED", "EXPIRED") or entry["at"] - at > MAX_AGE + SLACK:
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


def logged_failures(path):
    """(session, call) -> error codes logged for it."""
    found = collections.defaultdict(list)
    with open(path, encoding="utf-8", errors="replace") as log:
        for line in log:
            entry = json.loads(line) if line.startswith("{") else {}
            if entry.get("event") == "call_failed":
                found[entry.get("session_id", ""), entry["call"]].append(entry.get("code", ""))
    return found


def session_defects(world, session, assignment, codes):
    """The defects of a session whose fault is over, as text."""
    fault, view = assignment.fault, world.session(session)
    if view is None:
        return ["is not followed any longer"]
    if not assignment.struck:
        return ["was never struck by the fault"]
    found = []
    shown = " ".join(word for word in (view["state"], view["outcome"] or view["reason"]) if word)
    if not view["final"] or shown != fault.ending:
        found.append(f"{shown} instead of {fault.ending}, {view['last_error']}")
    if fault.expected == REFUSED and not any(codes):
        found.append("was accepted, or refused without a log entry")
    if fault.expected == ACCEPTED and set(codes) - {"TIMEOUT"}:
        found.append(f"was refused: {codes}")
    if fault.expected != FALLS_BACK and any((event["from"], event["to"]) == ("PROCESSING", "COMPLETED") for event in view["history"]):
        found.append("went from PROCESSING back to COMPLETED without reason")
    return found + payload_defects(world, session, assignment, view)


def payload_defects(world, session, assignment, view):
    found = []
    for kind in ("session_status", "insights"):
        status, stored = world.request("GET", f"/v1/sessions/{session}/{kind}")
        if status == 404 and view["state"] != "ENRICHED":
            continue
        _, honest = world.sandbox_request("GET", f"/bank-connect/v1/session_data/{session}/{kind}/")
        if status != 200 or stored not in [honest, *assignment.sent]:
            found.append(f"stored {kind} that was never sent completely: {stored[:60]}")
        shown_payload = (view["payloads"] or {}).get(kind) or {}
        if shown_payload.get("sha256") != hashlib.sha256(stored).hexdigest():
            found.append(f"{kind} does not match its checksum")
    return found


class ErrorReport:
    """Error codes and messages of the daemon for each fault, written to a table for review."""

    def __init__(self):
        self.rows = collections.defaultdict(lambda: (set(), set()))
        self.lock = threading.Lock()

    def add(self, fault, call, codes, messages=()):
        self.add_row((fault.family, fault.name, fault.expected, call), codes, messages)

    def add_row(self, row, codes, messages):
        with self.lock:
            all_codes, all_messages = self.rows[row]
            all_codes.update(codes)
            all_messages.update(messages)

    def write(self, path):
        with open(path, "w", encoding="utf-8") as table:
            for (family, name, expected, call), (codes, messages) in sorted(self.rows.items()):
                words = f"{' '.join(sorted(codes)) or '-'}  | {' / '.join(sorted(messages))}"
                table.write(f"{family:10} {name:45} {expected:8} {call:14} {words}\n")
