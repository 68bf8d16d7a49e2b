#include "bankconnect/error.hpp"

#include <array>

namespace bankconnect {
namespace {

struct Entry {
  ErrorCode code;
  std::string_view name;
  int http_status;
};

using enum ErrorCode;

/// In the order of the enumeration.
constexpr std::array kEntries = {
    Entry{bad_request, "BAD_REQUEST", 400},
    Entry{invalid_session_id, "INVALID_SESSION_ID", 400},
    Entry{unauthorized, "UNAUTHORIZED", 401},
    Entry{session_not_followed, "SESSION_NOT_FOLLOWED", 404},
    Entry{no_such_endpoint, "NO_SUCH_ENDPOINT", 404},
    Entry{not_available, "NOT_AVAILABLE", 404},
    Entry{method_not_allowed, "METHOD_NOT_ALLOWED", 405},
    Entry{wrong_state, "WRONG_STATE", 409},
    Entry{hold_too_late, "HOLD_TOO_LATE", 409},
    Entry{events_ahead, "EVENTS_AHEAD", 409},
    Entry{webhook_not_configured, "WEBHOOK_NOT_CONFIGURED", 409},
    Entry{events_gone, "EVENTS_GONE", 410},
    Entry{payload_too_large, "PAYLOAD_TOO_LARGE", 413},
    Entry{unsupported_media_type, "UNSUPPORTED_MEDIA_TYPE", 415},
    Entry{expectation_failed, "EXPECTATION_FAILED", 417},
    Entry{backup_failed, "BACKUP_FAILED", 500},
    Entry{payload_damaged, "PAYLOAD_DAMAGED", 500},
    Entry{method_not_implemented, "METHOD_NOT_IMPLEMENTED", 501},
    Entry{store_unavailable, "STORE_UNAVAILABLE", 503},
    Entry{overloaded, "OVERLOADED", 503},
    Entry{http_version_not_supported, "HTTP_VERSION_NOT_SUPPORTED", 505},
    Entry{not_json, "NOT_JSON", 500},
    Entry{bad_base_url, "BAD_BASE_URL", 500},
    Entry{bad_address, "BAD_ADDRESS", 500},
    Entry{cannot_listen, "CANNOT_LISTEN", 500},
    Entry{tls_certificate, "TLS_CERTIFICATE", 500},
    Entry{tls_key, "TLS_KEY", 500},
    Entry{files_unwritable, "FILES_UNWRITABLE", 500},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kEntries.size(); ++i) {
    if (static_cast<std::size_t>(kEntries[i].code) != i) return false;
  }
  return kEntries.size() == static_cast<std::size_t>(files_unwritable) + 1;
}
static_assert(in_order(), "every code has its entry, at its place");

}  // namespace

std::string_view to_string(ErrorCode code) {
  return kEntries[static_cast<std::size_t>(code)].name;
}

int http_status(ErrorCode code) {
  return kEntries[static_cast<std::size_t>(code)].http_status;
}

}  // namespace bankconnect
