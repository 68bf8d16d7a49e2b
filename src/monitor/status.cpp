#include "src/monitor/status.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <vector>

#include "bankconnect/view.hpp"

namespace bankconnect::monitor {

namespace json = boost::json;
using Kind = UpstreamCondition::Kind;

namespace {

constexpr auto kReportedWait = std::chrono::seconds(5);  // shorter waits are normal

/// Something that needs a person's attention.
struct Problem {
  std::string code;
  std::string text;
};

json::value or_null(std::string_view text) {
  if (text.empty()) return nullptr;
  return json::string(text);
}

std::optional<Problem> disk_problem(const WriteDelay& delay) {
  const DiskCondition condition = condition_of(delay);
  if (condition == DiskCondition::answers) return std::nullopt;
  const bool hangs = condition == DiskCondition::hangs;
  const Duration wait = std::max(hangs ? delay.oldest : delay.longest, delay.stuck);
  const std::string seconds = fmt::format("{:.1f} s", std::chrono::duration<double>(wait).count());
  const std::string who = delay.held ? "another process holds the database: it" : "the database's disk";
  if (!hangs) return Problem{"DISK_SLOW", who + " took " + seconds + "; what waits for it is late"};
  const bool refuses = delay.oldest >= kHangingWrite;
  return Problem{"DISK_HANGS",
                 who + " has not answered for " + seconds +
                     (refuses ? "; new sessions and webhooks are refused, the followed sessions wait" : "")};
}

std::vector<Problem> problems_of(const Status& status) {
  const UpstreamCondition& upstream = status.activity.upstream;
  const Followed& followed = status.followed;
  std::vector<Problem> out;
  if (upstream.kind == Kind::paused) {
    out.push_back(
        {"UPSTREAM_ACCOUNT_REFUSED", "BankConnect refuses this account (" + upstream.code + ") since " +
                                         rfc3339(upstream.since) +
                                         ": check the credentials, the plan and upstream.base_url; all calls "
                                         "pause but for a slow probe"});
  }
  if (upstream.kind == Kind::broken) {
    out.push_back({"UPSTREAM_FAILING", "calls to BankConnect fail (" + upstream.code + ") since " +
                                           rfc3339(upstream.since) + "; one call at a time is tried"});
  }
  if (upstream.kind == Kind::flowing && status.recent_calls.mostly_failed()) {
    const RecentCalls::Summary& calls = status.recent_calls;
    out.push_back({"UPSTREAM_FAILING", std::to_string(calls.failed) + " of the last " +
                                           std::to_string(calls.calls) +
                                           " calls to BankConnect failed, the last with " + calls.code +
                                           "; each is tried again after a pause"});
  }
  if (followed.failing_session) {
    out.push_back({"SESSION_CALLS_FAIL", "the calls of " + std::to_string(followed.failing_long) +
                                             " session" + (followed.failing_long == 1 ? "" : "s") +
                                             " have failed at least " + std::to_string(kFailingLong) +
                                             " times in a row, among them " +
                                             followed.failing_session->text() + ": its last error says why"});
  }
  if (followed.held_for >= kReportedWait) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(followed.held_for);
    out.push_back(
        {"UPSTREAM_SLOWS_DOWN", "BankConnect asked to be called less often: calls pause for another " +
                                    std::to_string(seconds.count()) + " s, until " +
                                    rfc3339(status.now + followed.held_for) +
                                    "; in a pause of more than ten minutes one call a minute is made"});
  }
  if (followed.webhooks == WebhookHealth::degraded) {
    out.push_back({"WEBHOOKS_MISSING", "polling found news that no webhook announced (" +
                                           std::to_string(followed.webhooks_missed) +
                                           " since the start): sessions are polled at full cadence; check "
                                           "that the registered URL reaches this daemon"});
  }
  if (status.store.disk_full) {
    out.push_back(
        {"DISK_FULL", "the database's disk is full: new sessions are refused, the followed ones wait"});
  }
  if (auto problem = disk_problem(status.write_delay)) out.push_back(std::move(*problem));
  if (!status.files_problem.empty()) out.push_back({"STATUS_FILES_UNWRITABLE", status.files_problem});
  for (const auto& [code, text] : status.problems)
    out.push_back({code, text});
  return out;
}

std::string_view health_of(const Status& status) {
  if (status.activity.upstream.kind == Kind::paused) return "paused";
  return problems_of(status).empty() ? "ok" : "degraded";
}

json::array problems_array(const Status& status) {
  json::array out;
  for (const Problem& problem : problems_of(status))
    out.push_back(json::object{{"code", problem.code}, {"text", problem.text}});
  return out;
}

json::object sessions_object(const StateCounts& counts) {
  json::object out;
  for (const State state : kAllStates)
    out[to_string(state)] = counts[static_cast<std::size_t>(state)];
  return out;
}

json::object webhooks_object(const Status& status) {
  const WebhookStats& webhooks = status.activity.webhooks;
  const Wall last = std::max(webhooks.last_received_at(), status.store.last_webhook_at);
  json::object out;
  out["state"] = or_null(to_string(status.followed.webhooks));
  out["last_received_at"] = or_null(rfc3339(last));
  out["missed"] = status.followed.webhooks_missed;
  out["certificate_expires_at"] = or_null(rfc3339(status.certificate_expires_at));
  json::object received;
  for (const auto& [result, count] : webhooks.counts())
    received[result] = count;
  out["received"] = std::move(received);
  boost::system::error_code ec;
  out["registered"] = json::parse(registration_json(status.store.registration), ec);
  return out;
}

json::object upstream_object(const Status& status) {
  const Kind kind = status.activity.upstream.kind;
  json::object out;
  out["requests"] = status.activity.requests;
  out["errors"] = status.activity.errors;
  out["breaker"] = kind == Kind::flowing ? "closed" : kind == Kind::broken ? "open" : "paused";
  out["requests_per_second"] = status.requests_per_second;
  out["in_flight"] = status.followed.in_flight;
  return out;
}

json::object store_object(const Status& status) {
  json::object out;
  out["size_bytes"] = status.store.size_bytes;
  out["commits"] = status.store.commits;
  out["commit_p50_ms"] = status.store.commit_p50.count();
  out["commit_p99_ms"] = std::max(status.store.commit_p99, status.write_delay.oldest).count();
  out["oldest_write_ms"] = status.write_delay.oldest.count();
  out["last_event_seq"] = status.last_event_seq;
  out["commands"] = status.store.commands;
  return out;
}

/// Boost.JSON writes 6.0 as 6E0, which people do not read.
std::string with_plain_rate(std::string document, double rate) {
  constexpr std::string_view kKey = "\"requests_per_second\":";
  const auto begin = document.find(kKey) + kKey.size();
  const auto end = document.find_first_of(",}", begin);
  return document.replace(begin, end - begin, fmt::format("{:.1f}", rate));
}

json::value oldest_live(const Status& status) {
  if (!status.activity.oldest_live) return nullptr;
  return json::object{{"session_id", status.activity.oldest_live->text()},
                      {"submitted_at", rfc3339(status.store.oldest_live_submitted_at)}};
}

}  // namespace

DiskCondition condition_of(const WriteDelay& delay) {
  if (std::max(delay.oldest, delay.stuck) >= kHangingWrite) return DiskCondition::hangs;
  if (std::max(delay.longest, delay.stuck) >= kSlowWrite) return DiskCondition::slow;
  return DiskCondition::answers;
}

std::string to_json(const Status& status) {
  const RecentSamples& lateness = status.activity.lateness;
  json::object out;
  out["version"] = status.version;
  out["pid"] = ::getpid();
  out["started_at"] = rfc3339(status.started_at);
  out["written_at"] = rfc3339(status.now);
  out["health"] = health_of(status);
  out["problems"] = problems_array(status);
  out["sessions"] = sessions_object(status.activity.sessions);
  out["followed"] = status.followed.live;
  out["webhooks"] = webhooks_object(status);
  out["upstream"] = upstream_object(status);
  out["poll_lateness"] = json::object{{"p50_ms", lateness.percentile(0.50).count()},
                                      {"p99_ms", lateness.percentile(0.99).count()}};
  out["store"] = store_object(status);
  out["log_id"] = or_null(status.store.log_id);
  out["files_through"] = status.files_through;
  out["oldest_non_final_session"] = oldest_live(status);
  return with_plain_rate(json::serialize(out), status.requests_per_second) + "\n";
}

std::string to_line(const Status& status) {
  const StateCounts& sessions = status.activity.sessions;
  return std::string(health_of(status)) + ", following " + std::to_string(status.followed.live) +
         " sessions, " + std::to_string(sessions[static_cast<std::size_t>(State::enriched)]) + " enriched, " +
         std::to_string(sessions[static_cast<std::size_t>(State::failed)]) + " failed";
}

}  // namespace bankconnect::monitor
