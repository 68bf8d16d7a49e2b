#include "src/upstream/accounts.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace bankconnect::upstream {

namespace json = boost::json;

namespace {

// An answer may be 64 MiB; what is kept of it to look at has a limit.
constexpr std::size_t kMostAccounts = 1000;
constexpr std::size_t kMostStatements = 1000;
constexpr std::size_t kMostMissing = 100;
constexpr std::size_t kLongestText = 300;

/// A text member, cut to a length; null, "" and absent mean the same: none.
json::value text_of(const json::object& object, json::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string() || value->get_string().empty()) return nullptr;
  std::string_view text(value->get_string().data(), value->get_string().size());
  if (text.size() <= kLongestText) return json::string(value->get_string());
  text = text.substr(0, kLongestText);
  // Not through the middle of a UTF-8 sequence.
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.remove_suffix(1);
  if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0) text.remove_suffix(1);
  return json::string(json::string_view(text.data(), text.size()));
}

const json::array* array_of(const json::object& object, json::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr ? value->if_array() : nullptr;
}

bool says_failed(const json::object& account) {
  const json::value* status = account.if_contains("account_status");
  if (status == nullptr || !status->is_string()) return false;
  const json::string& text = status->get_string();
  constexpr std::string_view kFailed = "failed";
  return text.size() == kFailed.size() &&
         std::equal(text.begin(), text.end(), kFailed.begin(), [](char a, char b) { return (a | 0x20) == b; });
}

json::array statements_of(const json::object& account, std::uint32_t& count) {
  json::array out;
  const json::array* statements = array_of(account, "statements");
  if (statements == nullptr) return out;
  count += static_cast<std::uint32_t>(statements->size());
  for (const json::value& value : *statements) {
    const json::object* statement = value.if_object();
    if (statement == nullptr || out.size() == kMostStatements) continue;
    out.push_back(json::object{{"id", text_of(*statement, "statement_id")},
                               {"status", text_of(*statement, "statement_status")},
                               {"source", text_of(*statement, "source")},
                               {"error_code", text_of(*statement, "error_code")},
                               {"error_message", text_of(*statement, "error_message")}});
  }
  return out;
}

json::array missing_data_of(const json::object& account) {
  json::array out;
  const json::array* missing = array_of(account, "missing_data");
  if (missing == nullptr) return out;
  for (const json::value& value : *missing) {
    const json::object* range = value.if_object();
    if (range == nullptr || out.size() == kMostMissing) continue;
    out.push_back(
        json::object{{"from_date", text_of(*range, "from_date")}, {"to_date", text_of(*range, "to_date")}});
  }
  return out;
}

json::value masked_number(const json::object& account) {
  const json::value number = text_of(account, "account_number");
  if (number.is_null()) return nullptr;
  const json::string& text = number.get_string();
  return json::string(masked(std::string_view(text.data(), text.size())));
}

std::uint32_t fnv1a(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash == 0 ? 1 : hash;
}

}  // namespace

std::string masked(std::string_view account_number) {
  if (account_number.size() <= 4) return "XXXX";
  return "XXXX" + std::string(account_number.substr(account_number.size() - 4));
}

Accounts read_accounts(const json::object& body) {
  Accounts out;
  json::array summary;
  if (const json::array* accounts = array_of(body, "accounts")) {
    for (const json::value& value : *accounts) {
      const json::object* account = value.if_object();
      if (account == nullptr) continue;
      ++out.accounts;
      if (says_failed(*account)) ++out.failed;
      json::array statements = statements_of(*account, out.statements);
      if (summary.size() == kMostAccounts) continue;
      summary.push_back(json::object{{"id", text_of(*account, "account_id")},
                                     {"bank", text_of(*account, "bank_name")},
                                     {"number", masked_number(*account)},
                                     {"status", text_of(*account, "account_status")},
                                     {"error_code", text_of(*account, "error_code")},
                                     {"error_message", text_of(*account, "error_message")},
                                     {"statements", std::move(statements)},
                                     {"missing_data", missing_data_of(*account)}});
    }
  }
  out.summary = json::serialize(summary);
  if (out.accounts > 0) out.fingerprint = fnv1a(out.summary);
  return out;
}

}  // namespace bankconnect::upstream
