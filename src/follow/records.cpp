#include "bankconnect/records.hpp"

namespace bankconnect {

std::string hex(const Sha256& digest) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(digest.size() * 2);
  for (const std::uint8_t byte : digest) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

std::string_view name(HintResult result) {
  switch (result) {
    case HintResult::accepted: return "accepted";
    case HintResult::recorded: return "recorded";
    case HintResult::kept: return "kept";
    case HintResult::ignored: return "ignored";
  }
  return "";
}

std::optional<HintResult> hint_result_named(std::string_view text) {
  for (const HintResult result :
       {HintResult::accepted, HintResult::recorded, HintResult::kept, HintResult::ignored}) {
    if (name(result) == text) return result;
  }
  return std::nullopt;
}

}  // namespace bankconnect
