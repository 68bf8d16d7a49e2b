#include "src/upstream/accounts.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "src/upstream/keys.hpp"

namespace bankconnect::upstream {

namespace json = boost::json;

namespace {

// An answer may be 64 MiB; what is kept of it to look at has a limit.
constexpr std::size_t kMostAccounts = 1000;
constexpr std::size_t kMostStatements = 1000;
constexpr std::size_t kMostMissing = 100;
constexpr std::size_t kLongestText = 300;

constexpr std::size_t kShortestNumber = 9;  // digits in a row that may be an account number

bool continues_a_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// At most kLongestText bytes of it, and not through the middle of a UTF-8 sequence.
json::value cut(std::string_view text) {
  if (text.empty()) return nullptr;
  if (text.size() > kLongestText) {
    std::size_t end = kLongestText;
    while (end > 0 && continues_a_character(text[end]))
      --end;
    text = text.substr(0, end);
  }
  return json::string(json::string_view(text.data(), text.size()));
}

/// Takes the texts of one account, in none of which its own number may survive.
class Texts {
 public:
  explicit Texts(const json::object& account) : number_(text_at(account, "account_number")) {}

  json::value number() const { return number_.empty() ? json::value(nullptr) : cut(masked(number_)); }

  /// A member that names something.
  json::value name(const json::object& object, Key key) const {
    return cut(without_number(text_at(object, key)));
  }
  /// A member that is a sentence: whatever looks like an account number is masked in it.
  json::value sentence(const json::object& object, Key key) const {
    return cut(with_numbers_masked(without_number(text_at(object, key))));
  }

 private:
  std::string without_number(std::string_view text) const {
    std::string out(text);
    if (number_.size() < kShortestNumber) return out;
    const std::string mask = masked(number_);
    for (auto at = out.find(number_); at != std::string::npos; at = out.find(number_, at + mask.size())) {
      out.replace(at, number_.size(), mask);
    }
    return out;
  }

  std::string_view number_;
};

bool says_failed(const json::object& account) {
  const std::string_view text = text_at(account, "account_status");
  constexpr std::string_view kFailed = "failed";
  return text.size() == kFailed.size() && std::equal(text.begin(), text.end(), kFailed.begin(),
                                                     [](char a, char b) { return (a | 0x20) == b; });
}

json::array statements_of(const json::object& account, const Texts& texts, std::uint32_t& count) {
  json::array out;
  const json::array* statements = array_at(account, "statements");
  if (statements == nullptr) return out;
  count += static_cast<std::uint32_t>(statements->size());
  for (const json::value& value : *statements) {
    const json::object* statement = value.if_object();
    if (statement == nullptr || out.size() == kMostStatements) continue;
    out.push_back(json::object{{"id", texts.name(*statement, "statement_id")},
                               {"status", texts.name(*statement, "statement_status")},
                               {"source", texts.name(*statement, "source")},
                               {"error_code", texts.name(*statement, "error_code")},
                               {"error_message", texts.sentence(*statement, "error_message")}});
  }
  return out;
}

json::array missing_data_of(const json::object& account, const Texts& texts) {
  json::array out;
  const json::array* missing = array_at(account, "missing_data");
  if (missing == nullptr) return out;
  for (const json::value& value : *missing) {
    const json::object* range = value.if_object();
    if (range == nullptr || out.size() == kMostMissing) continue;
    out.push_back(json::object{{"from_date", texts.name(*range, "from_date")},
                               {"to_date", texts.name(*range, "to_date")}});
  }
  return out;
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
    const std::string_view digits = text.substr(0, text.find_first_not_of("0123456789"));
    out += digits.size() < kShortestNumber ? std::string(digits) : masked(digits);
    text.remove_prefix(digits.size());
  }
  return out;
}

Accounts read_accounts(const json::object& body) {
  Accounts out;
  json::array summary;
  if (const json::array* accounts = array_at(body, "accounts")) {
    for (const json::value& value : *accounts) {
      const json::object* account = value.if_object();
      if (account == nullptr) continue;
      ++out.accounts;
      if (says_failed(*account)) ++out.failed;
      const Texts texts(*account);
      json::array statements = statements_of(*account, texts, out.statements);
      if (summary.size() == kMostAccounts) continue;
      summary.push_back(json::object{{"id", texts.name(*account, "account_id")},
                                     {"bank", texts.name(*account, "bank_name")},
                                     {"number", texts.number()},
                                     {"status", texts.name(*account, "account_status")},
                                     {"error_code", texts.name(*account, "error_code")},
                                     {"error_message", texts.sentence(*account, "error_message")},
                                     {"statements", std::move(statements)},
                                     {"missing_data", missing_data_of(*account, texts)}});
    }
  }
  out.summary = json::serialize(summary);
  if (out.accounts > 0) out.fingerprint = fnv1a(out.summary);
  return out;
}

}  // namespace bankconnect::upstream
