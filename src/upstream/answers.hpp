// From an HTTP exchange to an Answer: the only file that knows the shape of BankConnect's bodies.
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
  std::string date;  ///< by the server's clock
  std::string age;   ///< how long caches kept it, in seconds; empty when none did
  std::string content_encoding;
  std::string body;
  std::uint64_t max_body = 64ULL << 20;  ///< how many bytes the body may have once decompressed
};

/// Why there is no complete HTTP answer; `code` as in LastError.
struct TransportError {
  std::string code;
  std::string message;
  bool may_have_arrived = true;  ///< false: nothing was sent, for want of a connection
};

bool succeeded(const HttpAnswer& http);

/// Whether the answer's body is stored as a payload.
bool is_stored(Call call);

/// How many bytes the body of an answer to `call` may have: `configured`, but no more than 8 MiB where it is
/// not stored as it comes. (Such a body is built in memory, which takes many times its size.)
std::uint64_t max_body_of(Call call, std::uint64_t configured);

/// What the answer to `question` means. `now` dates the payload and the error.
Answer read_answer(const Question& question, HttpAnswer http, Wall now);

/// Whether an answer that names no session would by itself lead to initiate, a fetch or the session's end.
/// Such an answer counts only on a connection that carried no other call. (An answer at which a time limit
/// ends the session is not among them: it says what the answers before it said.)
bool requires_session_id(const Answer& answer);

/// The error that an answer reports; nothing for a success.
std::optional<LastError> error_in(const HttpAnswer& http, Wall now);

/// The Answer for an exchange without a complete HTTP answer.
Answer failed_answer(const TransportError& error, Wall now);

}  // namespace bankconnect::upstream
