// Input: HTTP status, Retry-After and Content-Encoding of an answer on a line each, then the body. It is read
// as the answer to each of the five calls.
#include <algorithm>
#include <boost/json.hpp>

#include "bankconnect/payload.hpp"
#include "src/upstream/answers.hpp"
#include "src/upstream/body_summary.hpp"
#include "src/upstream/content_coding.hpp"
#include "tests/fuzz/target.hpp"

namespace bankconnect::fuzz {
namespace {

namespace json = boost::json;
using upstream::DuplicateCheck;
using upstream::HttpAnswer;

constexpr Wall kNow{std::chrono::seconds(1763016524)};
const SessionId kSession = *SessionId::parse("bfb98ac5-7224-401b-a643-175235856187");

bool succeeds(Call call, Trigger trigger) {
  switch (call) {
    case Call::upload_status: return is_upload_answer(trigger);
    case Call::initiate: return trigger == Trigger::accepted || trigger == Trigger::duplicate;
    case Call::progress:
      return trigger == Trigger::still_processing || trigger == Trigger::progress_finished ||
             trigger == Trigger::progress_unknown;
    case Call::session_status: return trigger == Trigger::session_status_fetched;
    case Call::insights: return trigger == Trigger::insights_fetched;
  }
  return false;
}

/// Whether a key that is read occurs twice: then nothing in the body counts.
bool has_duplicate_key(const std::string& body, DuplicateCheck check) {
  const auto found = upstream::scan(body, check);
  return found && !found->duplicate_key.empty();
}

/// Whether the trigger is that of a refusal or fault of this call.
bool goes_wrong(Call call, Trigger trigger) {
  const bool about_processing = call != Call::upload_status && call != Call::initiate;
  if (trigger == Trigger::not_requested || trigger == Trigger::not_completed) return about_processing;
  return trigger >= Trigger::unparsable && trigger <= Trigger::refused;
}

std::size_t longest_number(std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c >= '0' && c <= '9' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

void check_error(const LastError& error) {
  must(!error.code.empty() && error.code.size() <= 64 && printable_ascii(error.code),
       "a code is short and printable");
  must(!error.message.empty(), "there is always a message");
  must(error.message.size() <= 300 && printable_ascii(error.message), "a message is short and printable");
  must(longest_number(error.message) < 9, "no account number is in a message");
}

std::string_view text_at(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

void check_accounts(const json::object& body, const std::string& accounts) {
  boost::system::error_code error;
  const json::value kept = json::parse(accounts, error);
  must(!error && kept.is_array(), "the summary of accounts is a JSON array");
  const json::value* list = body.if_contains("accounts");
  if (list == nullptr || !list->is_array())
    return must(accounts == "[]", "the summary lists no account that the answer does not");
  must(kept.get_array().size() <= list->get_array().size(),
       "the summary lists no account that the answer does not");
  for (const json::value& value : list->get_array()) {
    const std::string number(value.is_object() ? text_at(value.get_object(), "account_number") : "");
    const bool real = number.size() >= 9 && longest_number(number) == number.size();
    if (!real || list->get_array().size() > 1) continue;  // another account may name it
    must(accounts.find(number) == std::string::npos, "an account number is nowhere in the summary");
  }
}

/// As the client reads it: with what lenient_json() replaces.
std::optional<json::object> object_in(const std::string& text) {
  const auto found = upstream::scan(text, DuplicateCheck::top);
  const std::string& readable = found && !found->repaired.empty() ? found->repaired : text;
  json::parse_options options;
  options.max_depth = 256;
  boost::system::error_code error;
  const json::value value = json::parse(readable, error, {}, options);
  if (error || !value.is_object()) return std::nullopt;
  return value.get_object();
}

void check_success(Call call, const HttpAnswer& http, const Answer& answer,
                   const std::optional<json::object>& body) {
  const bool status_says_so = http.status >= 200 && http.status < 300;
  must(status_says_so || answer.event.trigger == Trigger::duplicate, "only a 2xx is a success");
  must(!answer.error || answer.event.error_beside_data,
       "a success is no error, unless one came beside the data");
  if (call != Call::initiate) must(body.has_value(), "a success is a JSON object");
  if (answer.accounts) check_accounts(*body, *answer.accounts);
  const bool fetched = call == Call::session_status || call == Call::insights;
  must((answer.payload != nullptr) == fetched, "a payload comes with a fetch");
  if (!fetched) return;
  const auto unpacked = unpack(*answer.payload);
  const auto sent = upstream::decoded(http.content_encoding, http.body, http.max_body);
  must(unpacked.has_value() && sent.has_value() && *unpacked == *sent,
       "a payload is what was sent, byte for byte");
}

bool names_this_session_or_none(const json::object& body) {
  const json::value* id = body.if_contains("session_id");
  if (id == nullptr || id->is_null()) return true;
  if (!id->is_string()) return false;
  return id->get_string().empty() || SessionId::parse(text_at(body, "session_id")) == kSession;
}

void check_call(Call call, const HttpAnswer& http, const std::optional<json::object>& body) {
  Question question;
  question.id = kSession;
  question.call = call;
  const Answer answer = upstream::read_answer(question, http, kNow);
  must(answer.event.call == call && answer.http_status == http.status,
       "an answer carries its call and HTTP status");
  const Trigger trigger = answer.event.trigger;
  const bool success = succeeds(call, trigger);
  must(success || goes_wrong(call, trigger), "the trigger of an answer is one of its call");
  if (answer.error) check_error(*answer.error);
  must(answer.event.retry_after >= Duration(0) && answer.event.retry_after <= std::chrono::hours(1),
       "a wait is between zero and an hour");
  if (success) check_success(call, http, answer, body);
  if (!success)
    must(!answer.payload && !answer.accounts, "nothing is stored of an answer that is no success");
  if (!http.content_encoding.empty() || !body) return;
  const bool twice = has_duplicate_key(
      http.body, call == Call::insights ? DuplicateCheck::top : DuplicateCheck::every_object);
  if (twice) return must(!success && answer.error, "an answer with a duplicate key is no success");
  const auto named = SessionId::parse(text_at(*body, "session_id"));
  if (named && *named != kSession)
    must(answer.error && answer.error->code == "WRONG_SESSION",
         "an answer about another session is WRONG_SESSION");
  if (success && http.status < 300)
    must(names_this_session_or_none(*body), "a success names its session or none");
}

/// Whether there is anything in it but null, false and "".
bool says_something(const json::value& value) {
  if (const auto* object = value.if_object())
    return std::any_of(object->begin(), object->end(),
                       [](const auto& m) { return says_something(m.value()); });
  if (const auto* array = value.if_array()) return std::any_of(array->begin(), array->end(), says_something);
  if (value.is_string()) return !value.get_string().empty();
  return value.is_number() || (value.is_bool() && value.get_bool());
}

/// Insights are scanned without being built; the result must not depend on that.
void check_insights(const HttpAnswer& http, const json::object& body) {
  if (has_duplicate_key(http.body, DuplicateCheck::every_object) || !names_this_session_or_none(body)) return;
  HttpAnswer succeeded = http;
  succeeded.status = 200;
  succeeded.content_encoding.clear();
  Question question;
  question.id = kSession;
  question.call = Call::insights;
  const Answer scanned = upstream::read_answer(question, succeeded, kNow);
  const json::value* error = body.if_contains("error");
  const json::value* accounts = body.if_contains("accounts");
  const auto* said = error != nullptr ? error->if_object() : nullptr;
  const bool has_code = said != nullptr && !text_at(*said, "code").empty();
  const bool names_this = !text_at(body, "session_id").empty();
  const bool complete = (accounts != nullptr && accounts->is_array()) ||
                        (names_this && (error == nullptr || !says_something(*error)));
  const bool fetched = scanned.event.trigger == Trigger::insights_fetched;
  const auto* list = accounts != nullptr ? accounts->if_array() : nullptr;
  const bool has_account = list != nullptr && std::any_of(list->begin(), list->end(),
                                                          [](const auto& one) { return one.is_object(); });
  const Refusal refusal = has_code ? classify(Call::insights, 200, text_at(*said, "code")) : Refusal::none;
  const bool about_a_part = refusal == Refusal::unknown || refusal == Refusal::unparsable;
  must(fetched == (has_code ? about_a_part && has_account : complete),
       "insights are what names its session, or has accounts, and no error about all of it");
  if (!has_code || !scanned.error) return;  // not yet completed is no error
  const auto built = upstream::error_in(succeeded, kNow);
  must(built.has_value(), "an error does not depend on the call");
  must(scanned.error->code == built->code, "an error's code does not depend on the call");
  must(scanned.error->message == built->message, "an error's message does not depend on the call");
}

void check(std::string_view text) {
  HttpAnswer http;
  const std::string status(take_line(text));
  http.status = 100 + std::abs(std::atoi(status.c_str()) - 100) % 500;
  http.retry_after = take_line(text);
  http.content_encoding = take_line(text);
  http.body = text;
  const auto plain = upstream::decoded(http.content_encoding, http.body, http.max_body);
  const auto body = plain ? object_in(*plain) : std::nullopt;
  for (const Call call :
       {Call::upload_status, Call::initiate, Call::progress, Call::session_status, Call::insights})
    check_call(call, http, body);
  if (const auto error = upstream::error_in(http, kNow)) check_error(*error);
  if (!body) return;
  http.body = *plain;
  http.content_encoding.clear();
  check_insights(http, *body);
}

}  // namespace
}  // namespace bankconnect::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bankconnect::fuzz::check(bankconnect::fuzz::text_of(data, size));
  return 0;
}
