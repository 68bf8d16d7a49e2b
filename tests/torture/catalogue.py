"""Every way in which BankConnect misbehaves here, and what is right to do about each: judged by BankConnect's documents,
RFC 9110 and 9112 and what users are promised, not by the code.

An answer that must not be believed tells a lie, a different one at each call: whoever believes it is found out later."""

import json
import typing

ALL = ("upload_status", "initiate", "progress", "session_status", "insights")
GETS = ("upload_status", "progress", "session_status", "insights")
STORED = ("session_status", "insights")

REFUSED = "refused"    # nothing moves on it, and the log says what was wrong
QUIET = "quiet"        # nothing moves on it; it may be asked again without a word
TAKEN = "taken"        # a good answer in an odd dress
EITHER = "either"      # the documents leave it open
RETREAT = "retreat"    # BankConnect says it knows of no request: asked again
FAILED = "FAILED "     # final, with the reason that follows

# What a fault does to the calls of other sessions.
PASSING, PAUSING, SLOWING, LONE, IDLE = "passing", "pausing", "slowing", "lone", "idle"


class Fault(typing.NamedTuple):
    family: str
    name: str
    right: str
    spoil: typing.Callable  # (exchange, told): true if the connection goes on
    calls: tuple = ALL
    pace: str = PASSING
    unread: bool = False   # struck before the request is read
    most: int = 2          # strikes
    alters: bool = False   # a true answer, but not the stand-in's bytes

    @property
    def honest(self):
        return self.right in (TAKEN, EITHER)

    @property
    def ending(self):
        return self.right if self.right.startswith(FAILED) else "ENRICHED complete"


def lie(call, session):
    """What would do harm if it were believed. upload_status: uploads are not complete. initiate: nobody asked for
    processing. progress: it goes on. session_status: no account failed. insights: these are other bytes."""
    account = {"account_id": "8cdcf3f2-e4ba-4be8-b0eb-bc619c6cc753", "account_number": "924010040573135", "bank_name": "axis",
               "account_status": "COMPLETED", "error_code": None, "error_message": None,
               "statements": [{"statement_id": "036917f1-06dc-44c1-8f40-509c3a6093aa", "statement_status": "completed"}]}
    failed = {**account, "account_status": "failed", "error_code": "UNPARSABLE"}
    return {
        "upload_status": {"session_id": session, "upload_status": "COMPLETED", "session_expiry_timestamp": "",
                          "accounts": [account], "error": {}},
        "initiate": {"session_id": session, "message": "success"},
        "progress": {"session_id": session, "session_progress": "completed", "progress": []},
        "session_status": {"session_id": session, "accounts": [failed]},
        "insights": {"session_id": session, "accounts": [{"account_id": account["account_id"], "data": {"balance": 1.0}}]},
        "update_webhook": {"message": "success"},
    }[call]


def lying(exchange):
    return json.dumps(lie(exchange.call, exchange.session)).encode()


def said(exchange, told):
    """The body to spoil: the truth where it may be believed, else a lie."""
    return told[1] if told else lying(exchange)


def whole():
    import connections
    import contents
    import framing
    import refusals
    return [*connections.FAULTS, *framing.FAULTS, *contents.FAULTS, *refusals.FAULTS]
