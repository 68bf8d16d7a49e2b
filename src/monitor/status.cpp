// status.json: how the daemon is, for a person and for programs.
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>

#include "bankconnect/view.hpp"
#include "src/monitor/monitor_impl.hpp"

namespace bankconnect {

namespace json = boost::json;
using Kind = UpstreamCondition::Kind;
using monitor::Problem;

namespace {

constexpr auto kWorthSaying = std::chrono::seconds(5);  // shorter waits are everyday life

json::value or_null(std::string_view text) {
  if (text.empty()) return nullptr;
  return json::string(json::string_view(text.data(), text.size()));
}

}  // namespace

std::vector<Problem> Monitor::Impl::problems() const {
  std::vector<Problem> out;
  if (condition_.kind == Kind::paused) {
    out.push_back(
        {"UPSTREAM_ACCOUNT_REFUSED", "BankConnect refuses this account (" + condition_.code + ") since " +
                                         rfc3339(condition_.since) +
                                         ": check the credentials, the plan and upstream.base_url; all calls "
                                         "pause but for a slow probe"});
  }
  if (condition_.kind == Kind::broken) {
    out.push_back({"UPSTREAM_FAILING", "calls to BankConnect fail (" + condition_.code + ") since " +
                                           rfc3339(condition_.since) + "; one call at a time is tried"});
  }
  if (followed_ && followed_().held_for >= kWorthSaying) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(followed_().held_for);
    out.push_back(
        {"UPSTREAM_SLOWS_DOWN", "BankConnect asked to be called less often: nothing is asked for another " +
                                    std::to_string(seconds.count()) + " s"});
  }
  if (followed_ && followed_().webhooks == WebhookHealth::degraded) {
    out.push_back(
        {"WEBHOOKS_MISSING",
         "polling found news that no webhook announced (" + std::to_string(followed_().webhooks_missed) +
             " since the start): sessions are polled at full cadence; check that the registered URL "
             "reaches this daemon"});
  }
  if (store_.disk_full) {
    out.push_back(
        {"DISK_FULL", "the database's disk is full: new sessions are refused, the followed ones wait"});
  }
  if (!files_problem_.empty()) out.push_back({"STATUS_FILES_UNWRITABLE", files_problem_});
  return out;
}

std::string_view Monitor::Impl::health() const {
  if (condition_.kind == Kind::paused) return "paused";
  return problems().empty() ? "ok" : "degraded";
}

json::object Monitor::Impl::upstream_object() const {
  const char* breaker = condition_.kind == Kind::flowing  ? "closed"
                        : condition_.kind == Kind::broken ? "open"
                                                          : "paused";
  json::object out;
  out["requests"] = requests_;
  out["errors"] = errors_;
  out["breaker"] = breaker;
  out["requests_per_second"] = requests_per_second_;
  out["in_flight"] = followed_ ? followed_().in_flight : 0;
  return out;
}

json::object Monitor::Impl::store_object() const {
  json::object out;
  out["size_bytes"] = store_.size_bytes;
  out["commits"] = store_.commits;
  out["commit_p50_ms"] = store_.commit_p50.count();
  out["commit_p99_ms"] = store_.commit_p99.count();
  out["last_event_seq"] = last_seq_;
  return out;
}

json::object Monitor::Impl::webhooks_object() const {
  const Followed followed = followed_ ? followed_() : Followed{};
  const Wall last = std::max(webhooks_.last_taken_at(), store_.last_hint_at);
  json::object out;
  out["state"] = or_null(name(followed.webhooks));
  out["last_received_at"] = or_null(rfc3339(last));
  out["missed"] = followed.webhooks_missed;
  json::object received;
  for (const auto& [result, count] : webhooks_.counts())
    received[result] = count;
  out["received"] = std::move(received);
  boost::system::error_code ec;
  out["registered"] = json::parse(registration_json(store_.registration), ec);
  return out;
}

std::string Monitor::Impl::status_json() const {
  json::object out;
  out["version"] = options_.version;
  out["pid"] = ::getpid();
  out["started_at"] = rfc3339(started_at_);
  out["written_at"] = rfc3339(world_.clock.now().wall);
  out["health"] = or_null(health());
  json::array list;
  for (const Problem& problem : problems()) {
    list.push_back(json::object{{"code", problem.code}, {"text", problem.text}});
  }
  out["problems"] = std::move(list);
  json::object sessions;
  for (const State state : kAllStates) {
    sessions[json::string_view(name(state).data(), name(state).size())] =
        counts_[static_cast<std::size_t>(state)];
  }
  out["sessions"] = std::move(sessions);
  out["followed"] = followed_ ? followed_().live : 0;
  out["webhooks"] = webhooks_object();
  out["upstream"] = upstream_object();
  out["poll_lateness"] = json::object{{"p50_ms", lateness_.percentile(0.50).count()},
                                      {"p99_ms", lateness_.percentile(0.99).count()}};
  out["store"] = store_object();
  out["files_through"] = mark_left_ ? *mark_left_ : mark_.through();
  json::value oldest;
  if (store_.oldest_live) {
    oldest = json::object{{"session_id", store_.oldest_live->text()},
                          {"submitted_at", rfc3339(store_.oldest_live_submitted_at)}};
  }
  out["oldest_non_final_session"] = std::move(oldest);
  return json::serialize(out) + "\n";
}

std::string Monitor::Impl::status_line() const {
  const std::uint64_t live = followed_ ? followed_().live : 0;
  return std::string(health()) + ", following " + std::to_string(live) + " sessions, " +
         std::to_string(counts_[static_cast<std::size_t>(State::enriched)]) + " enriched, " +
         std::to_string(counts_[static_cast<std::size_t>(State::failed)]) + " failed";
}

}  // namespace bankconnect
