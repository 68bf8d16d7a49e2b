#include "tests/simulation/model_upstream.hpp"

namespace bankconnect::simulation {

using namespace std::chrono_literals;

namespace {

Answer said(Trigger trigger) {
  Answer answer;
  answer.event.trigger = trigger;
  answer.http_status = 200;
  return answer;
}

Answer refused(Trigger trigger, const char* code, int status) {
  Answer answer = said(trigger);
  answer.http_status = status;
  answer.error = LastError{code, "", Wall{}};
  return answer;
}

Answer no_answer(const char* code, bool may_have_arrived) {
  Answer answer = refused(Trigger::passing_fault, code, 0);
  answer.event.may_have_arrived = may_have_arrived;
  return answer;
}

std::shared_ptr<const Payload> payload_of(const SessionId& id, Call call, std::uint64_t version) {
  auto payload = std::make_shared<Payload>();
  payload->compressed = id.text() + std::string(to_string(call)) + std::to_string(version);
  payload->bytes = payload->compressed.size();
  return payload;
}

}  // namespace

bool ModelUpstream::strikes(Fault fault) {
  const bool later = fault >= Fault::cached_answer;
  if (later && plan_.share(fault) == 0) return false;  // draws nothing
  if (!world_.chance.permille(plan_.share(fault))) return false;
  world_.trace.struck(fault);
  return true;
}

void ModelUpstream::ask(const Question& question, std::function<void(Answer)> done) {
  Agenda& agenda = world_.agenda;
  world_.checker.call_sent(question);
  const Steady asked_at = agenda.steady();
  const auto tell = [this, question, done = std::move(done)](Answer answer, Steady when) {
    answer.event.call = question.call;
    world_.agenda.at(
        when, world_.life.while_alive([this, question, done, answer = std::move(answer)]() mutable {
          world_.checker.call_answered(question, answer);
          world_.trace.line(to_string(answer.event.trigger), question.id, to_string(question.call));
          done(std::move(answer));
        }));
  };
  const Duration connecting = world_.chance.skewed(plan_.share(Fault::answer_slow) > 0 ? 12s : 20ms);
  if (agenda.elapsed_at(asked_at + connecting) > question.not_after)
    return tell(said(Trigger::not_sent), asked_at + connecting);
  if (asked_at < down_until_) return tell(no_answer("CONNECTION_REFUSED", false), asked_at + 1ms);
  const bool given_up_early = question.time_limit > 0ms && question.time_limit < kRequestTimeout;
  const Steady deadline = asked_at + (given_up_early ? question.time_limit : kRequestTimeout);
  if (strikes(Fault::request_lost)) {
    const bool reset = world_.chance.below(2) == 0;
    return tell(no_answer(reset ? "CONNECTION_RESET" : "TIMEOUT", true),
                reset ? asked_at + connecting : deadline);
  }
  const Steady arrives = asked_at + connecting + world_.chance.skewed(20ms);
  const Duration thinking =
      strikes(Fault::answer_slow) ? world_.chance.between(1s, 40s) : world_.chance.skewed(50ms);
  const bool lost = strikes(Fault::answer_lost);
  // The call takes effect at BankConnect whether or not the daemon that sent it still runs.
  agenda.at(arrives, [this, question, tell, arrives, thinking, lost, deadline, born = world_.life.number()] {
    Answer answer = answer_to(question);
    if (born != world_.life.number()) return;
    if (lost || arrives + thinking > deadline) return tell(no_answer("TIMEOUT", true), deadline);
    tell(std::move(answer), arrives + thinking);
  });
}

Answer ModelUpstream::answer_to(const Question& question) {
  const Steady now = world_.agenda.steady();
  if (now < refused_until_) return refused(Trigger::account_refused, "ACCESS_DENIED", 403);
  if (strikes(Fault::server_error)) return refused(Trigger::passing_fault, "HTTP_503", 503);
  if (strikes(Fault::slow_down)) {
    Answer answer = refused(Trigger::slow_down, "HTTP_429", 429);
    if (world_.chance.below(2) == 0) answer.event.retry_after = world_.chance.between(1s, 20s);
    return answer;
  }
  if (strikes(Fault::intermediary_refused)) intermediary_until_ = now + world_.chance.skewed(10min);
  if (now < intermediary_until_) {
    const Refusal meaning = classify(question.call, 400, "", BodyForm::other);
    return refused(trigger_of(meaning), "HTTP_400", 400);
  }
  if (strikes(Fault::undocumented_code)) return refused(Trigger::refused, "NEW_CODE", 422);
  Truth& truth = world_.truths.at(question.id);
  const bool requested_before = truth.requested;
  truth.let_others_request(now);
  const bool by_others = truth.requested && !requested_before;
  if (by_others && plan_.share(Fault::processed_after_expiry) > 0 && truth.expired_incomplete(now))
    world_.trace.struck(Fault::processed_after_expiry);
  Answer answer = answer_of(question, truth);
  if (strikes(Fault::other_session)) return refused(Trigger::passing_fault, "WRONG_SESSION", 200);
  return answer;
}

Answer ModelUpstream::answer_of(const Question& question, Truth& truth) {
  const Steady now = world_.agenda.steady();
  if (truth.found(now) && strikes(Fault::vanished))
    truth.vanished_until = now + world_.chance.skewed(2 * plan_.policy.not_found_grace);
  if (strikes(Fault::key_required)) return refused(Trigger::key_required, "KEY_REQUIRED", 400);
  if (!truth.found(now)) return refused(Trigger::session_not_found, "SESSION_NOT_FOUND", 404);
  if (truth.gone(now)) return refused(Trigger::session_deleted, "SESSION_DELETED", 410);
  switch (question.call) {
    case Call::upload_status: return upload_status_of(truth);
    case Call::initiate: return initiate_of(truth);
    default: break;
  }
  if (truth.requested && truth.forgotten < 5 && strikes(Fault::request_forgotten)) {
    truth.requested = false;
    truth.accepted = 0;
    ++truth.forgotten;
  }
  Answer answer = processing_of(question.call, truth);
  if (answer.event.trigger != Trigger::insights_fetched) return answer;
  return with_links(std::move(answer), question, truth);
}

Answer ModelUpstream::upload_status_of(const Truth& truth) {
  const Steady now = world_.agenda.steady();
  if (strikes(Fault::unknown_status)) {
    Answer answer = said(Trigger::upload_unknown);
    answer.event.upload.status = UploadStatus::unknown;
    return answer;
  }
  UploadStatus status = truth.status(now);
  const bool lists_statements = truth.statements(now) > 0;
  if (world_.checker.statements_on_disk(truth.id) && strikes(Fault::early_expiry)) {
    Answer answer = said(Trigger::upload_expired);
    answer.event.upload.status = UploadStatus::expired;
    answer.accounts = "[]";
    return answer;
  }
  if (strikes(Fault::odd_status))
    status = world_.chance.below(2) == 0 ? UploadStatus::no_uploads : UploadStatus::in_progress;
  Answer answer = said(trigger_of(status));
  UploadFacts& facts = answer.event.upload;
  facts.status = status;
  facts.accounts = lists_statements ? truth.accounts : 0;
  facts.statements = truth.statements(now);
  facts.fingerprint = facts.statements;
  facts.lists_accounts = true;
  if (truth.tells_expiry) facts.expires_at = world_.agenda.now().wall + (truth.expires - now);
  answer.accounts = "[]";
  return cached(truth, std::move(answer));
}

/// What a cache in front makes of the answer.
Answer ModelUpstream::cached(const Truth& truth, Answer answer) {
  const Steady now = world_.agenda.steady();
  const auto kept = cache_.find(truth.id);
  if (kept == cache_.end() || !strikes(Fault::cached_answer)) {
    cache_.insert_or_assign(truth.id, std::pair(answer, now));
    return answer;
  }
  Answer old = kept->second.first;
  old.event.age = now - kept->second.second;
  if (old.event.age > plan_.policy.evidence_max_age)
    return refused(Trigger::passing_fault, "OLD_ANSWER", 200);
  return old;
}

Answer ModelUpstream::initiate_of(Truth& truth) {
  world_.checker.initiate_arrived(truth);
  if (truth.requested) return refused(Trigger::duplicate, "DUPLICATE_PROCESSING_REQUEST", 409);
  if (truth.unparsable) return refused(Trigger::unparsable, "UNPARSABLE_STATEMENTS", 400);
  truth.accept(world_.agenda.steady());
  world_.trace.line("accepts", truth.id);
  requested(truth);
  return said(Trigger::accepted);
}

/// What a session that is final may be answered with, from now on.
Trigger ModelUpstream::any_refusal(Call call) {
  constexpr Trigger kTriedAgain[] = {Trigger::account_refused, Trigger::slow_down, Trigger::slow_down,
                                     Trigger::passing_fault};
  constexpr Trigger kEnds[] = {Trigger::not_completed, Trigger::key_required, Trigger::unparsable};
  if (call == Call::progress && world_.chance.below(2) == 0) return Trigger::progress_unknown;
  return world_.chance.below(4) != 0 ? kTriedAgain[world_.chance.below(4)] : kEnds[world_.chance.below(3)];
}

Answer ModelUpstream::processing_of(Call call, Truth& truth) {
  const Steady now = world_.agenda.steady();
  if (truth.requested && strikes(Fault::host_behind))
    truth.behind_until = now + world_.chance.skewed(plan_.policy.not_found_grace / 2);
  if (!truth.requested || now < truth.behind_until)
    return refused(Trigger::not_requested, "PROCESSING_NOT_REQUESTED", 400);
  if (world_.checker.final_on_disk(truth.id)) {
    if (strikes(Fault::refresh_refused)) truth.refuses = any_refusal(call);
    if (truth.refuses) return refused(*truth.refuses, "REFUSED_NOW", 400);
  }
  const bool finished = now >= truth.finished;
  if (call == Call::progress && strikes(Fault::odd_progress))
    truth.odd_until = now + world_.chance.skewed(24h);
  if (call == Call::progress && now < truth.odd_until) return said(Trigger::progress_unknown);
  if (call == Call::progress && !finished && strikes(Fault::finished_too_soon))
    return said(Trigger::progress_finished);
  if (call == Call::progress) return said(finished ? Trigger::progress_finished : Trigger::still_processing);
  if (!finished) return refused(Trigger::not_completed, "PROCESSING_NOT_COMPLETED", 400);
  if (truth.unserved) {
    const bool refuses = plan_.seed % 32 == 5;
    return refuses ? refused(Trigger::account_refused, "HTTP_404", 404)
                   : refused(Trigger::passing_fault, "HTTP_500", 500);
  }
  const bool status = call == Call::session_status;
  truth.told = truth.told || !status;
  Answer answer = said(status ? Trigger::session_status_fetched : Trigger::insights_fetched);
  if (status) answer.event.processing = {truth.accounts, truth.failed, truth.insights};
  if (status) answer.accounts = "[]";
  if (status && truth.failed < truth.accounts && strikes(Fault::insights_denied))
    answer.event.processing.insights_available = InsightsAvailable::no;
  if (strikes(Fault::error_beside_data)) {
    answer.event.error_beside_data = true;
    answer.error = LastError{"STATEMENT_MISSING", "", Wall{}};
  }
  if (!status) {
    if (strikes(Fault::empty_insights)) truth.empty_until = now + world_.chance.skewed(4min);
    answer.event.lists_no_account = now < truth.empty_until;
  }
  answer.payload = payload_of(truth.id, call, truth.forgotten);
  return answer;
}

Answer ModelUpstream::with_links(Answer answer, const Question& question, const Truth& truth) {
  if (question.report_formats.empty() || !strikes(Fault::reports_linked)) return answer;
  for (std::uint32_t account = truth.failed; account < truth.accounts; ++account) {
    for (const ReportFormat format : question.report_formats)
      answer.report_links.links.push_back({{std::to_string(account), format}, truth.id.text()});
  }
  answer.event.links_reports = !answer.report_links.none();
  return answer;
}

ReportAnswer ModelUpstream::report_of(const ReportLink& link) {
  using enum ReportAnswer::Result;
  ReportAnswer answer;
  answer.error.code = "NO_REPORT";
  answer.result = strikes(Fault::report_fails)          ? try_again
                  : strikes(Fault::report_link_expired) ? link_expired
                  : strikes(Fault::report_impossible)   ? impossible
                                                        : fetched;
  if (answer.result != fetched) return answer;
  auto report = std::make_shared<Payload>();
  report->compressed = link.url;
  answer.report = std::move(report);
  return answer;
}

void ModelUpstream::fetch_report(const ReportLink& link, std::function<void(ReportAnswer)> done) {
  world_.checker.report_sent();
  report_fetched(*SessionId::parse(link.url));
  ReportAnswer answer = report_of(link);
  const bool slow = answer.result == ReportAnswer::Result::try_again && world_.chance.below(4) == 0;
  const Duration takes = slow ? world_.chance.between(1min, 30min) : world_.chance.skewed(10s);
  world_.agenda.after(takes,
                      world_.life.while_alive([this, done = std::move(done), answer = std::move(answer)] {
                        world_.checker.report_ended();
                        done(answer);
                      }));
}

}  // namespace bankconnect::simulation
