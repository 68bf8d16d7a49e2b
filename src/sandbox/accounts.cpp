#include "src/sandbox/accounts.hpp"

#include <fmt/format.h>

#include <cctype>

#include "src/sandbox/ids.hpp"

namespace bankconnect::sandbox {
namespace {

Account account_of(const Session& session, const AccountPlan& plan, std::size_t index, Instant created) {
  const std::string seed = fmt::format("{}/{}", session.id, index);
  Account account{.plan = &plan,
                  .id = derived_uuid(seed),
                  .number = plan.number.empty() ? derived_digits(seed, 15) : plan.number,
                  .created = created,
                  .statements = {}};
  for (int i = 0; i < plan.statements; ++i) {
    const std::string id = derived_uuid(fmt::format("{}/{}", seed, i));
    account.statements.push_back(
        {.id = id, .file_name = fmt::format("{}_{}.pdf", derived_uuid(id), plan.bank)});
  }
  return account;
}

}  // namespace

std::vector<Account> uploaded_accounts(const Session& session, const SessionState& state) {
  std::vector<Account> accounts;
  const std::vector<AccountPlan>& plans = session.scenario->accounts;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const auto& since = plans[i].reopened ? state.reopened_since : state.uploads_since;
    if (since) accounts.push_back(account_of(session, plans[i], i, *since));
  }
  return accounts;
}

std::optional<DateRange> missing_range(const Session& session, const AccountPlan& plan) {
  if (!plan.missing_data) return std::nullopt;
  return DateRange{Date{std::chrono::sys_days{session.range.to} - std::chrono::days{7}}, session.range.to};
}

std::string full_bank_name(std::string_view bank) {
  static constexpr NameTable<std::string_view, 6> kBanks{{{"sbi", "State Bank of India"},
                                                          {"hdfc", "HDFC Bank"},
                                                          {"icici", "ICICI Bank"},
                                                          {"iob", "Indian Overseas Bank"},
                                                          {"idfc", "IDFC FIRST Bank"},
                                                          {"pnb", "Punjab National Bank"}}};
  if (const auto known = value_of(kBanks, bank)) return std::string(*known);
  std::string name(bank);
  if (!name.empty()) name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  return name + " Bank";
}

std::vector<std::chrono::year_month> months_of(DateRange range) {
  std::vector<std::chrono::year_month> months;
  const std::chrono::year_month last{range.to.year(), range.to.month()};
  for (std::chrono::year_month month{range.from.year(), range.from.month()}; month <= last;
       month += std::chrono::months{1}) {
    months.push_back(month);
  }
  return months;
}

}  // namespace bankconnect::sandbox
