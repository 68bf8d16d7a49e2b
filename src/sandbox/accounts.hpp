// The accounts of a session, as they are at a moment.
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

// An account as the session shows it, with the plan it was made from.
struct Account {
  const AccountPlan* plan = nullptr;
  std::string id;
  std::string number;
  Instant created;
  std::vector<Statement> statements;
};

// The accounts that exist by then; ids and numbers depend on the session alone.
std::vector<Account> uploaded_accounts(const Session& session, const SessionState& state);

// What is missing of an account whose plan says so: the last week, as with a statement drawn too early.
std::optional<DateRange> missing_range(const Session& session, const AccountPlan& plan);

std::string full_bank_name(std::string_view bank);  // "axis" -> "Axis Bank"
std::vector<std::chrono::year_month> months_of(DateRange range);

}  // namespace bankconnect::sandbox
