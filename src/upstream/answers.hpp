// From an HTTP exchange to an Answer: the only place that knows what BankConnect's bodies look like.
// Pure: no I/O, no clock. Large bodies are read on a worker thread.
#pragma once

#include <cstdint>
#include <string>

#include "bankconnect/ports.hpp"

namespace bankconnect::upstream {

/// A complete HTTP answer.
struct HttpAnswer {
  int status = 0;
  std::string retry_after;
  std::string date;  ///< by the other side's clock
  std::string content_encoding;
  std::string body;
};

/// What went wrong when there is no complete HTTP answer; `code` as in LastError.
struct Fault {
  std::string code;
  std::string message;
  bool may_have_arrived = true;  ///< false: no connection was made, so nothing was sent
};

/// How many bytes the body of an answer to `call` may have: `configured`, but no more than 8 MiB where
/// nothing of it is kept as it comes. (It is built in memory, which takes many times its size.)
std::uint64_t max_body_of(Call call, std::uint64_t configured);

/// What the answer to `question` means. `now` dates the payload and the error.
Answer read_answer(const Question& question, HttpAnswer http, Wall now);

/// Whether an answer that names no session would by itself lead to a call to initiate, a fetch or an end.
/// Such an answer counts only where it can be nobody else's. (One that a limit of time ends a session at is
/// not among them: it says what the answers before it have said.)
bool must_say_whose(const Answer& answer);

/// What an answer that is no success says went wrong; nothing for a success.
std::optional<LastError> error_in(const HttpAnswer& http, Wall now);

/// The answer that is none: a fault of the connection, the framing or the time limit.
Answer fault_answer(const Fault& fault, Wall now);

}  // namespace bankconnect::upstream
