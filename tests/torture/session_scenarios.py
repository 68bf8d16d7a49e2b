"""Scenarios of sessions at the stand-in, and how each session has to end, whatever happens to the daemon meanwhile."""

import typing


class Scenario(typing.NamedTuple):
    weight: int  # how often pick() chooses it; 0: never
    ending: str  # empty if it never ends
    accepted: int = 1  # how many initiates take effect at BankConnect, however many are sent


EXPECTED = {
    "plain": Scenario(30, "ENRICHED complete"),
    "two_banks": Scenario(10, "ENRICHED partial"),
    "answer_lost": Scenario(12, "ENRICHED complete"),
    "initiate_slow": Scenario(10, "ENRICHED complete"),
    "requested_elsewhere": Scenario(6, "ENRICHED complete", 0),
    "forgotten": Scenario(6, "ENRICHED complete", 2),
    "flaky": Scenario(10, "ENRICHED complete"),
    "expired_with_statements": Scenario(6, "ENRICHED complete"),
    "expired_empty": Scenario(4, "EXPIRED", 0),
    "unparsable": Scenario(3, "FAILED UNPARSABLE_STATEMENTS", 0),
    "all_failed": Scenario(3, "FAILED ACCOUNTS_FAILED"),
    "waiting": Scenario(0, "", 0),
    "expires_late": Scenario(0, "EXPIRED", 0),
}

SCENARIOS = """
[scenario.plain]
no_uploads = "100ms"
in_progress = "400ms"
processing = "400ms"

[scenario.two_banks]
no_uploads = "0s"
in_progress = "300ms"
processing = "300ms"
accounts = [{ bank = "axis", statements = 2 }, { bank = "iob", outcome = "failed", error_code = "UNPARSABLE" }]
insights_size = "200KiB"

[scenario.answer_lost]
no_uploads = "0s"
in_progress = "200ms"
processing = "300ms"
[[scenario.answer_lost.fault]]
call = "initiate"
nth = [1]
kind = "drop_after"

[scenario.initiate_slow]
no_uploads = "0s"
in_progress = "200ms"
processing = "300ms"
[[scenario.initiate_slow.fault]]
call = "initiate"
nth = [1]
kind = "slow"
delay = "600ms"

[scenario.requested_elsewhere]
no_uploads = "100ms"
in_progress = "100ms"
processing = "300ms"
initiate = "already_requested"

[scenario.forgotten]
no_uploads = "0s"
in_progress = "100ms"
processing = "300ms"
forgets_request = 1

[scenario.flaky]
no_uploads = "100ms"
in_progress = "300ms"
processing = "300ms"
[[scenario.flaky.fault]]
call = "insights"
first = 1
kind = "truncated"
[[scenario.flaky.fault]]
call = "session_status"
first = 1
kind = "status"

[scenario.expired_with_statements]
no_uploads = "100ms"
in_progress = "300ms"
then = "expired"
processing = "300ms"

[scenario.expired_empty]
then = "no_uploads"
expires_in = "900ms"

[scenario.unparsable]
no_uploads = "0s"
in_progress = "200ms"
initiate = "unparsable"

[scenario.all_failed]
no_uploads = "0s"
in_progress = "200ms"
processing = "300ms"
accounts = [{ bank = "axis", outcome = "failed" }]

# Followed until it expires after minutes, without uploads.
[scenario.expires_late]
then = "no_uploads"
expires_in = "4m"

# Followed without end and without uploads: what a restarted daemon has to load.
[scenario.waiting]
then = "no_uploads"
expires_in = "30d"
"""


def pick(chance):
    return chance.choices(list(EXPECTED), [scenario.weight for scenario in EXPECTED.values()])[0]
