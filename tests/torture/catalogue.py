"""All faults of BankConnect's answers, each with the outcome expected of the daemon. The expectations come from
BankConnect's documentation, RFC 9110 and 9112 and the daemon's own documentation, not from its code.

A spoilt answer that has to be refused carries a false statement, a different one for each call. A daemon that accepts
it makes a call or reaches a state that the checks detect later."""

import json
import typing

ALL = ("upload_status", "initiate", "progress", "session_status", "insights")
GETS = ("upload_status", "progress", "session_status", "insights")
STORED = ("session_status", "insights")

REFUSED = "refused"    # no state changes, and the log names the error
IGNORED = "ignored"      # no state changes; the call may be repeated without a log entry
ACCEPTED = "accepted"    # a valid answer in an unusual form
EITHER = "either"      # accepted or refused: the documentation does not say
FALLS_BACK = "falls back"  # PROCESSING_NOT_REQUESTED: back to COMPLETED, and initiated again
FAILED = "FAILED "     # final, with the reason that follows this prefix

# The effect of a fault on the calls of other sessions.
PASSING = "passing"  # none
PAUSING = "pausing"  # all calls stop, but for a probe
SLOWING = "slowing"  # fewer calls a second
LONE = "lone"        # calls stop for up to an hour: sessions run one at a time
IDLE = "idle"        # it may strike the next call on the same connection: sessions run one at a time


class Fault(typing.NamedTuple):
    family: str
    name: str
    expected: str
    spoil: typing.Callable  # (exchange, truth): true if the connection stays open
    calls: tuple = ALL
    impact: str = PASSING
    before_read: bool = False  # strikes before the request is read
    max_strikes: int = 2   # strikes a session
    alters_body: bool = False  # a true answer whose bytes differ from the stand-in's

    @property
    def sends_true_answer(self):
        return self.expected in (ACCEPTED, EITHER)

    @property
    def ending(self):
        return self.expected if self.expected.startswith(FAILED) else "ENRICHED complete"


def false_answer(call, session):
    """A false answer for each call. The truth is: uploads are not complete (upload_status), processing was not
    requested (initiate), it has not ended (progress), no account failed (session_status), the bytes differ
    (insights)."""
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


def false_body(exchange):
    return json.dumps(false_answer(exchange.call, exchange.session)).encode()


def body_to_spoil(exchange, truth):
    """The true body if the answer may be accepted, else a false one."""
    return truth[1] if truth else false_body(exchange)


def all_faults():
    import connection_faults
    import content_faults
    import framing_faults
    import status_faults
    return [*connection_faults.FAULTS, *framing_faults.FAULTS, *content_faults.FAULTS, *status_faults.FAULTS]
