#include "tests/transcripts/replay/answers.hpp"

#include "statemachine/answer_rules.hpp"
#include "tests/support/fake_world.hpp"
#include "tests/transcripts/replay/mistake.hpp"
#include "tests/transcripts/replay/times.hpp"

namespace bankconnect::transcripts {

namespace {

Answer decided_by(Answer answer, const char* field, const std::string& value) {
  answer.field = field;
  answer.value = value;
  return answer;
}

Answer upload_status(Words& words, Wall began) {
  const std::string word = words.next("an upload status");
  const UploadStatus status = parse_upload_status(word);
  const std::uint32_t accounts = words.number_option("accounts").value_or(0);
  const std::uint32_t statements = words.number_option("statements").value_or(0);
  Answer answer = test::upload(status, statements);
  answer.event.upload.accounts = accounts;
  answer.event.upload.fingerprint = accounts * 1000 + statements;
  if (const auto expires = words.option("expires"))
    answer.event.upload.expires_at = began + parse_span(*expires);
  return decided_by(std::move(answer), "upload_status", word);
}

Answer progress(Words& words) {
  const std::string word = words.next("a session_progress");
  const bool finished = word == "completed" || word == "failed";
  const Trigger trigger = finished               ? Trigger::progress_finished
                          : word == "processing" ? Trigger::still_processing
                                                 : Trigger::progress_unknown;
  return decided_by(test::plain(trigger), "session_progress", word);
}

Answer session_status(Words& words) {
  const std::uint32_t accounts = words.number_option("accounts").value_or(1);
  Answer answer = test::session_status(accounts, words.number_option("failed").value_or(0));
  if (const auto available = words.option("insights_available")) {
    if (*available != "true" && *available != "false")
      throw Mistake("insights_available is true, false or left out");
    answer.event.processing.insights_available =
        *available == "true" ? InsightsAvailable::yes : InsightsAvailable::no;
    return decided_by(std::move(answer), "insights_available", *available);
  }
  if (answer.event.processing.failed == 0) return answer;
  return decided_by(std::move(answer), "account_status", "failed");
}

Answer success(Call call, Words& words, Wall began) {
  switch (call) {
    case Call::upload_status: return upload_status(words, began);
    case Call::initiate: return decided_by(test::plain(Trigger::accepted), "http_status", "202");
    case Call::progress: return progress(words);
    case Call::session_status: return session_status(words);
    case Call::insights: return decided_by(test::insights(), "accounts", "present");
  }
  throw Mistake("no such call");
}

}  // namespace

Answer answer_to(Call call, Words& words, Moment now, Wall began) {
  const int status = static_cast<int>(words.number("an HTTP status"));
  if (status >= 200 && status < 300) {
    Answer answer = success(call, words, began);
    answer.http_status = status;
    return answer;
  }
  const auto wait = words.option("retry_after");
  const std::string code = words.empty() ? "" : words.next("an error code");
  const Refusal refusal = classify(call, status, code);
  Answer answer = test::plain(trigger_of(refusal));
  answer.http_status = status;
  if (wait) answer.event.retry_after = parse_span(*wait);
  if (refusal != Refusal::duplicate && refusal != Refusal::processing_not_completed)
    answer.error = LastError{code.empty() ? "HTTP_" + std::to_string(status) : code, "", now.wall};
  const std::string by_status = std::to_string(status);
  return decided_by(std::move(answer), code.empty() ? "http_status" : "error.code",
                    code.empty() ? by_status : code);
}

Answer fault(Words& words, Moment now) {
  Answer answer;
  answer.event.trigger = Trigger::passing_fault;
  answer.event.may_have_arrived = !words.flag("unsent");
  answer.error = LastError{words.next("what went wrong"), "", now.wall};
  return answer;
}

Call call_named(const std::string& text) {
  for (const Call call : kAllCalls)
    if (to_string(call) == text) return call;
  throw Mistake("'" + text + "' should be upload_status, initiate, progress, session_status or insights");
}

}  // namespace bankconnect::transcripts
