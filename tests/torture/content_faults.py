"""Faults of the catalogue: bodies that are not JSON, or not the expected JSON, field by field."""

import json
import uuid

from catalogue import ACCEPTED, ALL, EITHER, GETS, IGNORED, REFUSED, STORED, Fault, false_answer, false_body
from faulty_proxy import answer

FAULTS = []


def content(name, expected, make, kind="application/json", **more):
    """`make` gets the exchange and the body, true or false, and returns what is sent."""
    def spoil(exchange, truth):
        status, body = truth or (exchange.good_status, false_body(exchange))
        body = make(exchange, body.rstrip())  # some answers are padded with blanks
        if truth and more.get("alters_body"):
            exchange.assignment.sent.append(body)
        exchange.send(answer(status, body).replace(b"application/json", kind.encode(), 1))
        return True
    FAULTS.append(Fault("content", name, expected, spoil, **more))


def edited(change):
    """The body as JSON, changed by `change(exchange, object)`."""
    def make(exchange, body):
        found = json.loads(body)
        change(exchange, found)
        return json.dumps(found).encode()
    return make


def more(members):
    """The body with `members` appended."""
    return lambda x, body: body[:-1] + members + b"}"


def made(**members):
    """The body with members replaced or added."""
    return edited(lambda x, found: found.update(members))


# Not a JSON object.

content("empty", REFUSED, lambda x, body: b"", calls=GETS)
content("empty", EITHER, lambda x, body: b"", calls=("initiate",))
content("blank", REFUSED, lambda x, body: b" \r\n\t \n")
content("HTML", REFUSED, lambda x, body: b"<!DOCTYPE html><html><body>Maintenance</body></html>", kind="text/html")
content("JSON, cut", REFUSED, lambda x, body: body[:-1])
content("JSON, half", REFUSED, lambda x, body: body[:len(body) // 2])
content("two JSON documents", REFUSED, lambda x, body: body + body)
content("JSON and a word", REFUSED, lambda x, body: body + b" OK")
content("a word and JSON", REFUSED, lambda x, body: b")]}',\n" + body)
content("JSON in an array", REFUSED, lambda x, body: b"[" + body + b"]")
content("JSON in a string", REFUSED, lambda x, body: json.dumps(body.decode()).encode())
for word in ("null", "true", "0", '"COMPLETED"', "[]"):
    content(f"the JSON {word}", REFUSED, lambda x, body, word=word: word.encode())
for name, text in {"an empty object": b"{}", "a gateway's message": b'{"message":"Down for maintenance"}',
                   "a bare detail": b'{"detail":"Not now."}', "an error of one word": b'{"error":"internal"}'}.items():
    content(name, REFUSED, lambda x, body, text=text: text, calls=GETS)
content("JSON lines", REFUSED, lambda x, body: body + b"\n" + body)
content("UTF-16", REFUSED, lambda x, body: body.decode().encode("utf-16"))
content("UTF-32", REFUSED, lambda x, body: body.decode().encode("utf-32-le"))
content("NUL after it", REFUSED, lambda x, body: body + b"\0")
content("NUL before it", REFUSED, lambda x, body: b"\0" + body)
content("single quotes", REFUSED, lambda x, body: body.replace(b'"', b"'"))
content("typographic quotes", REFUSED, lambda x, body: body.decode().replace('"', "\u201c").encode())
content("a comma too many", REFUSED, lambda x, body: body[:-1] + b",}")
content("a comment", REFUSED, lambda x, body: body[:-1] + b"/* so */}")
content("NaN", REFUSED, more(b',"x":NaN'))
content("a leading zero", REFUSED, more(b',"x":007'))
content("invalid UTF-8", REFUSED, more(b',"x":"\xff\xfe"'))
content("overlong UTF-8", REFUSED, more(b',"x":"\xc0\xaf"'))
content("NUL in a string", REFUSED, more(b',"x":"a\0b"'))
content("a line break in a string", REFUSED, more(b',"x":"a\nb"'))
content("nested 100,000 deep", REFUSED, more(b',"x":' + b"[" * 100_000 + b"]" * 100_000))
content("nested 100,000 deep in objects", REFUSED, more(b',"x":' + b'{"a":' * 100_000 + b"0" + b"}" * 100_000))
content("a string of 10 MiB", REFUSED, more(b',"x":"' + b"a" * (10 << 20) + b'"'))

# Valid but unusual JSON.

content("a byte order mark", EITHER, lambda x, body: b"\xef\xbb\xbf" + body, alters_body=True)
content("1E400", EITHER, more(b',"x":1E400'), alters_body=True)
content("a number of 100,000 digits", EITHER, more(b',"x":' + b"9" * 100_000), alters_body=True)
content("a vast exponent", ACCEPTED, more(b',"x":1e99999999999'), alters_body=True)
content("a lone surrogate", ACCEPTED, more(b',"x":"\\ud800"'), alters_body=True)
content("a string of 3 MiB", EITHER, more(b',"x":"' + b"a" * (3 << 20) + b'"'), alters_body=True)
content("a key of 1 MiB", EITHER, more(b',"' + b"a" * (1 << 20) + b'":0'), alters_body=True)
content("10,000 keys", EITHER, more(b"".join(b',"k%d":0' % one for one in range(10_000))), alters_body=True)
content("nested 100 deep", ACCEPTED, more(b',"x":' + b"[" * 100 + b"]" * 100), alters_body=True)
content("unknown fields", ACCEPTED, more(b',"new":{"a":[1,2,{"b":null}]},"\\u00e9":"\xc3\xa9"'), alters_body=True)
content("blanks around it", ACCEPTED, lambda x, body: b"\r\n\t " + body + b" \n\n", alters_body=True)
content("an empty error", ACCEPTED, made(error={}), alters_body=True)
content("a null error", EITHER, made(error=None), alters_body=True)
content("the id in capitals", ACCEPTED, edited(lambda x, found: found.update(session_id=x.session.upper())), alters_body=True)
content("as text/html", EITHER, lambda x, body: body, kind="text/html", alters_body=True)
content("as text/plain in UTF-16", EITHER, lambda x, body: body, kind="text/plain; charset=utf-16", alters_body=True)
content("as application/octet-stream", EITHER, lambda x, body: body, kind="application/octet-stream", alters_body=True)

# JSON about another session, or about something else.

OTHER = str(uuid.UUID(int=1))


def duplicate_key(name, first):
    """A duplicate key; the second one has the false value. An object that contradicts itself has to be refused."""
    def make(_, body):
        return b'{"' + name.encode() + b'":' + json.dumps(first).encode() + b"," + body[1:]
    return make


def duplicate_key_last(name, last):
    return more(b',"' + name.encode() + b'":' + json.dumps(last).encode())


content("another session's", REFUSED, made(session_id=OTHER))
content("another session's, without an account", REFUSED, made(session_id=OTHER, accounts=[]))
content("another session's, and then this one's", REFUSED, duplicate_key("session_id", OTHER))
content("this session's, and then another one's", REFUSED, more(b',"session_id":"' + OTHER.encode() + b'"'))
content("its status twice, COMPLETED last", REFUSED, duplicate_key("upload_status", "IN_PROGRESS"), calls=("upload_status",))
content("its status twice, COMPLETED first", REFUSED, duplicate_key_last("upload_status", "IN_PROGRESS"), calls=("upload_status",))
content("its progress twice, completed last", REFUSED, duplicate_key("session_progress", "processing"), calls=("progress",))
content("its progress twice, completed first", REFUSED, duplicate_key_last("session_progress", "processing"), calls=("progress",))
content("its accounts twice, failed last", REFUSED, duplicate_key("accounts", []), calls=("session_status",))
content("insights available, and then not", REFUSED,
        more(b',"insights_available":true,"insights_available":false'), calls=("session_status",))
content("session_id empty", ACCEPTED, made(session_id=""), calls=GETS, alters_body=True)  # as in the sample of 2024
content("session_id empty, and nothing else expected", REFUSED, lambda x, body: b'{"session_id":"","message":"success"}',
        calls=GETS)
content("an error and no accounts", REFUSED, edited(lambda x, found: (found.pop("accounts"), found.update(error="internal"))),
        calls=STORED)
content("an account's status twice, completed last", REFUSED,
        lambda x, body: body.replace(b'"account_status"', b'"account_status": "failed", "account_status"', 1),
        calls=("session_status",))
content("another call's answer", REFUSED, lambda x, body: json.dumps(false_answer("initiate", x.session)).encode(),
        calls=("upload_status", "progress", "session_status"))  # for insights any object that names the session is valid

UNKNOWN = ("REVIEWING", "COMPLETED_WITH_ERRORS", "NOT COMPLETED", "COMPLETED/EXPIRED", "COMPLET\u0130D", "COMPLETED\0")
for status in UNKNOWN:
    content(f"status {json.dumps(status)}", IGNORED, made(upload_status=status), calls=("upload_status",))
for progress in ("queued", "completed/processing", "", "not completed"):
    content(f"progress {json.dumps(progress)}", IGNORED, made(session_progress=progress), calls=("progress",))
content("status empty", REFUSED, made(upload_status=""), calls=("upload_status",))
content("status in small letters", ACCEPTED, edited(lambda x, found: found.update(upload_status=found["upload_status"].lower())),
        calls=("upload_status",))
content("progress in capitals", EITHER, edited(lambda x, found: found.update(session_progress=found["session_progress"].upper())),
        calls=("progress",))
content("expiry no time at all", EITHER, made(session_expiry_timestamp="soon"), calls=("upload_status",))
content("expiry in the year 9999999", EITHER, made(session_expiry_timestamp="9999999-01-01 00:00:00"),
        calls=("upload_status",))

# Every documented field in turn: of each wrong type, and missing. If the daemon depends on it, the answer is refused.

WRONG = {"null": None, "a number": 7, "text": "odd", "an array": [1], "an object": {"odd": 1}, "true": True, "missing": ...}
ACCOUNT = ("account_id", "account_number", "bank_name", "created_at", "last_updated_at", "statements", "account_status",
           "error_code", "error_message", "months", "missing_data", "name", "account_type", "full_bank_name")
STATEMENT = ("statement_id", "statement_status", "error_code", "error_message", "source", "created_at", "upload_file_name",
             "statement_date_range")
STEPS = ("identity_status", "transaction_status", "processing_status", "fraud_status", "statement_id", "message", "source")
LISTED = (("accounts",), ("accounts", 0), *(("accounts", 0, field) for field in ACCOUNT),
          ("accounts", 0, "statements", 0), *(("accounts", 0, "statements", 0, field) for field in STATEMENT))
FIELDS = {
    "upload_status": (("session_id",), ("upload_status",), ("session_date_range",), ("session_expiry_timestamp",), ("error",),
                      *LISTED),
    "initiate": (("session_id",), ("message",)),
    "progress": (("session_id",), ("session_progress",), ("progress",), ("progress", 0),
                 *(("progress", 0, field) for field in STEPS)),
    "session_status": (("session_id",), ("insights_available",), *LISTED),
    "insights": (("session_id",), ("accounts",), ("error",)),
}


def expected_of(call, path, wrong):
    """The expected outcome of an answer with this field missing or of a wrong type."""
    if path == ("session_id",):
        # The sample of 2024 names no session. An answer with any other value may belong to another session's request.
        return ACCEPTED if wrong in ("null", "missing") else REFUSED
    if (call, path) in (("upload_status", ("upload_status",)), ("progress", ("session_progress",))):
        return IGNORED if wrong == "text" else REFUSED
    if (call, path) == ("session_status", ("accounts",)):
        return EITHER if wrong == "an array" else REFUSED  # its elements are no accounts, but it is a list
    return EITHER


def with_wrong(path, wrong):
    def change(_, found):
        for step in path[:-1]:
            found = found[step] if isinstance(step, int) or step in found else found.setdefault(step, {})
        if wrong is not ...:
            found[path[-1]] = wrong
        elif isinstance(found, list):
            found.pop(path[-1])
        else:
            found.pop(path[-1], None)
    return edited(change)


for call in ALL:
    for path in FIELDS[call]:
        for title, wrong in WRONG.items():
            if (call, path, title) == ("session_status", ("insights_available",), "true"):
                continue  # the correct value
            dotted = ".".join(str(step) for step in path)
            content(f"{dotted} {title}", expected_of(call, path, title), with_wrong(path, wrong), calls=(call,), max_strikes=1,
                    alters_body=call in STORED)
