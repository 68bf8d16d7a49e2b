// What BankConnect answers, from the words of a transcript: an HTTP status and what the body says.
#pragma once

#include "bankconnect/ports.hpp"
#include "tests/transcripts/replay/words.hpp"

namespace bankconnect::transcripts {

/// `200 IN_PROGRESS accounts=1 statements=2 expires=30m`, `202`, `200 processing`, `409 CODE`, `429
/// retry_after=5s`. Expiry is counted from `began`.
Answer answer_to(Call call, Words& words, Moment now, Wall began);

/// No HTTP answer came: `TIMEOUT`, `CONNECTION_REFUSED`; with `unsent`, BankConnect saw nothing of the call.
Answer fault(Words& words, Moment now);

Call call_named(const std::string& text);

}  // namespace bankconnect::transcripts
