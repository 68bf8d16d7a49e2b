#include "tests/transcripts/replay/changes.hpp"

#include <algorithm>

#include "statemachine/why.hpp"

namespace bankconnect::transcripts {

namespace {

std::string counted(std::uint32_t n, const char* thing) {
  return std::to_string(n) + " " + thing + (n == 1 ? "" : "s");
}

/// Joins what there is to say.
class Phrases {
 public:
  void say(const std::string& phrase) { text_ += (text_.empty() ? "" : ", ") + phrase; }
  void say_if(bool holds, const std::string& phrase) {
    if (holds) say(phrase);
  }
  bool empty() const { return text_.empty(); }
  std::string text() const { return text_.empty() ? "as it was" : text_; }

 private:
  std::string text_;
};

void say_state(Phrases& phrases, const Durable& before, const Durable& after) {
  const std::string now = where(after.state, after.final, after.outcome, after.reason);
  if (before.state != after.state) {
    phrases.say(std::string(to_string(before.state)) + " -> " + now);
  } else if (before.final != after.final) {
    phrases.say(after.final ? now : now + " again, not final");
  }
}

void say_uploads(Phrases& phrases, const Durable& before, const Durable& after, const Narrator& narrator) {
  phrases.say_if(before.upload_status != after.upload_status,
                 "reported " + std::string(to_string(after.upload_status)));
  const bool counts = before.accounts != after.accounts || before.statements != after.statements;
  phrases.say_if(
      counts, "with " + counted(after.accounts, "account") + ", " + counted(after.statements, "statement"));
  phrases.say_if(!counts && before.fingerprint != after.fingerprint, "with other accounts or statements");
  if (before.expires_at != after.expires_at) phrases.say("expires " + narrator.at(after.expires_at));
  phrases.say_if(
      before.not_requested_since != after.not_requested_since,
      after.not_requested_since == kNoElapsed ? "the request is known" : "the request is not known");
  phrases.say_if(before.doubted_since != after.doubted_since,
                 after.doubted_since == kNoElapsed ? "the end is not in doubt" : "the end is in doubt");
  phrases.say_if(before.not_found_since != after.not_found_since,
                 after.not_found_since == kNoElapsed ? "found again" : "not found");
}

void say_processing(Phrases& phrases, const Durable& before, const SessionWrite& write) {
  const Durable& after = write.durable;
  phrases.say_if(write.intent, before.requested_at != after.requested_at ? "intent to initiate"
                                                                         : "intent to initiate again");
  phrases.say_if(before.accepted_at != after.accepted_at,
                 after.requested_elsewhere ? "requested elsewhere" : "request accepted");
  phrases.say_if(before.stalled != after.stalled, after.stalled ? "stalled" : "not stalled");
  phrases.say_if(before.reinitiates < after.reinitiates,
                 "request forgotten " + counted(after.reinitiates, "time"));
}

void say_operators(Phrases& phrases, const Durable& before, const Durable& after) {
  phrases.say_if(before.hold != after.hold, after.hold ? "held" : "not held");
  phrases.say_if(before.process_wanted != after.process_wanted,
                 after.process_wanted ? "process wanted" : "process wanted no more");
}

/// Whether the reason is more than the state's name.
bool says_more(const Durable& durable) {
  std::string state(to_string(durable.state));
  std::ranges::transform(state, state.begin(),
                         [](char c) { return c == '_' ? c : static_cast<char>(c | 32); });
  return to_string(durable.why) != state;
}

}  // namespace

std::string where(State state, bool final, Outcome outcome, Reason reason) {
  std::string text(to_string(state));
  if (state == State::enriched) text += " " + std::string(to_string(outcome));
  if (state == State::failed) text += " " + std::string(to_string(reason));
  if (state == State::expired && final) text += " (final)";
  return text;
}

std::string changes(const Durable& before, const SessionWrite& write, const Narrator& narrator) {
  const Durable& after = write.durable;
  Phrases phrases;
  say_state(phrases, before, after);
  say_uploads(phrases, before, after, narrator);
  say_processing(phrases, before, write);
  say_operators(phrases, before, after);
  phrases.say_if(write.session_status != nullptr, "with its session_status");
  phrases.say_if(write.insights != nullptr, "with its insights");
  for (const std::string_view code :
       anomaly_codes(static_cast<std::uint16_t>(after.anomalies & ~before.anomalies)))
    phrases.say("anomaly " + std::string(code));
  if (before.after_end != after.after_end) {
    phrases.say_if(after.after_end == AfterEnd::refresh, "to be refreshed");
    phrases.say_if(after.after_end == AfterEnd::late_webhook, "to be asked about once");
    phrases.say_if(after.after_end == AfterEnd::reports, "to wait for its reports");
    phrases.say_if(after.after_end == AfterEnd::nothing && after.final, "asked nothing more");
  }
  phrases.say_if(before.hinted_at != after.hinted_at, after.hinted_at == kNoWall ? "woken" : "to be woken");
  phrases.say_if(before.why != after.why && (phrases.empty() || says_more(after)),
                 "why " + std::string(to_string(after.why)));
  return phrases.text();
}

}  // namespace bankconnect::transcripts
