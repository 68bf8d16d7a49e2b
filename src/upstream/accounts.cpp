#include "src/upstream/accounts.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "bankconnect/text.hpp"
#include "src/upstream/keys.hpp"
#include "src/upstream/masked_text.hpp"

namespace bankconnect::upstream {

namespace json = boost::json;

namespace {

// An answer may be 64 MiB; what is kept of it to look at has a limit.
constexpr std::size_t kMostText = 192 * 1024;  // with what says how much is left out, 256 KiB
constexpr std::size_t kMostAccounts = 1000;
constexpr std::size_t kMostStatements = 1000;  // of all accounts
constexpr std::size_t kLongestMonth = 20;      // 2025-08
constexpr std::size_t kMostMissing = 100;      // of an account
/// The part of the summary's size that is left.
class SizeBudget {
 public:
  /// Whether it fits; then its size is taken off.
  bool takes(const json::object& one) {
    const std::size_t size = json::serialize(one).size() + 1;
    if (size > free_) return false;
    free_ -= size;
    return true;
  }

 private:
  std::size_t free_ = kMostText;
};

bool says_failed(const json::object& account) {
  return equals_ignoring_case(text_at(account, "account_status"), "failed");
}

json::object shown_range(const json::object& range, const MaskedText& texts) {
  return {{"from_date", texts.name(range, "from_date")}, {"to_date", texts.name(range, "to_date")}};
}

/// Only documented fields that the answer has are shown, under their documented names.
void add_names(json::object& out, const json::object& object, const MaskedText& texts,
               std::initializer_list<Key> keys) {
  for (const Key key : keys) {
    json::value text = texts.sentence(object, key);
    if (!text.is_null()) out[key.name()] = std::move(text);
  }
}

void add_date_range(json::object& out, const json::object& object, const MaskedText& texts, Key key) {
  const json::value* const range = object.if_contains(key.name());
  if (range == nullptr || !range->is_object()) return;
  json::object shown = shown_range(range->get_object(), texts);
  if (!shown["from_date"].is_null() || !shown["to_date"].is_null()) out[key.name()] = std::move(shown);
}

json::object shown_statement(const json::object& statement, const MaskedText& texts) {
  json::object out = {{"id", texts.name(statement, "statement_id")},
                      {"status", texts.name(statement, "statement_status")},
                      {"source", texts.name(statement, "source")},
                      {"error_code", texts.name(statement, "error_code")},
                      {"error_message", texts.sentence(statement, "error_message")}};
  add_names(out, statement, texts, {"upload_file_name", "created_at"});
  add_date_range(out, statement, texts, "statement_date_range");
  return out;
}

/// `months`, as listed: 2025-08, 2025-09, …
json::array shown_months(const json::object& account) {
  json::array out;
  const json::array* const months = array_at(account, "months");
  if (months == nullptr) return out;
  for (const json::value& month : *months) {
    if (out.size() == kMostMissing) break;
    if (month.is_string() && month.get_string().size() <= kLongestMonth)
      out.push_back(cut(with_numbers_masked(month.get_string())));
  }
  return out;
}

json::object shown_account(const json::object& account, const MaskedText& texts) {
  json::object out = {{"id", texts.name(account, "account_id")},
                      {"bank", texts.name(account, "bank_name")},
                      {"number", texts.number()},
                      {"status", texts.name(account, "account_status")},
                      {"error_code", texts.name(account, "error_code")},
                      {"error_message", texts.sentence(account, "error_message")},
                      {"statements", json::array()},
                      {"missing_data", json::array()}};
  if (json::array months = shown_months(account); !months.empty()) out["months"] = std::move(months);
  add_names(out, account, texts, {"full_bank_name", "account_type", "created_at", "last_updated_at"});
  return out;
}

/// A list's first members, at most as many as said, and how many more there are.
struct Truncated {
  json::array first;
  std::size_t more = 0;
};

template <class Show>
Truncated first_of(const json::array* list, std::size_t most, SizeBudget& budget, Show show) {
  Truncated out;
  if (list == nullptr) return out;
  for (const json::value& value : *list) {
    const json::object* object = value.if_object();
    if (object == nullptr) continue;
    if (out.more == 0 && out.first.size() < most) {
      json::object one = show(*object);
      if (budget.takes(one)) {
        out.first.push_back(std::move(one));
        continue;
      }
    }
    ++out.more;
  }
  return out;
}

/// Puts the list in its place, and beside it how many it has not.
void put(json::object& account, json::string_view name, Truncated list) {
  account[name] = std::move(list.first);
  if (list.more > 0) account["more_" + std::string(name)] = list.more;
}

/// What each account has, once all are shown that can be: where there is little budget, they come first.
void add_lists(const json::array& list, json::array& shown, SizeBudget& budget) {
  std::size_t statements_left = kMostStatements;
  auto place = shown.begin();
  for (const json::value& value : list) {
    if (place == shown.end()) return;
    const json::object* account = value.if_object();
    if (account == nullptr) continue;
    const MaskedText texts(*account);
    Truncated statements =
        first_of(array_at(*account, "statements"), statements_left, budget,
                 [&texts](const json::object& statement) { return shown_statement(statement, texts); });
    Truncated missing = first_of(array_at(*account, "missing_data"), kMostMissing, budget,
                                 [&texts](const json::object& range) { return shown_range(range, texts); });
    statements_left -= statements.first.size();
    put(place->get_object(), "statements", std::move(statements));
    put(place->get_object(), "missing_data", std::move(missing));
    ++place;
  }
}

/// Whatever is shown of them.
void count(const json::array& list, Accounts& out) {
  for (const json::value& value : list) {
    const json::object* account = value.if_object();
    if (account == nullptr) continue;
    ++out.accounts;
    if (says_failed(*account)) ++out.failed;
    if (const json::array* statements = array_at(*account, "statements"))
      out.statements += static_cast<std::uint32_t>(statements->size());
  }
}

std::uint32_t fnv1a(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash == 0 ? 1 : hash;
}

}  // namespace

Accounts read_accounts(const json::object& body) {
  Accounts out;
  out.summary = "[]";
  const json::array* list = array_at(body, "accounts");
  if (list == nullptr) return out;
  count(*list, out);
  SizeBudget budget;
  Truncated accounts = first_of(list, kMostAccounts, budget, [](const json::object& account) {
    return shown_account(account, MaskedText(account));
  });
  add_lists(*list, accounts.first, budget);
  // One fits at least.
  if (accounts.more > 0) accounts.first.back().get_object()["more_accounts"] = accounts.more;
  json::object whole;
  add_date_range(whole, body, MaskedText(body), "session_date_range");
  if (whole.empty()) {
    out.summary = json::serialize(accounts.first);
  } else {
    whole["accounts"] = std::move(accounts.first);
    out.summary = json::serialize(whole);
  }
  if (out.accounts > 0) out.fingerprint = fnv1a(out.summary);
  return out;
}

StatementProgress read_statement_progress(const json::object& body) {
  StatementProgress out;
  const json::array* const list = array_at(body, "progress");
  if (list == nullptr || list->empty()) return out;
  SizeBudget budget;
  const MaskedText texts(body);
  const Truncated statements = first_of(list, kMostStatements, budget, [&texts](const json::object& of) {
    json::object statement = {{"id", texts.name(of, "statement_id")}};
    add_names(statement, of, texts,
              {"identity_status", "transaction_status", "processing_status", "fraud_status", "message"});
    return statement;
  });
  out.summary = json::serialize(statements.first);
  out.fingerprint = fnv1a(out.summary);
  return out;
}

}  // namespace bankconnect::upstream
