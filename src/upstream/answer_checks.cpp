// What can be said of an answer without reading what it tells of the session.
#include <algorithm>

#include "src/upstream/answers.hpp"
#include "src/upstream/api_error.hpp"
#include "src/upstream/body_summary.hpp"

namespace bankconnect::upstream {
namespace {

constexpr std::uint64_t kMostUnstored = 8ULL << 20;

}  // namespace

bool succeeded(const HttpAnswer& http) {
  return http.status >= 200 && http.status < 300;
}

bool is_stored(Call call) {
  return call == Call::session_status || call == Call::insights;
}

std::uint64_t max_body_of(Call call, std::uint64_t configured) {
  return is_stored(call) ? configured : std::min(configured, kMostUnstored);
}

bool requires_session_id(const Answer& answer) {
  if (answer.names_session) return false;
  switch (answer.event.trigger) {
    case Trigger::upload_completed:
    case Trigger::upload_expired:
    case Trigger::progress_finished:
    case Trigger::not_requested:
    case Trigger::unparsable:
    case Trigger::session_deleted:
    case Trigger::key_required: return true;
    default: return false;
  }
}

std::optional<LastError> error_in(const HttpAnswer& http, Wall now) {
  const Result<BodySummary> body = scan(http.body, DuplicateCheck::every_object);
  const bool contradicts_itself = body && !body->duplicate_key.empty();
  const ApiError said = body && !contradicts_itself ? error_of(*body) : ApiError{};
  if (succeeded(http)) {
    if (!body && !http.body.empty())
      return LastError{std::string(to_string(body.error().code)), body.error().message, now};
    if (contradicts_itself) return LastError{"UNEXPECTED_BODY", duplicate_key_error(*body), now};
    if (said.code.empty()) return std::nullopt;
  }
  return refusal(http.status, said, body, now);
}

Answer failed_answer(const TransportError& error, Wall now) {
  Answer answer;
  answer.event.trigger = Trigger::passing_fault;
  answer.event.may_have_arrived = error.may_have_arrived;
  answer.error = LastError{error.code, error.message, now};
  return answer;
}

}  // namespace bankconnect::upstream
