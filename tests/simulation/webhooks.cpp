// BankConnect's webhooks, and those that only pretend to be.
#include "tests/simulation/run.hpp"

namespace bankconnect::simulation {

using namespace std::chrono_literals;

namespace {

std::string event_name_of(News news) {
  switch (news) {
    case News::completion: return "SESSION_REQUIREMENT_COMPLETION_NOTIFICATION";
    case News::expiry: return "SESSION_EXPIRY_NOTIFICATION";
    case News::enrichment: return "ENRICHMENT_NOTIFICATION";
  }
  return "";
}

}  // namespace

void Run::plan_webhooks(Truth& truth) {
  if (!plan_.webhooks) return;
  const auto plan = [this, &truth](Steady when, News news) {
    if (when != kNever) send_webhook(truth.id, news, when - agenda_.steady());
  };
  plan(truth.completes, News::completion);
  plan(truth.completes_again, News::completion);
  plan(truth.expires, News::expiry);
}

void Run::send_webhook(const SessionId& id, News news, Duration after) {
  if (!plan_.webhooks || strikes(Fault::webhook_lost)) return;
  Duration when = std::max(after, 0ms) + chance_.skewed(200ms);
  if (strikes(Fault::webhook_late)) when += chance_.skewed(600s);
  if (strikes(Fault::webhook_early)) when = std::max(0ms, when - chance_.skewed(20s));
  const std::string body = std::string(name(news)) + std::to_string(truths_.at(id).forgotten);
  const std::string event_name = event_name_of(news);
  agenda_.after(when, [this, id, event_name, body] { deliver(id, event_name, body); });
  if (strikes(Fault::webhook_doubled))
    agenda_.after(when + chance_.skewed(10s),
                  [this, id, event_name, body] { deliver(id, event_name, body); });
}

/// One attempt: a daemon that is down hears nothing.
void Run::deliver(const SessionId& id, const std::string& event_name, const std::string& body) {
  if (!follower_) return;
  trace_.line("webhook", id, body);
  checker_.hinted(id);
  Hint hint;
  hint.id = id;
  hint.event_name = event_name;
  hint.body = body;
  hint.received_at = agenda_.now().wall;
  follower_->hint(std::move(hint),
                  [this, id, body, came_at = agenda_.steady()](const Result<HintTaken>& taken) {
                    if (taken.has_error()) return trace_.struck(Fault::webhook_refused);
                    checker_.hint_acknowledged(id, body, taken->result, came_at);
                  });
}

/// Of a session that is followed, or of one that nobody knows.
void Run::forge_webhook() {
  if (truths_.empty() || calm_) return;
  auto chosen = truths_.begin();
  std::advance(chosen, static_cast<std::ptrdiff_t>(chance_.below(truths_.size())));
  SessionId id = chosen->first;
  if (chance_.below(4) == 0) id.bytes[1] = 0xff;
  trace_.struck(Fault::webhook_forged);
  deliver(id, event_name_of(kAllNews[chance_.below(kAllNews.size())]), "forged" + std::to_string(++forged_));
}

}  // namespace bankconnect::simulation
