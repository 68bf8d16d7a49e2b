#pragma once

#include <string_view>

namespace bankconnect::sandbox {

// A documented error: HTTP status, code and message.
struct ApiError {
  int status;
  std::string_view code;
  std::string_view message;
};

inline constexpr ApiError kSessionNotFound{404, "SESSION_NOT_FOUND", "The provided session ID is invalid"};
inline constexpr ApiError kSessionDeleted{410, "SESSION_DELETED", "The provided session ID has been deleted"};
inline constexpr ApiError kAccessDenied{403, "ACCESS_DENIED", "Authentication credentials were not provided"};
inline constexpr ApiError kKeyRequired{400, "KEY_REQUIRED", "valid session_id is required"};
inline constexpr ApiError kProcessingNotRequested{
    400, "PROCESSING_NOT_REQUESTED", "Cannot proceed as the processing has not been requested yet"};
inline constexpr ApiError kProcessingNotCompleted{400, "PROCESSING_NOT_COMPLETED",
                                                  "The processing for this session is currently in progress"};
inline constexpr ApiError kUnparsableStatements{400, "UNPARSABLE_STATEMENTS",
                                                "The uploaded statements are not parsable"};
// Documented with 409 and with 400: the scenario sets the status.
inline constexpr ApiError kDuplicateRequest{409, "DUPLICATE_PROCESSING_REQUEST",
                                            "Request for processing have already been initiated"};
inline constexpr ApiError kInvalidDateFormat{
    400, "INVALID_DATE_FORMAT", "Invalid format for from_date and to_date, 'Supported format: DD/MM/YYYY'"};
inline constexpr ApiError kInvalidDateRange{400, "INVALID_DATE_RANGE",
                                            "`from_date` cannot be greater or equal to `to_date`."};
inline constexpr ApiError kInvalidSessionExpiry{400, "INVALID_SESSION_EXPIRY", "Min = 5, Max = 43200"};
inline constexpr ApiError kInvalidUrl{400, "INVALID_URL", "Enter a valid URL."};

// The documented message for an error code of an account or a statement; empty if undocumented.
std::string_view documented_message(std::string_view code);

}  // namespace bankconnect::sandbox
