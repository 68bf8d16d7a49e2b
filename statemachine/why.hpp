// Why a session is where it is, as a rule's name and one sentence a person understands.
#pragma once

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

/// Explains `durable`. `code` is BankConnect's, of the last answer, or empty.
Explanation explain(const Durable& durable, std::string_view code);

/// The anomalies recorded for a session, a code each.
std::vector<std::string_view> anomaly_codes(std::uint16_t anomalies);

}  // namespace bankconnect
