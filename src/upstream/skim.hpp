// A look through a large JSON body without building it: is it JSON at all, is it an object, what does it call
// itself. Tens of megabytes of insights cost no more memory than they have.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bankconnect::upstream {

struct Skimmed {
  std::string session_id;     ///< the top-level `session_id`, if it is a text
  std::string error_code;     ///< `error.code`
  std::string error_message;  ///< `error.message`
};

/// Nothing when `text` is not one JSON object, strictly, nested at most 256 deep.
std::optional<Skimmed> skim(std::string_view text);

}  // namespace bankconnect::upstream
