#include "src/view/accounts.hpp"

#include <boost/json.hpp>
#include <utility>

namespace bankconnect::view {

namespace json = boost::json;

namespace {

/// The summary of an answer: an array, or an object with `accounts` in it.
ShownAccounts read(const std::string& stored) {
  ShownAccounts out;
  if (stored.empty()) return out;
  boost::system::error_code ec;
  json::value parsed = json::parse(stored, ec);
  if (ec) return out;
  if (parsed.is_array()) {
    out.accounts = std::move(parsed.get_array());
  } else if (json::object* const whole = parsed.if_object()) {
    if (json::value* const accounts = whole->if_contains("accounts"); accounts && accounts->is_array())
      out.accounts = std::move(accounts->get_array());
    if (json::value* const range = whole->if_contains("session_date_range"))
      out.session_date_range = std::move(*range);
  }
  return out;
}

bool says_nothing(const json::value& value) {
  return value.is_null() || (value.is_array() && value.get_array().empty());
}

/// What `from` says and `into` does not.
void add_missing(json::object& into, const json::object& from) {
  for (const auto& [key, value] : from) {
    json::value* const there = into.if_contains(key);
    if (there == nullptr) {
      into[key] = value;
    } else if (says_nothing(*there) && key != "error_code" && key != "error_message") {
      *there = value;
    }
  }
}

json::object* with_id(json::array& list, const json::value& id) {
  if (!id.is_string()) return nullptr;
  for (json::value& one : list) {
    json::object* const object = one.if_object();
    const json::value* const its = object != nullptr ? object->if_contains("id") : nullptr;
    if (its != nullptr && *its == id) return object;
  }
  return nullptr;
}

json::array* statements_of(json::object& account) {
  json::value* const list = account.if_contains("statements");
  return list != nullptr ? list->if_array() : nullptr;
}

/// To each of `into` what the one with its id in `from` has besides.
void add_by_id(json::array& into, json::array& from) {
  for (json::value& one : into) {
    json::object* const object = one.if_object();
    const json::value* const id = object != nullptr ? object->if_contains("id") : nullptr;
    json::object* const other = id != nullptr ? with_id(from, *id) : nullptr;
    if (other == nullptr) continue;
    json::array* const statements = statements_of(*object);
    json::array* const other_statements = statements_of(*other);
    if (statements != nullptr && other_statements != nullptr) add_by_id(*statements, *other_statements);
    add_missing(*object, *other);
  }
}

}  // namespace

ShownAccounts accounts_of(const SessionRecord& record) {
  ShownAccounts uploaded = read(record.uploaded_accounts);
  ShownAccounts processed = read(record.processed_accounts);
  ShownAccounts out;
  out.session_date_range = std::move(uploaded.session_date_range);
  if (processed.accounts.empty()) {
    out.accounts = std::move(uploaded.accounts);
  } else {
    add_by_id(processed.accounts, uploaded.accounts);
    out.accounts = std::move(processed.accounts);
  }
  ShownAccounts progress = read(record.statement_progress);
  for (json::value& account : out.accounts) {
    json::object* const object = account.if_object();
    json::array* const statements = object != nullptr ? statements_of(*object) : nullptr;
    if (statements != nullptr) add_by_id(*statements, progress.accounts);
  }
  return out;
}

}  // namespace bankconnect::view
