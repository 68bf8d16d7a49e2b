#include "src/sandbox/insights.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <iterator>

#include "src/sandbox/accounts.hpp"
#include "src/sandbox/answers.hpp"
#include "src/sandbox/ids.hpp"

namespace bankconnect::sandbox {
namespace {

// The JSON is formatted as text: a JSON library would print 10890.0 as 1.089E4.
using Text = std::back_insert_iterator<std::string>;

constexpr std::size_t kLongestTransaction = 400;

// 10890.0, 10955.62: one decimal, or two if the second is not zero.
std::string money(std::int64_t paise) {
  const char* sign = paise < 0 ? "-" : "";
  const std::int64_t amount = paise < 0 ? -paise : paise;
  if (amount % 10 == 0) return fmt::format("{}{}.{}", sign, amount / 100, amount % 100 / 10);
  return fmt::format("{}{}.{:02}", sign, amount / 100, amount % 100);
}

std::string in_quotes(std::string_view text) {
  return boost::json::serialize(boost::json::value(text));
}

struct TransactionKind {
  const char* type;
  const char* note;
  const char* category;
};

constexpr std::array<TransactionKind, 4> kTransactionKinds{
    {{"credit", "UPI~{0}~swiggystores@icici~Swiggy", "Food"},
     {"credit", "IMP-{0}-RBL BANK -salary", "Salary"},
     {"debit", "UPI/P2A/{0}/ANANDA P /UPI/INDIAN OVERSEAS BANK", "Self Transfer"},
     {"debit", "ATM-CASH/{0}/BANGALORE", "Cash Withdrawal"}}};

// An endless sequence of transactions within the date range. The account id and the range determine it.
class Transactions {
 public:
  Transactions(const std::string& account_id, DateRange range)
      : rng_(account_id),
        first_(range.from),
        days_(std::chrono::sys_days{range.to} - first_ + std::chrono::days{1}) {}

  void write_next(std::string& out) {
    const TransactionKind& kind = kTransactionKinds[rng_.below(kTransactionKinds.size())];
    const auto day = first_ + std::chrono::days{rng_.below(static_cast<std::uint64_t>(days_.count()))};
    const auto amount = static_cast<std::int64_t>(rng_.below(5'000'000));
    const auto balance = static_cast<std::int64_t>(rng_.below(40'000'000)) - 5'000'000;
    const std::string note =
        fmt::format(fmt::runtime(kind.note), 100'000'000'000 + rng_.below(900'000'000'000));
    const std::uint64_t hash = rng_.next();
    fmt::format_to(
        Text(out),
        R"({{"transaction_type":"{}","transaction_note":"{}","chq_num":null,"amount":{},"balance":{},)"
        R"("date":"{} 00:00:00","hash":"{:016x}{:016x}","category":"{}"}})",
        kind.type, note, money(amount), money(balance), iso_date(Date{day}), hash, rng_.next(),
        kind.category);
  }

 private:
  SeededRandom rng_;
  std::chrono::sys_days first_;
  std::chrono::days days_;
};

// Writes each item with `write`, separated by commas.
template <typename Items, typename Write>
std::string joined(const Items& items, Write write) {
  std::string out;
  for (const auto& item : items) {
    if (!out.empty()) out += ',';
    write(out, item);
  }
  return out;
}

std::string account_details(const Session& session, const Account& account) {
  const std::string statements = joined(account.statements, [](std::string& out, const Statement& statement) {
    fmt::format_to(Text(out), "\"{}\"", statement.id);
  });
  const std::string months =
      joined(months_of(session.range), [](std::string& out, std::chrono::year_month which) {
        fmt::format_to(Text(out), "\"{}\"", iso_month(which));
      });
  const auto gap = missing_range(session, *account.plan);
  const std::string missing =
      gap ? fmt::format(R"({{"from_date":"{}","to_date":"{}"}})", iso_date(gap->from), iso_date(gap->to))
          : "";
  return fmt::format(
      R"({{"account_category":"individual","account_number":{},"account_opening_date":null,"bank":{},)"
      R"("name":{},"address":"ABCD Nagar","credit_limit":0.0,"ifsc":null,"micr":null,"missing_data":[{}],)"
      R"("od_limit":0.0,"salary_confidence":null,"statements":[{}],"months":[{}],"country_code":"IN",)"
      R"("currency_code":"INR","metadata_analysis":{{"name_matches":[]}}}})",
      in_quotes(account.number), in_quotes(account.plan->bank), in_quotes(account.plan->name), missing,
      statements, months);
}

std::string monthly_balances(const Session& session, const std::string& seed_text) {
  SeededRandom rng(seed_text);
  return joined(months_of(session.range), [&](std::string& out, std::chrono::year_month which) {
    const auto paise = static_cast<std::int64_t>(rng.below(20'000'000));
    fmt::format_to(Text(out), "\"{}\":{}", month_name_year(which), money(paise));
  });
}

// What follows the transactions. It is formatted first, because its length limits their number.
std::string account_tail(const Session& session, const Account& account, const ReportLinks& links) {
  return fmt::format(
      R"(],"monthly_analysis":{{"opening_balance":{{{}}},"closing_balance":{{{}}}}},)"
      R"("predictors":{{"accountnumber":{},"bank_name":{},"ifsc_code":null,"customer_name":{},)"
      R"("ccod_limit":0.0,"expense_0":760951.0,"expense_1":1288794.04,"expense_2":null}},)"
      R"("eod_balances":{{"{}":[320772.41,107510.5,-399480.41]}},)"
      R"("xlsx_report_url":"{}{}.xlsx{}","xml_report_url":"{}{}.xml{}"}}}})",
      monthly_balances(session, account.id + "/opening"), monthly_balances(session, account.id + "/closing"),
      in_quotes(account.number), in_quotes(account.plan->bank), in_quotes(account.plan->name),
      month_name_year(session.range.from.year() / session.range.from.month()), links.before, account.id,
      links.after, links.before, account.id, links.after);
}

// Writes one account with as many transactions as fit while `out` stays within `target` bytes.
void write_account(std::string& out, const Session& session, const Account& account, const ReportLinks& links,
                   std::size_t target) {
  const std::string tail = account_tail(session, account, links);
  fmt::format_to(Text(out),
                 R"({{"account_id":"{}","data":{{"account_details":{},"fraud":[],"transactions":[)",
                 account.id, account_details(session, account));
  Transactions transactions(account.id, session.range);
  transactions.write_next(out);
  while (out.size() + tail.size() + kLongestTransaction < target) {
    out += ',';
    transactions.write_next(out);
  }
  out += tail;
}

}  // namespace

std::string insights_answer(const Session& session, const SessionState& state, const ReportLinks& links) {
  const std::size_t size = session.scenario->insights_size;
  std::vector<Account> accounts = uploaded_accounts(session, state);
  std::erase_if(accounts, [&](const Account& account) { return fails(*account.plan, state); });
  std::string out;
  out.reserve(size + 1024);
  fmt::format_to(Text(out), R"({{"session_id":"{}","link_id":{},"session_date_range":)", session.id,
                 in_quotes(session.link_id));
  fmt::format_to(Text(out), R"({{"from_date":"{}","to_date":"{}"}},"accounts":[)",
                 iso_date(session.range.from), iso_date(session.range.to));
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    if (i > 0) out += ',';
    write_account(out, session, accounts[i], links, size * (i + 1) / accounts.size());
  }
  out += "]}";
  if (out.size() < size) out.append(size - out.size(), ' ');
  return out;
}

}  // namespace bankconnect::sandbox
