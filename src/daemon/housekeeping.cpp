// What the daemon does from time to time: the watchdog, the stored clock, retention.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "bankconnect/listen.hpp"
#include "bankconnect/tls_identity.hpp"
#include "src/daemon/application.hpp"
#include "src/daemon/service.hpp"

namespace bankconnect::daemon {

using namespace std::chrono_literals;
using boost::system::error_code;

namespace {

constexpr std::uint32_t kSweepAtOnce = 100;  // sessions erased in one transaction
constexpr auto kClockInterval = 1h;
constexpr Duration kLongestPause = 3s;

}  // namespace

/// From the loop itself: one that hangs lets the watchdog expire. So does a store that is at one step for
/// longer than the pause between two feedings, until it is done.
void Application::feed_watchdog() {
  check_wall_clock();
  check_certificate();
  check_control_socket();
  notify_status(reporter_->status_line());
  if (ready_unnotified_) ready_unnotified_ = !notify_ready(reporter_->status_line());
  const auto interval = watchdog_interval();
  const Duration pause = interval ? std::clamp<Duration>(*interval / 3, 100ms, kLongestPause) : kLongestPause;
  if (interval && store_->write_delay().stuck < pause) notify_watchdog();
  watchdog_.expires_after(pause);
  watchdog_.async_wait([this](error_code ec) {
    if (!ec && !stopping_) feed_watchdog();
  });
}

/// Stores elapsed time beside the wall clock: after a reboot only the two together say how long it took.
void Application::save_clock() {
  store_->save_clock(clock_.snapshot(), [](const Result<void>&) {});
  clock_saved_at_ = clock_.now().steady;
}

/// Logs that the wall clock was set: times in the log and the files jump with it. Deadlines do not.
void Application::check_wall_clock() {
  const Moment now = clock_.now();
  const Duration jumped = (now.wall - last_check_.wall) - (now.steady - last_check_.steady);
  last_check_ = now;
  if (std::chrono::abs(jumped) < 5s) return;
  save_clock();
  log_->warning("clock_jumped", "the wall clock was set; intervals and grace periods are not affected",
                {{"jump_ms", jumped.count()}});
}

void Application::check_certificate() {
  if (!webhooks_) return;
  const net::Validity validity =
      config_.webhook_tls ? net::validity_of(*config_.webhook_tls) : net::Validity{};
  std::string problem = net::validity_problem(validity, clock_.now().wall);
  if (!problem.empty())
    problem = "the certificate in " + config_.webhook.tls_certificate_file + " " + problem;
  reporter_->set_certificate_expiry(validity.until);
  const bool changed = reporter_->set_problem("WEBHOOK_CERTIFICATE", problem);
  if (changed && !problem.empty()) log_->warning("webhook_certificate", problem);
}

/// Clients find the daemon by its socket's name: a socket that was removed is made anew.
void Application::check_control_socket() {
  constexpr const char* kProblem = "CONTROL_SOCKET_GONE";
  struct stat status {};
  const std::string& path = config_.control.socket;
  if (!owns_control_socket_ || ::lstat(path.c_str(), &status) == 0 || errno != ENOENT) return;
  const auto listening = net::listen_unix(path, config_.control.mode, config_.control.group);
  if (const auto* error = std::get_if<net::UnixSocketError>(&listening)) {
    reporter_->set_problem(kProblem, "control.socket was removed and cannot be made anew: " + error->message);
    return;
  }
  control_->serve(std::get<int>(listening));
  reporter_->set_problem(kProblem, "");
  log_->warning("control_socket_restored", "control.socket had been removed and was made anew");
}

/// Retention, in small transactions so that other writes do not wait for long.
void Application::sweep() {
  if (stopping_) return;
  const Moment now = clock_.now();
  if (now.steady >= clock_saved_at_ + kClockInterval) save_clock();
  // Deletes a bounded number; the next sweep goes on.
  store_->expire_unclaimed(now.elapsed, [](const Result<bool>&) {});
  const Duration retention = config_.store.retention;
  if (retention == Duration::zero()) {
    schedule_sweep(60s);
    return;
  }
  const Wall events_before = std::min(now.wall, as_wall(now.elapsed)) - retention;
  store_->sweep(now.elapsed - retention, events_before, kSweepAtOnce, [this](const Result<Swept>& result) {
    if (result.has_value()) swept(*result);
    schedule_sweep(result.has_value() && result->more ? Duration(50ms) : Duration(60s));
  });
}

void Application::swept(const Swept& swept) {
  for (const auto& [id, state] : swept.erased) {
    follower_->drop_expired(id);
    counters_->erased(id, state);
  }
  if (swept.erased.empty()) return;
  log_->info("retention", "",
             {{"erased", static_cast<std::int64_t>(swept.erased.size())},
              {"events_dropped", static_cast<std::int64_t>(swept.events_dropped)}});
}

void Application::schedule_sweep(Duration pause) {
  sweeper_.expires_after(pause);
  sweeper_.async_wait([this](error_code ec) {
    if (!ec) sweep();
  });
}

}  // namespace bankconnect::daemon
