// Errors as values: a code for programs, a sentence for people. What can normally fail returns a Result.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace bankconnect {

/// The codes that clients see (docs/control-socket.md), and those that stay inside the daemon.
enum class ErrorCode : std::uint8_t {
  // A request was wrong.
  bad_request,
  invalid_session_id,
  unauthorized,
  session_not_followed,
  no_such_endpoint,
  not_available,
  method_not_allowed,
  wrong_state,
  hold_too_late,
  events_ahead,
  webhook_not_configured,
  events_gone,
  payload_too_large,
  unsupported_media_type,
  expectation_failed,

  // A request was right and cannot be served.
  backup_failed,
  payload_damaged,
  method_not_implemented,
  store_unavailable,
  overloaded,
  http_version_not_supported,

  // Never sent to a client.
  not_json,
  bad_base_url,
  bad_address,
  cannot_listen,
  tls_certificate,
  tls_key,
  files_unwritable
};

/// The code as clients see it: `STORE_UNAVAILABLE`.
std::string_view to_string(ErrorCode);

/// The HTTP status of an answer with this code; 500 for those that are never sent.
int http_status(ErrorCode);

struct Error {
  Error() = default;
  Error(ErrorCode code_, std::string message_) : code(code_), message(std::move(message_)) {}

  ErrorCode code = ErrorCode::bad_request;
  std::string message;  ///< what and where
};

[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::logic_error("unchecked error " + std::string(to_string(error.code)) + ": " + error.message);
}

template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace bankconnect
