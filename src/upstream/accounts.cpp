#include "src/upstream/accounts.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "bankconnect/text.hpp"
#include "src/upstream/keys.hpp"

namespace bankconnect::upstream {

namespace json = boost::json;

namespace {

// An answer may be 64 MiB; what is kept of it to look at has a limit.
constexpr std::size_t kMostText = 192 * 1024;  // with what says how much is left out, 256 KiB
constexpr std::size_t kMostAccounts = 1000;
constexpr std::size_t kMostStatements = 1000;  // of all accounts
constexpr std::size_t kMostMissing = 100;      // of an account
constexpr std::size_t kLongestText = 300;

constexpr std::size_t kShortestNumber = 9;  // digits in a row that may be an account number
constexpr std::size_t kLongestSought = 64;  // of an account's number, where it is looked for in texts

bool continues_a_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// At most that many bytes of it, and not through the middle of a UTF-8 sequence.
std::string_view beginning_of(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return text;
  while (longest > 0 && continues_a_character(text[longest]))
    --longest;
  return text.substr(0, longest);
}

json::value cut(std::string_view text) {
  if (text.empty()) return nullptr;
  text = beginning_of(text, kLongestText);
  return json::string(text);
}

/// The digits it begins with.
std::string_view leading_digits(std::string_view text) {
  return text.substr(0, text.find_first_not_of("0123456789"));
}

/// The texts of one account, with its number masked wherever it occurs.
class MaskedText {
 public:
  explicit MaskedText(const json::object& account)
      : number_(text_at(account, "account_number")),
        mask_(masked(number_)),
        sought_(beginning_of(number_, kLongestSought)) {}

  json::value number() const { return number_.empty() ? json::value(nullptr) : cut(mask_); }

  /// A member that names something.
  json::value name(const json::object& object, Key key) const {
    return cut(masked_beginning(text_at(object, key), false));
  }
  /// A member that is a sentence: whatever looks like an account number is masked in it.
  json::value sentence(const json::object& object, Key key) const {
    return cut(masked_beginning(text_at(object, key), true));
  }

 private:
  /// As much as will be shown, and a little more to cut it at; a number that begins in it is masked whole.
  std::string masked_beginning(std::string_view text, bool any_number) const {
    std::string out;
    while (!text.empty() && out.size() <= kLongestText) {
      std::string_view number;
      if (sought_.size() >= kShortestNumber && text.starts_with(sought_)) {
        number = sought_;
      } else if (any_number) {
        number = leading_digits(text);
      }
      if (number.size() < kShortestNumber) {
        out += text.front();
        text.remove_prefix(1);
      } else {
        out += number == sought_ ? mask_ : masked(number);
        text.remove_prefix(number.size());
      }
    }
    return out;
  }

  std::string_view number_;
  std::string mask_;
  std::string_view sought_;
};

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

json::object shown_statement(const json::object& statement, const MaskedText& texts) {
  return {{"id", texts.name(statement, "statement_id")},
          {"status", texts.name(statement, "statement_status")},
          {"source", texts.name(statement, "source")},
          {"error_code", texts.name(statement, "error_code")},
          {"error_message", texts.sentence(statement, "error_message")}};
}

json::object shown_range(const json::object& range, const MaskedText& texts) {
  return {{"from_date", texts.name(range, "from_date")}, {"to_date", texts.name(range, "to_date")}};
}

json::object shown_account(const json::object& account, const MaskedText& texts) {
  return {{"id", texts.name(account, "account_id")},
          {"bank", texts.name(account, "bank_name")},
          {"number", texts.number()},
          {"status", texts.name(account, "account_status")},
          {"error_code", texts.name(account, "error_code")},
          {"error_message", texts.sentence(account, "error_message")},
          {"statements", json::array()},
          {"missing_data", json::array()}};
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

std::string masked(std::string_view account_number) {
  // The last four characters, of however many bytes.
  std::size_t begin = account_number.size();
  for (int characters = 0; characters < 4 && begin > 0; ++characters) {
    do {
      --begin;
    } while (begin > 0 && continues_a_character(account_number[begin]));
  }
  return begin == 0 ? "XXXX" : "XXXX" + std::string(account_number.substr(begin));
}

std::string with_numbers_masked(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t begin = std::min(text.find_first_of("0123456789"), text.size());
    out += text.substr(0, begin);
    text.remove_prefix(begin);
    const std::string_view digits = leading_digits(text);
    out += digits.size() < kShortestNumber ? std::string(digits) : masked(digits);
    text.remove_prefix(digits.size());
  }
  return out;
}

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
  out.summary = json::serialize(accounts.first);
  if (out.accounts > 0) out.fingerprint = fnv1a(out.summary);
  return out;
}

}  // namespace bankconnect::upstream
