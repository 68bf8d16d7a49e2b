// What an answer says went wrong, in whichever of the documented shapes; where it says nothing, a sentence in
// its place. A web page that comes instead of an answer is never quoted.
#pragma once

#include <string>
#include <string_view>

#include "bankconnect/records.hpp"
#include "src/upstream/body_summary.hpp"

namespace bankconnect::upstream {

inline constexpr std::size_t kLongestMessage = 300;

struct ApiError {
  std::string code;
  std::string message;
};

ApiError error_of(const BodySummary& body);

/// Of an answer that is no success: its code or HTTP status, and why, in a sentence.
LastError refusal(int http_status, const ApiError& said, const Result<BodySummary>& body, Wall now);

/// Fit to be shown: printable, and with account numbers masked.
std::string displayable(std::string_view text, std::size_t longest);

}  // namespace bankconnect::upstream
