#include "tests/transcripts/replay/world.hpp"

#include "statemachine/why.hpp"
#include "tests/transcripts/replay/changes.hpp"
#include "tests/transcripts/replay/mistake.hpp"
#include "tests/transcripts/replay/times.hpp"

namespace bankconnect::transcripts {

using namespace std::chrono_literals;

namespace {

/// Of the follower's jitter; any number does.
constexpr std::uint64_t kSeed = 7;
constexpr int kMostRings = 100'000;

std::string refusal(const Error& error) {
  std::string text = std::to_string(http_status(error.code)) + " " + std::string(to_string(error.code));
  if (error.code == ErrorCode::wrong_state) text += ", " + error.message;
  return text;
}

}  // namespace

World::World() : observer_(narrator_, [this](const SessionId& id) { return look(id); }) {}

void World::configure(Words& words) {
  if (follower_) throw Mistake("configure comes before anything happens");
  transcripts::configure(settings_, words);
}

void World::commit_by_hand(bool by_hand) {
  by_hand_ = by_hand;
  store_.narrate_queue(by_hand);
  settle();
}

Follower& World::follower() {
  if (!follower_) start();
  return *follower_;
}

void World::start() {
  settings_.options.initiate_paused = store_.paused();
  follower_ = make_follower(settings_.policy, settings_.options,
                            {clock_, store_, upstream_, alarm_, observer_}, kSeed);
}

/// With commits at once, all that waits for the disk gets there.
void World::settle() {
  while (!by_hand_ && store_.waiting())
    commit();
}

void World::submit(const std::vector<Submission>& batch) {
  follower().submit(batch, [this, batch](const Result<std::vector<Submitted>>& result) {
    if (result.has_error()) return narrator_.tell("told client: " + refusal(result.error()));
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const bool accepted = (*result)[i].accepted;
      narrator_.tell(std::string("told client: ") + (accepted ? "201 " : "200 ") + session(batch[i].id) +
                     (accepted ? " accepted" : " already followed"));
    }
  });
  settle();
}

void World::command(const SessionId& id, Command command) {
  follower().command(id, command, [this, id](const Result<std::optional<SessionRecord>>& result) {
    if (result.has_error()) return narrator_.tell("told client: " + refusal(result.error()));
    // The control socket answers with the session: as it was stored, or read where there was nothing to
    // store.
    const bool there = result->has_value() || store_.records().contains(id);
    narrator_.tell(there ? "told client: 202" : "told client: 404 SESSION_NOT_FOLLOWED");
  });
  settle();
}

void World::forget(const SessionId& id) {
  follower().erase(id, [this](const Result<void>& result) {
    narrator_.tell("told client: " + (result.has_error() ? refusal(result.error()) : "204"));
  });
  settle();
}

void World::retention(const SessionId& id) {
  store_.sweep(id, [this, id] { follower().drop_expired(id); });
  settle();
}

void World::answer(const SessionId& id, Call call, Answer answer) {
  upstream_.answer(id, call, std::move(answer));
  settle();
}

void World::webhook(const SessionId& id, const std::string& event_name, const std::string& body) {
  follower().take_webhook({id, event_name, body, {}, clock_.now().wall},
                          [this](const Result<StoredWebhook>& taken) {
                            if (taken.has_error()) return narrator_.tell("told BankConnect: 503");
                            narrator_.tell("told BankConnect: 200, " + std::string(to_string(taken->result)) +
                                           (taken->duplicate ? ", a duplicate" : ""));
                          });
  settle();
}

void World::commit() {
  store_.commit();
  store_.hear();
}

void World::commit_refused() {
  store_.refuse();
  store_.hear();
}

/// What was not committed is lost, calls in flight are answered to nobody; then the daemon starts again.
void World::crash() {
  store_.crash();
  upstream_.crash();
  alarm_.at = kNever;
  planned_.clear();
  start();
  for (const auto& [id, record] : store_.records()) {
    if (has_calls(record.durable)) narrator_.tell("restored: " + look(id));
    follower_->restore(record);
  }
  follower_->run();
  settle();
}

void World::put_back_a_copy() {
  store_.put_back_a_copy();
  crash();
}

void World::resume() {
  follower().resume([this](const Result<void>& result) {
    narrator_.tell("told client: " + (result.has_error() ? refusal(result.error()) : "200"));
  });
  settle();
}

void World::reload() {
  follower().retry_upstream();
  settle();
}

void World::stop() {
  follower().stop();
  settle();
}

/// Moves the clock to the next alarm, if there is one until `end`, and lets it ring.
bool World::ring_by(Steady end) {
  if (alarm_.at == kNever || alarm_.at > end) return false;
  clock_.pass(std::max(Duration::zero(), alarm_.at - clock_.now().steady));
  alarm_.at = kNever;
  follower().run();
  settle();
  return true;
}

void World::pass(Duration time) {
  const Steady end = clock_.now().steady + time;
  for (int rings = 0; ring_by(end); ++rings)
    if (rings == kMostRings) throw Mistake("the alarm does not stop ringing");
  clock_.pass(end - clock_.now().steady);
}

void World::pass_until_asked() {
  const std::size_t asked = upstream_.asked();
  for (int rings = 0; upstream_.asked() == asked; ++rings)
    if (rings == kMostRings || !ring_by(kNever)) throw Mistake("no question is planned");
}

/// What the control socket and the status files show of a session.
std::string World::look(const SessionId& id) {
  const auto found = store_.records().find(id);
  if (found == store_.records().end()) return "no " + session(id);
  SessionRecord record = found->second;
  follower().fill_in(record);
  const Durable& durable = record.durable;
  std::string text = session(id) + " " + where(durable.state, durable.final, durable.outcome, durable.reason);
  if (durable.hold) text += ", hold";
  if (durable.after_end == AfterEnd::refresh) text += ", refreshing";
  if (durable.after_end == AfterEnd::reports) text += ", waiting for reports";
  if (durable.stalled) text += ", stalled";
  if (record.last_error) text += ", last error " + record.last_error->code;
  return text;
}

void World::list() {
  for (const auto& [id, record] : store_.records())
    narrator_.tell(look(id) + ": " + why(record) + evidence(record));
}

std::string World::why(const SessionRecord& record) {
  const bool denied = record.evidence && record.evidence->field == "insights_available";
  return explain(record.durable, {record.last_error ? record.last_error->code : "", {}, denied}).text;
}

/// What its `why` rests on.
std::string World::evidence(const SessionRecord& record) const {
  if (!record.evidence || record.evidence->field.empty()) return "";
  const Evidence& told = *record.evidence;
  const std::string by = told.call ? std::string(to_string(*told.call)) + ", " : "";
  return " By " + by + told.field + " " + told.value + ", at " + narrator_.at(told.at) + ".";
}

/// Told when it is another than last time.
void World::tell_plan(const SessionId& id, SessionRecord record) {
  if (upstream_.asking(id) || store_.waiting(id)) {
    planned_.erase(id);
    return;
  }
  follower().fill_in(record);
  if (record.next_poll_at == kNoWall) return;
  const Moment now = clock_.now();
  const Duration wait = record.next_poll_at - now.wall;
  std::string plan = narrator_.at(now.steady + wait);
  if (record.attempts == 1) plan += ", after a failure";
  if (record.attempts > 1) plan += ", after " + std::to_string(record.attempts) + " failures";
  if (std::exchange(planned_[id], plan) == plan) return;
  const std::string when = wait > Duration::zero() ? "in " + span(wait) + ", at " : "due since ";
  narrator_.tell("next: " + session(id) + " " + when + plan);
}

std::vector<std::string> World::report() {
  if (follower_)
    for (const auto& [id, record] : store_.records())
      tell_plan(id, record);
  return narrator_.take();
}

}  // namespace bankconnect::transcripts
