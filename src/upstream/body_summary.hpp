// A scan through a JSON body without building it: whether it is one JSON object, which session it names, what
// it says of errors, whether a key occurs twice. Tens of megabytes of insights need no more memory than their
// bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bankconnect/error.hpp"

namespace bankconnect::upstream {

inline constexpr std::size_t kMaxDepth = 256;

struct BodySummary {
  std::string session_id;                ///< the top-level `session_id`, if it is a string
  bool session_id_not_a_string = false;  ///< it is there, and neither a string nor null
  bool lists_accounts = false;           ///< the top-level `accounts` is an array
  bool has_account = false;              ///< … with an object in it
  bool has_error = false;                ///< `error` is not null, false, "", {} or made of such only
  std::string error_code;                ///< `error.code`
  std::string error_message;             ///< `error.message`, or `error` itself if it is a string
  std::string detail;                    ///< the top-level `detail`
  std::string message;                   ///< the top-level `message`
  std::string statement_id;              ///< at the top or in `error`: the statement that it is about
  std::string duplicate_key;             ///< a key that occurs twice in one of the objects checked
  std::string repaired;                  ///< what was read in place of the text; empty: the text itself
};

/// The sentence about `duplicate_key`.
std::string duplicate_key_error(const BodySummary& body);

/// In which objects no key that is read may occur twice.
enum class DuplicateCheck : std::uint8_t {
  top,  ///< the answer itself and its `error`
  every_object
};

/// An error, with a sentence about what is wrong with it, when `text` is not one JSON object, strictly,
/// nested at most kMaxDepth deep. What lenient_json() replaces is no error.
Result<BodySummary> scan(std::string_view text, DuplicateCheck check);

}  // namespace bankconnect::upstream
