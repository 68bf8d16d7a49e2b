"""Faults of the catalogue: HTTP status codes, documented and undocumented errors, and redirects."""

import email.utils
import json
import time

from catalogue import (ACCEPTED, ALL, EITHER, FAILED, FALLS_BACK, GETS, IGNORED, LONE, PAUSING, REFUSED, SLOWING, STORED, Fault,
                       false_body)
from content_faults import OTHER
from faulty_proxy import PREFIX, answer

FAULTS = []
HTML = b"<html><head><title>Sorry</title></head><body><h1>nginx</h1></body></html>"
PROCESSING = ("progress", *STORED)


def error(code, message="Said on purpose", **beside):
    return json.dumps({"error": {"code": code, "message": message}, **beside}).encode()


def status(code, name, expected, body, *headers, **more):
    """`body`: bytes, or a function that makes them from the exchange."""
    def spoil(exchange, _):
        exchange.send(answer(code, body(exchange) if callable(body) else body, *headers, reason="On Purpose"))
        return True
    FAULTS.append(Fault("status", f"{code} {name}", expected, spoil, **more))


# Documented error codes: they count with any HTTP status.

for number in (404, 400, 200, 500):
    status(number, "SESSION_NOT_FOUND", REFUSED, error("SESSION_NOT_FOUND"))
for number in (410, 400, 200, 500, 301):
    status(number, "SESSION_DELETED", FAILED + "SESSION_DELETED", error("SESSION_DELETED"))
status(410, "SESSION_DELETED, of another session", REFUSED, error("SESSION_DELETED", session_id=OTHER))
status(400, "KEY_REQUIRED", FAILED + "KEY_REQUIRED", error("KEY_REQUIRED"))
for number in (400, 422, 200):
    status(number, "UNPARSABLE_STATEMENTS", FAILED + "UNPARSABLE_STATEMENTS", error("UNPARSABLE_STATEMENTS"))
for number in (409, 400, 200, 500):
    status(number, "DUPLICATE_PROCESSING_REQUEST", ACCEPTED, error("DUPLICATE_PROCESSING_REQUEST"), calls=("initiate",))
status(409, "with HTML", ACCEPTED, HTML, calls=("initiate",))
status(409, "with HTML", REFUSED, HTML, calls=GETS)
for number in (400, 409, 200):
    status(number, "PROCESSING_NOT_REQUESTED", FALLS_BACK, error("PROCESSING_NOT_REQUESTED"), calls=PROCESSING)
    status(number, "PROCESSING_NOT_COMPLETED", IGNORED, error("PROCESSING_NOT_COMPLETED"), calls=PROCESSING)
status(400, "PROCESSING_NOT_REQUESTED", REFUSED, error("PROCESSING_NOT_REQUESTED"), calls=("upload_status", "initiate"))
status(400, "PROCESSING_NOT_COMPLETED", REFUSED, error("PROCESSING_NOT_COMPLETED"), calls=("upload_status", "initiate"))
status(200, "an unknown error", REFUSED, lambda x: false_body(x)[:-1] + b', "error": {"code": "ODD", "message": "so"}}', calls=ALL)

# Errors of the account, not of the session: all calls stop, but for a probe.

for number in (403, 401, 400, 200):
    status(number, "ACCESS_DENIED", REFUSED, error("ACCESS_DENIED"), impact=PAUSING, max_strikes=1)
for number in (401, 402, 403):
    status(number, "with detail", REFUSED, b'{"detail":"Authentication credentials were not provided."}', impact=PAUSING, max_strikes=1)
    status(number, "with HTML", REFUSED, HTML, impact=PAUSING, max_strikes=1)
    status(number, "with a false body", REFUSED, false_body, impact=PAUSING, max_strikes=1)
status(404, "with HTML", REFUSED, HTML, impact=PAUSING, max_strikes=1)
status(404, "with a message", REFUSED, b'{"message":"no Route matched with those values"}', impact=PAUSING, max_strikes=1)

# Other statuses: with an undocumented error, HTML, an empty body, and the body of a successful answer.

BODIES = {"with an unknown code": error("ODD"), "with HTML": HTML, "with nothing": b"", "with a false body": false_body}
for number in (400, 405, 406, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 426, 428, 431, 451, 499):
    for title in ("with a false body",) if number not in (400, 410, 422) else BODIES:
        status(number, title, REFUSED, BODIES[title])
status(404, "with an unknown code", REFUSED, error("ODD"))
for number in (500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 521, 524, 525, 530, 598, 599, 600, 999):
    for title in ("with a false body",) if number not in (500, 503) else BODIES:
        status(number, title, REFUSED, BODIES[title])
for number in (201, 202, 203, 226, 299):
    def other_success(exchange, truth, number=number):
        exchange.send(answer(number, truth[1]))
        return True
    FAULTS.append(Fault("status", f"{number} with the truth", EITHER, other_success))

# Retry-After and rate limits.

PAST, FUTURE = "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"
SOON = email.utils.formatdate(time.time() + 1, usegmt=True)
RETRY_AFTER = {"1": "1", "0": "0", "-1": "-1", "garbage": "later, please", "1.5": "1.5", "empty": "", "a date long past": PAST,
            "a date in the year 0": "Sat, 01 Jan 0000 00:00:00 GMT", "a date that is none": "Thu, 99 Foo 2026 25:61:61 GMT",
            "two values": "1, 1"}
for title, value in RETRY_AFTER.items():
    for number in (429, 503):
        status(number, f"Retry-After {title}", REFUSED, b'{"detail":"Request was throttled."}', f"Retry-After: {value}",
               impact=SLOWING if number == 429 else "passing", max_strikes=1)
for number in (408, 425, 429):
    status(number, "with HTML", REFUSED, HTML, impact=SLOWING, max_strikes=1)
    status(number, "with a false body", REFUSED, false_body, impact=SLOWING, max_strikes=1)
status(429, "ACCESS_DENIED", REFUSED, error("ACCESS_DENIED"), impact=PAUSING, max_strikes=1)
for title, value in {"99999999": "99999999", "10^30": "1" + "0" * 30, "a date far ahead": FUTURE}.items():
    for number in (429, 503):
        status(number, f"Retry-After {title}", REFUSED, b"", f"Retry-After: {value}", impact=LONE, max_strikes=1)

# Redirects are never followed.


def redirect(number, where, location, body=lambda x: b""):
    def spoil(exchange, _):
        here = f"http://127.0.0.1:{exchange.proxy.port}{PREFIX}/session_data/{exchange.session}/"
        there = f"http://127.0.0.1:{exchange.proxy.redirect_port}"
        words = {"here": here, "there": there, "host": there.removeprefix("http:")}
        headers = [] if location is None else ["Location: " + location.format(**words)]
        exchange.send(answer(number, body(exchange), *headers, reason="Moved"))
        return True
    FAULTS.append(Fault("redirect", f"{number} {where}", REFUSED, spoil, impact=PAUSING, max_strikes=1))


for number in (301, 302, 303, 307, 308):
    redirect(number, "to itself", "{here}?followed=1")
    redirect(number, "elsewhere", "{there}/bank-connect/v1/elsewhere/")
    redirect(number, "without Location", None)
redirect(302, "elsewhere, with a false body", "{there}/", false_body)
redirect(307, "elsewhere, by the host alone", "{host}/")
redirect(308, "with a false body, without Location", None, false_body)
redirect(300, "with a false body", None, false_body)
redirect(304, "without a body", None)
redirect(399, "with a false body", None, false_body)
