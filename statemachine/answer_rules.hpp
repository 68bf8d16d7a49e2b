// What an answer of BankConnect means: its error code first, its HTTP status second (but for 206).
// Source: docs/upstream.md, "What an answer means".
#pragma once

#include <cstdint>
#include <string_view>

#include "statemachine/vocabulary.hpp"

namespace bankconnect {

/// What a call that brought no usable success body means.
enum class Refusal : std::uint8_t {
  none,                      ///< a 2xx without an error code: the body decides
  duplicate,                 ///< processing was already asked for
  processing_not_requested,  ///< BankConnect knows of no processing request
  processing_not_completed,
  unparsable,
  session_not_found,
  session_deleted,
  key_required,
  account_refused,  ///< credentials, plan, base URL, or not BankConnect's word: never about this session
  slow_down,
  passing_fault,  ///< worth repeating later
  unknown         ///< an undocumented code
};

/// What an answer's body is.
enum class BodyForm : std::uint8_t { empty, json, other };

/// Classifies an answer. `error_code` is the body's `error.code`, empty when it has none.
/// `http_status` is 100…599; anything that is no HTTP answer at all is a passing fault and not asked about
/// here. A 4xx without a code may come from a proxy or a firewall: it says nothing about a session.
Refusal classify(Call call, int http_status, std::string_view error_code, BodyForm body = BodyForm::json);

std::string_view to_string(Refusal);

}  // namespace bankconnect
