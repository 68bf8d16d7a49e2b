// What BankConnect says went wrong, whichever of the documented shapes it has; and where it says nothing, a
// sentence in its place. A page that comes instead of an answer is never quoted.
#pragma once

#include <string>
#include <string_view>

#include "bankconnect/records.hpp"
#include "src/upstream/skim.hpp"

namespace bankconnect::upstream {

inline constexpr std::size_t kLongestMessage = 300;

struct ApiError {
  std::string code;
  std::string message;
};

ApiError error_of(const Skimmed& body);

/// Of an answer that is no success: its code or HTTP status, and why, in a sentence.
LastError refusal(int http_status, const ApiError& said, const Result<Skimmed>& body, Wall now);

/// As people may see it: printable, and without account numbers.
std::string shown(std::string_view text, std::size_t longest);

}  // namespace bankconnect::upstream
