#include "src/upstream/answers.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "bankconnect/payload.hpp"
#include "src/upstream/accounts.hpp"
#include "src/upstream/skim.hpp"
#include "src/upstream/timestamps.hpp"

namespace bankconnect::upstream {

namespace json = boost::json;

namespace {

constexpr std::size_t kMaxDepth = 256;
constexpr std::size_t kLongestMessage = 300;
constexpr std::size_t kLongestCode = 64;

std::string printable(std::string_view text, std::size_t longest) {
  std::string out;
  for (const char c : text.substr(0, longest))
    out.push_back(c >= 0x20 && c < 0x7f ? c : '?');
  return out;
}

std::string_view text_at(const json::object& object, json::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

/// The error of a body, whichever of the documented shapes it has.
struct ErrorBody {
  std::string code;
  std::string message;
};

/// A message as people may see it: numbers are masked before it is cut, so that none is cut short of being
/// one.
std::string shown(std::string_view message) {
  return printable(with_numbers_masked(std::string(message)), kLongestMessage);
}

ErrorBody read_error(const json::object& body) {
  ErrorBody out;
  const json::value* error = body.if_contains("error");
  if (error != nullptr && error->is_object()) {
    out.code = printable(text_at(error->get_object(), "code"), kLongestCode);
    out.message = shown(text_at(error->get_object(), "message"));
  }
  if (out.message.empty()) out.message = shown(text_at(body, "detail"));
  if (out.message.empty() && out.code.empty()) out.message = shown(text_at(body, "message"));
  return out;
}

std::optional<json::object> parse_object(std::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::system::error_code ec;
  json::value value = json::parse(json::string_view(text.data(), text.size()), ec, {}, options);
  if (ec || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

/// Reads one answer; a small object instead of long parameter lists.
class Reading {
 public:
  Reading(const Question& question, HttpAnswer http, Wall now)
      : question_(question), http_(std::move(http)), now_(now) {
    answer_.http_status = http_.status;
    answer_.event.call = question.call;
  }

  Answer read() {
    if (encoded()) return read_encoded();
    const bool success = http_.status >= 200 && http_.status < 300;
    // Insights can be tens of megabytes: looked at without building them.
    if (success && question_.call == Call::insights) return read_insights();

    const std::optional<json::object> body = parse_object(http_.body);
    const ErrorBody error = body ? read_error(*body) : ErrorBody{};
    // Not even an error counts when it is about another session.
    if (body && names_another_session(text_at(*body, "session_id"))) return wrong_session();
    const Refusal refusal = classify(question_.call, http_.status, error.code);
    if (refusal != Refusal::none) return refused(refusal, error);
    if (!body && !(question_.call == Call::initiate && http_.body.empty())) {
      return fault("NOT_JSON", "the answer is not a JSON object");
    }
    switch (question_.call) {
      case Call::upload_status: return read_upload_status(*body);
      case Call::initiate: answer_.event.trigger = Trigger::accepted; return std::move(answer_);
      case Call::progress: return read_progress(*body);
      case Call::session_status: return read_session_status(*body);
      case Call::insights: break;
    }
    return fault("UNEXPECTED_BODY", "no such call");
  }

 private:
  bool encoded() const {
    constexpr std::string_view kIdentity = "identity";
    return !http_.content_encoding.empty() &&
           !std::ranges::equal(http_.content_encoding, kIdentity,
                               [](char a, char b) { return (a | 0x20) == b; });
  }

  /// The body cannot be read. Where the HTTP status says everything that counts; where a code might have,
  /// nothing does.
  Answer read_encoded() {
    const Refusal refusal = classify(question_.call, http_.status, "");
    const bool needs_no_code = (refusal == Refusal::account_refused && http_.status != 404) ||
                               refusal == Refusal::slow_down || http_.status >= 500;
    if (needs_no_code) return refused(refusal, {});
    return fault("UNEXPECTED_BODY",
                 "the answer is encoded as " + printable(with_numbers_masked(http_.content_encoding), 40));
  }

  Answer wrong_session() { return fault("WRONG_SESSION", "the answer is about another session"); }

  Answer fault(const char* code, const std::string& message) {
    answer_.event.trigger = Trigger::passing_fault;
    answer_.error = LastError{code, message, now_};
    return std::move(answer_);
  }

  Answer refused(Refusal refusal, const ErrorBody& error) {
    answer_.event.trigger = trigger_of(refusal);
    if (const auto wait = parse_retry_after(http_.retry_after, now_)) answer_.event.retry_after = *wait;
    const bool trouble = refusal != Refusal::duplicate && refusal != Refusal::processing_not_completed;
    if (trouble) {
      answer_.error = LastError{error.code.empty() ? "HTTP_" + std::to_string(http_.status) : error.code,
                                error.message, now_};
    }
    return std::move(answer_);
  }

  bool names_another_session(std::string_view session_id) const {
    const auto named = SessionId::parse(session_id);
    return named && *named != question_.id;
  }

  Answer read_upload_status(const json::object& body) {
    const std::string_view status = text_at(body, "upload_status");
    if (status.empty()) return fault("UNEXPECTED_BODY", "the answer has no upload_status");
    Accounts accounts = read_accounts(body);
    UploadFacts& facts = answer_.event.upload;
    facts.status = parse_upload_status(status);
    facts.accounts = accounts.accounts;
    facts.statements = accounts.statements;
    facts.fingerprint = accounts.fingerprint;
    const json::value* list = body.if_contains("accounts");
    facts.lists_accounts = list != nullptr && list->is_array();
    facts.expires_at = parse_timestamp(text_at(body, "session_expiry_timestamp")).value_or(kNoWall);
    answer_.event.trigger = trigger_of(facts.status);
    answer_.accounts = std::move(accounts.summary);
    return std::move(answer_);
  }

  Answer read_progress(const json::object& body) {
    std::string progress(text_at(body, "session_progress"));
    if (progress.empty()) return fault("UNEXPECTED_BODY", "the answer has no session_progress");
    std::ranges::transform(progress, progress.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (progress == "processing") {
      answer_.event.trigger = Trigger::still_processing;
    } else if (progress == "completed" || progress == "failed") {
      answer_.event.trigger = Trigger::progress_finished;
    } else {
      answer_.event.trigger = Trigger::progress_unknown;
    }
    return std::move(answer_);
  }

  Answer read_session_status(const json::object& body) {
    const json::value* list = body.if_contains("accounts");
    if (list == nullptr || !list->is_array()) return fault("UNEXPECTED_BODY", "the answer has no accounts");
    Accounts accounts = read_accounts(body);
    ProcessingFacts& facts = answer_.event.processing;
    facts.accounts = accounts.accounts;
    facts.failed = accounts.failed;
    if (const json::value* available = body.if_contains("insights_available");
        available && available->is_bool()) {
      facts.insights_available = available->get_bool() ? InsightsAvailable::yes : InsightsAvailable::no;
    }
    answer_.event.trigger = Trigger::session_status_fetched;
    answer_.accounts = std::move(accounts.summary);
    answer_.payload = std::make_shared<const Payload>(pack(http_.body, now_));
    return std::move(answer_);
  }

  Answer read_insights() {
    const std::optional<Skimmed> body = skim(http_.body);
    if (!body) return fault("NOT_JSON", "the answer is not a JSON object");
    if (names_another_session(body->session_id)) return wrong_session();
    const ErrorBody error{printable(body->error_code, kLongestCode), shown(body->error_message)};
    const Refusal refusal = classify(question_.call, http_.status, error.code);
    if (refusal != Refusal::none) return refused(refusal, error);
    answer_.event.trigger = Trigger::insights_fetched;
    answer_.payload = std::make_shared<const Payload>(pack(http_.body, now_));
    return std::move(answer_);
  }

  const Question& question_;
  HttpAnswer http_;
  Wall now_;
  Answer answer_;
};

}  // namespace

Answer read_answer(const Question& question, HttpAnswer http, Wall now) {
  return Reading(question, std::move(http), now).read();
}

std::optional<LastError> error_in(const HttpAnswer& http, Wall now) {
  const std::optional<json::object> body = parse_object(http.body);
  const ErrorBody error = body ? read_error(*body) : ErrorBody{};
  const bool success = http.status >= 200 && http.status < 300;
  if (success && !body && !http.body.empty())
    return LastError{"NOT_JSON", "the answer is not a JSON object", now};
  if (success && error.code.empty()) return std::nullopt;
  return LastError{error.code.empty() ? "HTTP_" + std::to_string(http.status) : error.code, error.message,
                   now};
}

Answer fault_answer(const Fault& fault, Wall now) {
  Answer answer;
  answer.event.trigger = Trigger::passing_fault;
  answer.event.may_have_arrived = fault.may_have_arrived;
  answer.error = LastError{fault.code, fault.message, now};
  return answer;
}

}  // namespace bankconnect::upstream
