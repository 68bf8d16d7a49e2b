#include "src/upstream/answers.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "bankconnect/payload.hpp"
#include "bankconnect/text.hpp"
#include "src/upstream/accounts.hpp"
#include "src/upstream/api_error.hpp"
#include "src/upstream/body_summary.hpp"
#include "src/upstream/content_coding.hpp"
#include "src/upstream/keys.hpp"
#include "src/upstream/report_links.hpp"
#include "src/upstream/timestamps.hpp"
#include "statemachine/policy.hpp"

namespace bankconnect::upstream {

namespace json = boost::json;

namespace {

constexpr std::size_t kLongestValue = 100;
/// The longest Retry-After honoured beside another refusal than "slow down": the breaker probes as often, and
/// no session waits longer than that once a probe has succeeded.
constexpr Duration kLongestOtherWait = std::chrono::seconds(30);
/// Older answers of a cache are not used for anything: initiate and the ends of sessions would rest on them.
constexpr Duration kOldestAnswer = Policy{}.evidence_max_age;

/// Builds a body that was found to be an object.
json::object built(std::string_view text, const BodySummary& summary) {
  if (!summary.repaired.empty()) text = summary.repaired;
  json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::system::error_code ec;
  json::value value = json::parse(text, ec, {}, options);
  if (ec || !value.is_object()) return {};
  return std::move(value.get_object());
}

/// Reads one answer; a small object instead of long parameter lists.
class Reading {
 public:
  Reading(const Question& question, HttpAnswer http, Wall now)
      : question_(question), http_(std::move(http)), now_(now) {
    answer_.http_status = http_.status;
    answer_.event.call = question.call;
    answer_.event.age = parse_age(http_.age);
  }

  Answer read() {
    if (http_.body.size() > max_body_of(question_.call, http_.body.size()))
      return fault("RESPONSE_TOO_LARGE", "the answer is larger than any to this call");
    if (answer_.event.age > kOldestAnswer) {
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(answer_.event.age).count();
      return fault("OLD_ANSWER", "a cache in front of BankConnect gave an answer that is " +
                                     std::to_string(seconds) + " s old");
    }
    auto plain = decoded(http_.content_encoding, std::move(http_.body), http_.max_body);
    if (plain.has_error()) return undecodable(plain.error());
    http_.body = std::move(*plain);
    // Insights can be tens of megabytes, so they are scanned and not built.
    const bool insights = question_.call == Call::insights;
    const Result<BodySummary> body =
        scan(http_.body, insights ? DuplicateCheck::top : DuplicateCheck::every_object);
    if (body && !body->duplicate_key.empty()) return unread(duplicate_key_error(*body));
    // Not even an error counts when it is about another session.
    if (body && about_another_session(*body))
      return fault("WRONG_SESSION", "the answer is about another session");
    answer_.names_session = body && SessionId::parse(body->session_id).has_value();
    if (body) said_ = error_of(*body);
    const BodyForm form = body ? BodyForm::json : http_.body.empty() ? BodyForm::empty : BodyForm::other;
    const Refusal refusal = classify(question_.call, http_.status, said_.code, form);
    if (refusal == Refusal::passing_fault && succeeded(http_)) {
      return fault("UNEXPECTED_STATUS",
                   std::to_string(http_.status) + " is part of an answer that was asked for whole");
    }
    if (refusal != Refusal::none && !beside_data(refusal, body)) return refused(refusal, body);
    if (body) return read_success(*body);
    if (question_.call == Call::initiate && http_.body.empty()) return accepted();
    return fault(to_string(body.error().code), body.error().message);
  }

 private:
  /// An error in a success that has the data all the same, but for what the error is about. What it says of
  /// the session as a whole (deleted, not found, not processed) counts more than the data.
  bool beside_data(Refusal refusal, const Result<BodySummary>& body) {
    const bool about_a_part = refusal == Refusal::unknown || refusal == Refusal::unparsable;
    if (!succeeded(http_) || !is_stored(question_.call) || !about_a_part || !body->has_account) return false;
    answer_.event.error_beside_data = true;  // PLANT: error-beside-data
    answer_.error = upstream::refusal(http_.status, said_, body, now_);
    return true;
  }

  /// The body cannot be used. Where the HTTP status alone decides what the answer means, it does; where a
  /// code might have decided, the answer is a failure.
  Answer unread(const std::string& why) {
    const Refusal refusal = classify(question_.call, http_.status, "", BodyForm::other);
    const int status = http_.status;
    const bool needs_no_code = (status >= 300 && status < 400) || (status >= 401 && status <= 403) ||
                               refusal == Refusal::slow_down || status >= 500;
    if (!needs_no_code) return fault("UNEXPECTED_BODY", why);
    said_.message = why;
    return refused(refusal, Error{});
  }

  Answer undecodable(const CodingError& error) {
    http_.body.clear();
    if (error.code == std::string_view("RESPONSE_TOO_LARGE")) return fault(error.code, error.message);
    return unread(error.message);
  }

  Answer fault(std::string_view code, const std::string& message) {
    answer_.event.trigger = Trigger::passing_fault;
    answer_.error = LastError{std::string(code), message, now_};
    return std::move(answer_);
  }

  /// With the message of the answer, if it has one.
  Answer without(const char* what) {
    const std::string message = std::string("the answer has no ") + what;
    const std::string whole = said_.message.empty() ? message : message + ": " + said_.message;
    return fault("UNEXPECTED_BODY", whole.substr(0, kLongestMessage));
  }

  void decided_by(const char* field, std::string_view value) {
    answer_.field = field;
    answer_.value = displayable(value, kLongestValue);
  }

  Answer refused(Refusal why, const Result<BodySummary>& body) {
    if (said_.code.empty()) {
      decided_by("http_status", std::to_string(http_.status));
    } else {
      decided_by("error.code", said_.code);
    }
    if (body) {
      // An id is shown as the statement's own: within one, digits in a row are no account number.
      const bool id = SessionId::parse(body->statement_id).has_value();
      answer_.statement = id ? body->statement_id : displayable(body->statement_id, kLongestValue);
    }
    answer_.event.trigger = trigger_of(why);
    // A Retry-After date is by the server's clock, and so is compared with its Date where there is one.
    const Wall there = parse_http_date(http_.date, now_).value_or(now_);
    if (const auto wait = parse_retry_after(http_.retry_after, there))
      answer_.event.retry_after = why == Refusal::slow_down ? *wait : std::min(*wait, kLongestOtherWait);
    const bool trouble = why != Refusal::duplicate && why != Refusal::processing_not_completed;
    if (trouble) answer_.error = refusal(http_.status, said_, body, now_);
    return std::move(answer_);
  }

  /// A success counts when it names this session, or no session. In a refusal, a session_id that is no id
  /// changes nothing.
  bool about_another_session(const BodySummary& body) const {
    const auto named = SessionId::parse(body.session_id);
    if (named) return *named != question_.id;
    return succeeded(http_) && (body.session_id_not_a_string || !body.session_id.empty());
  }

  Answer read_success(const BodySummary& body) {
    switch (question_.call) {
      case Call::upload_status: return read_upload_status(built(http_.body, body));
      case Call::initiate: return accepted();
      case Call::progress: return read_progress(built(http_.body, body));
      case Call::session_status: return read_session_status(built(http_.body, body));
      case Call::insights: return read_insights(body);
    }
    return fault("UNEXPECTED_BODY", "no such call");
  }

  Answer accepted() {
    answer_.event.trigger = Trigger::accepted;
    decided_by("http_status", std::to_string(http_.status));
    return std::move(answer_);
  }

  Answer read_upload_status(const json::object& body) {
    const std::string_view status = text_at(body, "upload_status");
    if (status.empty()) return without("upload_status");
    Accounts accounts = read_accounts(body);
    UploadFacts& facts = answer_.event.upload;
    facts.status = parse_upload_status(status);
    decided_by("upload_status", status);
    facts.accounts = accounts.accounts;
    facts.statements = accounts.statements;
    facts.fingerprint = accounts.fingerprint;
    facts.lists_accounts = array_at(body, "accounts") != nullptr;
    facts.expires_at = parse_timestamp(text_at(body, "session_expiry_timestamp")).value_or(kNoWall);
    answer_.event.trigger = trigger_of(facts.status);
    answer_.accounts = std::move(accounts.summary);
    return std::move(answer_);
  }

  Answer read_progress(const json::object& body) {
    const std::string progress = to_lower(text_at(body, "session_progress"));
    if (progress.empty()) return without("session_progress");
    decided_by("session_progress", progress);
    StatementProgress statements = read_statement_progress(body);
    answer_.event.statement_progress = statements.fingerprint;
    if (statements.fingerprint != 0) answer_.accounts = std::move(statements.summary);
    if (progress == "processing") {
      answer_.event.trigger = Trigger::still_processing;
    } else if (progress == "completed" || progress == "failed") {
      answer_.event.trigger = Trigger::progress_finished;
    } else {
      answer_.event.trigger = Trigger::progress_unknown;
    }
    return std::move(answer_);
  }

  /// No `accounts`, or null, as some serializers write an empty list.
  static bool lists_nothing(const json::object& body) {
    const json::value* const accounts = body.if_contains(Key("accounts").name());
    return accounts == nullptr || accounts->is_null();
  }

  Answer read_session_status(const json::object& body) {
    if (array_at(body, "accounts") == nullptr && !(answer_.names_session && lists_nothing(body)))
      return without("accounts");
    Accounts accounts = read_accounts(body);
    ProcessingFacts& facts = answer_.event.processing;
    facts.accounts = accounts.accounts;
    facts.failed = accounts.failed;
    if (const json::value* available = body.if_contains(Key("insights_available").name());
        available && available->is_bool()) {
      facts.insights_available = available->get_bool() ? InsightsAvailable::yes : InsightsAvailable::no;
    }
    const bool denied = facts.insights_available == InsightsAvailable::no;
    const bool all_failed = facts.failed > 0 && facts.failed == facts.accounts;
    if (denied && !all_failed) {
      decided_by("insights_available", "false");
    } else if (facts.failed > 0) {
      decided_by("account_status", "failed");
    }
    answer_.event.trigger = Trigger::session_status_fetched;
    answer_.accounts = std::move(accounts.summary);
    answer_.payload = std::make_shared<const Payload>(pack(http_.body, now_));
    return std::move(answer_);
  }

  /// An answer that names this session is its insights, whatever they consist of; one that names no session
  /// must look like insights.
  Answer read_insights(const BodySummary& body) {
    const bool names_this_session = !body.session_id.empty();
    if (!body.lists_accounts && (!names_this_session || body.has_error)) return without("accounts");
    answer_.event.trigger = Trigger::insights_fetched;
    answer_.event.lists_no_account = body.lists_accounts && !body.has_account;
    if (answer_.error) {
      decided_by("error.code", answer_.error->code);
    } else {
      decided_by("accounts", answer_.event.lists_no_account ? "empty" : "present");
    }
    const std::string& text = body.repaired.empty() ? http_.body : body.repaired;
    answer_.report_links = report_links(text, question_.report_formats);
    answer_.event.links_reports = !answer_.report_links.none();
    answer_.payload = std::make_shared<const Payload>(pack(http_.body, now_));
    return std::move(answer_);
  }

  const Question& question_;
  HttpAnswer http_;
  Wall now_;
  ApiError said_;
  Answer answer_;
};

}  // namespace

Answer read_answer(const Question& question, HttpAnswer http, Wall now) {
  return Reading(question, std::move(http), now).read();
}

}  // namespace bankconnect::upstream
