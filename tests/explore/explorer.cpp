#include "tests/explore/explorer.hpp"

#include <algorithm>

#include "bankconnect/store.hpp"
#include "tests/explore/promises.hpp"

namespace bankconnect::explore {
namespace {

/// Only a store can make the proof that effects wait for.
class Commits : public StoreWriter {
 public:
  static Committed proof() { return committed(); }
};

/// One known situation in so many is compared with the one that came to the same key.
constexpr std::size_t kKeysChecked = 32;

}  // namespace

std::string Explorer::run() {
  begin();
  while (next_ < situations_.size() && broken_.empty())
    visit(next_++);
  if (broken_.empty()) world_.unchanging ? check_that_all_end() : check_that_all_can_end();
  return broken_;
}

void Explorer::begin() {
  for (const bool hold : {false, true}) {
    Situation fresh;
    fresh.conditions = world_.conditions;
    fresh.session = new_session(*SessionId::parse("136b1aa3-4610-4d0a-89f3-03078a2fce92"), hold, kNow);
    Event submitted;
    submitted.trigger = Trigger::submitted;
    take(kStart, fresh, submitted);
  }
}

void Explorer::visit(Number number) {
  const Situation situation = situations_[number];
  for (const Event& event : events_now(world_, situation))
    take(number, situation, event);
  for (const Event& event : answers(world_, situation))
    take(number, situation, event);
  if (world_.unchanging && (situation.in_flight || situation.session.in_memory.due <= kNow.steady)) return;
  if (!world_.unchanging) crash(number, situation, "a crash", Trigger::recovered);
  add(number, later(situation, kTick), Trigger::due, "a tick without");
}

Explorer::Outcome Explorer::outcome_of(const Situation& before, const Event& event) const {
  Outcome outcome;
  outcome.after = before;
  Situation& after = outcome.after;
  if (event.trigger == Trigger::resumed) after.conditions.initiate_paused = false;
  if (event.trigger == Trigger::webhook_health_changed) {
    const bool healthy = before.conditions.webhooks == WebhookHealth::healthy;
    after.conditions.webhooks = healthy ? WebhookHealth::degraded : WebhookHealth::healthy;
  }
  outcome.decision = step(before.session, event, kNow, world_.policy, after.conditions);
  const Decision& decision = outcome.decision;
  const bool answer = is_call_result(event.trigger);
  outcome.ignored = decision.row == nullptr && !answer;
  const std::optional<Call> asks = decision.after_commit.actions(Commits::proof()).ask;
  outcome.broken = broken_promise(world_.policy, before, event, decision, asks);
  after.session = decision.next;
  if (answer) after.in_flight.reset();
  if (asks) after.in_flight = asks;
  const bool initiates = decision.next.in_memory.next_call == Call::initiate;
  after.intent = (before.intent || decision.persist.intent) && initiates && asks != Call::initiate;
  if (event.trigger == Trigger::accepted || event.trigger == Trigger::duplicate) after.accepted = true;
  // BankConnect itself says that there is no request, or an operator begins anew.
  const bool denied = event.trigger == Trigger::not_requested || event.trigger == Trigger::session_not_found;
  if (denied || (before.session.durable.final && !decision.next.durable.final)) after.accepted = false;
  return outcome;
}

/// What is on disk is all that is left; nothing, if the session was not submitted yet or has no calls to
/// make.
std::optional<Situation> Explorer::crashed(const Situation& at) {
  if (at.session.in_memory.is_new || !has_calls(at.session.durable)) return std::nullopt;
  Situation after;
  after.conditions = at.conditions;
  after.accepted = at.accepted;
  Event recovered;
  recovered.trigger = Trigger::recovered;
  const Decision decision = step(restored_session(at.session.id, at.session.durable), recovered, kNow,
                                 world_.policy, at.conditions);
  if (decision.row == nullptr) broke("a session cannot be recovered", kStart);
  rows_.insert(decision.row);
  after.session = decision.next;
  return after;
}

/// The event comes, and what it leads to is committed; or the daemon dies before that, or right after.
void Explorer::take(Number from, const Situation& before, const Event& event) {
  if (!broken_.empty()) return;
  Outcome outcome = outcome_of(before, event);
  if (outcome.decision.row != nullptr) rows_.insert(outcome.decision.row);
  if (outcome.ignored) return;
  if (!outcome.broken.empty())
    return broke(outcome.broken + ", at " + std::string(to_string(event.trigger)), from);
  const Number number = add(from, outcome.after, event.trigger, "");
  if (outcome.decision.persist.empty() || world_.unchanging) return;
  crash(number, outcome.after, "a crash after", event.trigger);
}

void Explorer::crash(Number from, const Situation& at, const char* how, Trigger trigger) {
  if (const std::optional<Situation> after = crashed(at)) add(from, *after, trigger, how);
}

Explorer::Number Explorer::add(Number from, const Situation& situation, Trigger trigger, const char* how) {
  ++steps_;
  const auto [place, added] =
      numbers_.try_emplace(key_of(situation, world_.policy), static_cast<Number>(situations_.size()));
  if (added) {
    situations_.push_back(situation);
    ways_.push_back({from, trigger, how});
  } else if (steps_ % kKeysChecked == 0) {
    check_key(place->second, situation);
  }
  const bool by_operator = is_command(trigger) || trigger == Trigger::resumed;
  if (from != kStart && !by_operator) edges_.emplace_back(place->second, from);
  return place->second;
}

std::vector<std::string> Explorer::successors(const Situation& situation) {
  std::vector<std::string> keys;
  std::vector<Event> events = events_now(world_, situation);
  const std::vector<Event> answered = answers(world_, situation);
  events.insert(events.end(), answered.begin(), answered.end());
  for (const Event& event : events) {
    const Outcome outcome = outcome_of(situation, event);
    keys.push_back(outcome.ignored ? "" : key_of(outcome.after, world_.policy));
  }
  keys.push_back(key_of(later(situation, kTick), world_.policy));
  const std::optional<Situation> restarted = crashed(situation);
  keys.push_back(restarted ? key_of(*restarted, world_.policy) : "");
  return keys;
}

/// The key leaves out what nothing depends on. If it left out more, a part of the situations would be missed.
void Explorer::check_key(Number known, const Situation& situation) {
  if (!broken_.empty()) return;
  const std::vector<std::string> here = successors(situations_[known]);
  const std::vector<std::string> there = successors(situation);
  if (here == there) return;
  const auto at = std::mismatch(here.begin(), here.end(), there.begin(), there.end()).first - here.begin();
  broke("two situations have one key, and lead to different ones by event " + std::to_string(at) + " of " +
            std::to_string(here.size()),
        known);
}

/// Without a command: an operator may never come.
void Explorer::check_that_all_can_end() {
  std::sort(edges_.begin(), edges_.end());
  std::vector<bool> ends(situations_.size());
  std::deque<Number> open;
  const auto add_end = [&](Number number) {
    if (ends[number]) return;
    ends[number] = true;
    open.push_back(number);
  };
  for (Number number = 0; number < situations_.size(); ++number) {
    const Situation& situation = situations_[number];
    if (!has_calls(situation.session.durable) || situation.conditions.initiate_paused) add_end(number);
  }
  while (!open.empty()) {
    const Number number = open.front();
    open.pop_front();
    for (auto edge = std::lower_bound(edges_.begin(), edges_.end(), std::pair(number, Number{0}));
         edge != edges_.end() && edge->first == number; ++edge)
      add_end(edge->second);
  }
  const auto stuck = std::find(ends.begin(), ends.end(), false);
  if (stuck != ends.end())
    broke("a session from here on never ends without an operator", static_cast<Number>(stuck - ends.begin()));
}

/// No way leads back to a situation that it has been through: then it would go on for ever.
void Explorer::check_that_all_end() {
  std::sort(edges_.begin(), edges_.end());
  std::vector<std::size_t> ways_on(situations_.size());
  for (const auto& [to, from] : edges_)
    if (has_calls(situations_[from].session.durable)) ++ways_on[from];
  std::deque<Number> ended;
  for (Number number = 0; number < situations_.size(); ++number)
    if (ways_on[number] == 0) ended.push_back(number);
  while (!ended.empty()) {
    const Number number = ended.front();
    ended.pop_front();
    for (auto edge = std::lower_bound(edges_.begin(), edges_.end(), std::pair(number, Number{0}));
         edge != edges_.end() && edge->first == number; ++edge)
      if (ways_on[edge->second] > 0 && --ways_on[edge->second] == 0) ended.push_back(edge->second);
  }
  const auto endless =
      std::find_if(ways_on.begin(), ways_on.end(), [](std::size_t left) { return left > 0; });
  if (endless == ways_on.end()) return;
  // Every way on from there that is left leads to another such situation: a repeated one is on a circle.
  auto at = static_cast<Number>(endless - ways_on.begin());
  std::set<Number> seen;
  while (seen.insert(at).second)
    at = std::find_if(edges_.begin(), edges_.end(), [&](const auto& edge) {
           return edge.second == at && ways_on[edge.first] > 0;
         })->first;
  broke("a session about which nothing changes may be followed for ever", at);
}

void Explorer::broke(std::string promise, Number at) {
  broken_ = std::move(promise) + "\n" + way_to(at);
}

std::string Explorer::way_to(Number number) const {
  std::vector<std::string> way;
  for (; number != kStart; number = ways_[number].from) {
    const Way& by = ways_[number];
    way.push_back("  " + std::string(by.how) + (*by.how == '\0' ? "" : " ") +
                  std::string(to_string(by.trigger)) + " -> " +
                  std::string(to_string(situations_[number].session.durable.state)) + "\n");
  }
  std::string text;
  for (auto line = way.rbegin(); line != way.rend(); ++line)
    text += *line;
  return text;
}

}  // namespace bankconnect::explore
