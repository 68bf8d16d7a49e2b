// A look through a JSON body without building it: is it JSON at all, is it an object, whom is it about, what
// does it say of errors, does it contradict itself. Tens of megabytes of insights cost no more memory than
// they have.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bankconnect/error.hpp"

namespace bankconnect::upstream {

inline constexpr std::size_t kMaxDepth = 256;

struct Skimmed {
  std::string session_id;       ///< the top-level `session_id`, if it is a text
  bool odd_session_id = false;  ///< it is there, and neither a text nor null
  bool lists_accounts = false;  ///< the top-level `accounts` is an array
  bool has_error = false;       ///< `error` says something: it is not null, false, "", {} or made of such
  std::string error_code;       ///< `error.code`
  std::string error_message;    ///< `error.message`, or `error` itself if it is a text
  std::string detail;           ///< the top-level `detail`
  std::string message;          ///< the top-level `message`
  std::string doubled;          ///< a key that comes twice in one of the objects watched
  std::string mended;           ///< what was read in place of the text; empty: the text itself
};

/// In which objects no key that is read may come twice.
enum class Watch : std::uint8_t {
  top,  ///< the answer itself and its `error`
  every_object
};

/// An error, with a sentence about what is wrong with it, when `text` is not one JSON object, strictly,
/// nested at most kMaxDepth deep. What JSON's grammar allows and Boost.JSON does not take is no error: for
/// half a surrogate pair U+FFFD is read, for an exponent of ten digits or more zero.
Result<Skimmed> skim(std::string_view text, Watch watch);

}  // namespace bankconnect::upstream
