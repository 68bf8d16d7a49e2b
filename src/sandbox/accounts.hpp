// The accounts of a session at one moment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/sandbox/session.hpp"

namespace bankconnect::sandbox {

struct Statement {
  std::string id;
  std::string file_name;
};

// An account and the part of the scenario it was made from.
struct Account {
  const AccountPlan* plan = nullptr;
  std::string id;
  std::string number;
  Instant created;
  std::vector<Statement> statements;
};

// The accounts uploaded so far. Ids and numbers depend on the session id and the scenario only.
std::vector<Account> uploaded_accounts(const Session& session, const SessionState& state);

// The last week of the range if the plan has `missing_data`, as with a statement drawn too early.
std::optional<DateRange> missing_range(const Session& session, const AccountPlan& plan);

std::string full_bank_name(std::string_view bank);  // "axis" -> "Axis Bank"
std::vector<std::chrono::year_month> months_of(DateRange range);

}  // namespace bankconnect::sandbox
