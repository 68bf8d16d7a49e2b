// Why a session is where it is, as a rule's name and one sentence a person understands.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "statemachine/session.hpp"

namespace bankconnect {

/// The rule's name, for programs: `completed`, `no_uploads`, `held`, …
std::string_view to_string(Why);

struct Explanation {
  std::string rule;
  std::string text;
};

/// What an explanation may name besides.
struct Told {
  std::string_view code;                         ///< BankConnect's, of the last answer; may be empty
  std::span<const std::string> failed_accounts;  ///< each account that failed, with its code
  bool insights_denied = false;                  ///< BankConnect said that there are none
};

Explanation explain(const Durable& durable, const Told& told);

/// The anomalies recorded for a session, a code each.
std::vector<std::string_view> anomaly_codes(std::uint16_t anomalies);

}  // namespace bankconnect
