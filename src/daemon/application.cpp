#include "src/daemon/application.hpp"

#include <unistd.h>
#include <csignal>
#include <cstdlib>

#include <algorithm>

#include "bankconnect/daemon.hpp"
#include "bankconnect/version.hpp"
#include "src/daemon/service.hpp"

namespace bankconnect::daemon {

using namespace std::chrono_literals;
using ErrorCode = boost::system::error_code;

namespace {

constexpr auto kFilesPatience = 1s;
constexpr auto kStopPatience = 10s;          // for calls in flight
constexpr std::uint32_t kSweepAtOnce = 100;  // sessions erased in one transaction
constexpr auto kFirstRegistrationRetry = 5s;
constexpr auto kKeepReckoning = 1h;

}  // namespace

Application::Application(Config config, ConfigSources sources)
    : config_(std::move(config)),
      sources_(std::move(sources)),
      log_(make_log(*log_format_named(config_.log.format), *log_level_named(config_.log.level), clock_)) {}

/// What the worker is doing refers to the parts that are destroyed next, however we came here.
Application::~Application() {
  worker_.stop();
  worker_.join();
}

int Application::run() {
  // From the first moment on: a signal that comes while a long recovery runs is answered after it.
  for (const int signal : {SIGTERM, SIGINT, SIGHUP})
    signals_.add(signal);
  log_->info("starting", "", {{"version", kVersion}, {"store", config_.store.path}});
  try {
    if (const auto failed = open_store()) return *failed;
    wire();
    recover();
  } catch (const StoreUnreadable& error) {
    log_->error("store_unusable", error.what());
    return kExitDatabaseUnusable;
  }
  if (const auto failed = listen()) {
    exit_code_ = *failed;
    return clean_up();
  }
  watch_signals();
  if (reload_wanted_) reload();
  feed_watchdog();
  sweep_again(10s);
  follower_->run();
  if (config_.webhook.register_on_start) register_on_start(kFirstRegistrationRetry);
  ready_untold_ = !notify_ready(monitor_->status_line());
  log_->info("ready", "", {{"socket", config_.control.socket}});
  loop_.run();
  return clean_up();
}

/// The follower wants to run at `at`.
void Application::set(Steady at) {
  if (at == alarm_at_) return;
  alarm_at_ = at;
  if (at == kNever) {
    alarm_.cancel();
    return;
  }
  // Nanoseconds reach no further than 292 years; running early does no harm.
  const Steady in_reach = std::min(at, clock_.now().steady + std::chrono::days(1));
  alarm_.expires_at(std::chrono::steady_clock::time_point(in_reach.time_since_epoch()));
  alarm_.async_wait([this](ErrorCode ec) {
    if (ec) return;
    alarm_at_ = kNever;
    follower_->run();
  });
}

void Application::watch_signals() {
  signals_.async_wait([this](ErrorCode ec, int signal) {
    if (ec) return;
    if (signal == SIGHUP) {
      reload();
    } else {
      stop(signal == SIGTERM ? "SIGTERM" : "SIGINT");
    }
    watch_signals();
  });
}

void Application::reload() {
  LoadedConfig loaded = load_config(sources_);
  for (const ConfigMistake& mistake : loaded.mistakes)
    log_->error("configuration_mistake", mistake.text());
  if (!loaded.mistakes.empty()) {
    log_->error("reload_failed", "the running configuration stays");
    return;
  }
  // Keys that take a restart keep their old value, and so may not fit the new ones.
  if (webhooks_ && config_.webhook.unknown_sessions == "follow" && loaded.config.webhook_secrets.empty()) {
    log_->error("reload_failed",
                "webhook.unknown_sessions is \"follow\" until a restart, which needs webhook.secret_file; "
                "the running configuration stays");
    return;
  }
  for (const std::string& key : keys_needing_restart(config_, loaded.config)) {
    log_->warning("restart_needed", "this key changed and takes effect after a restart", {{"key", key}});
  }
  log_->set_level(*log_level_named(loaded.config.log.level));
  const bool new_keys = loaded.config.credentials.api_key != config_.credentials.api_key ||
                        loaded.config.credentials.server_hash != config_.credentials.server_hash;
  config_.credentials = loaded.config.credentials;
  if (webhooks_) {
    const auto secrets = static_cast<std::int64_t>(loaded.config.webhook_secrets.size());
    webhooks_->set_secrets(std::move(loaded.config.webhook_secrets));
    webhooks_->use_tls(loaded.config.webhook_tls);
    log_->write(secrets > 0 ? LogLevel::info : LogLevel::warning,
                secrets > 0 ? "webhook_secrets" : "webhook_secret_missing", "", {{"count", secrets}});
  }
  upstream_->set_credentials(loaded.config.credentials);
  follower_->retry_upstream();
  log_->info("reloaded", "", {{"credentials", new_keys ? "changed" : "unchanged"}});
  if (!new_keys && sources_.credentials_directory) {
    log_->info("credentials_are_copies",
               "systemd copied them when the unit started; new keys take a restart");
  }
}

/// The watchdog is fed by the loop itself: a loop that hangs starves it.
void Application::feed_watchdog() {
  watch_clock();
  notify_status(monitor_->status_line());
  if (ready_untold_) ready_untold_ = !notify_ready(monitor_->status_line());
  const auto interval = watchdog_interval();
  if (interval) notify_watchdog();
  const Duration pause = interval ? std::clamp<Duration>(*interval / 3, 100ms, 10s) : Duration(10s);
  watchdog_.expires_after(pause);
  watchdog_.async_wait([this](ErrorCode ec) {
    if (!ec && !stopping_) feed_watchdog();
  });
}

/// Reckoned time is kept beside the wall clock: after a reboot only the two together say how long it took.
void Application::keep_reckoning() {
  store_->keep(clock_.reckoning(), [](const Result<void>&) {});
  reckoning_kept_at_ = clock_.now().steady;
}

/// A wall clock that was set is said so: times in the log and the files jump with it. Deadlines do not.
void Application::watch_clock() {
  const Moment now = clock_.now();
  const Duration jumped = (now.wall - last_look_.wall) - (now.steady - last_look_.steady);
  last_look_ = now;
  if (std::chrono::abs(jumped) < 5s) return;
  keep_reckoning();
  log_->warning("clock_jumped", "the wall clock was set; intervals and grace periods are not affected",
                {{"jump_ms", jumped.count()}});
}

/// Retention: a little at a time, so that nobody waits long behind it.
void Application::sweep() {
  if (stopping_) return;
  // Some now, the others in a minute.
  const Moment now = clock_.now();
  if (now.steady >= reckoning_kept_at_ + kKeepReckoning) keep_reckoning();
  store_->sweep_hints(now.reckoned, [](const Result<bool>&) {});
  if (config_.store.retention == Duration::zero()) {
    sweep_again(60s);
    return;
  }
  const Wall events_before = std::min(now.wall, as_wall(now.reckoned)) - config_.store.retention;
  store_->sweep(now.reckoned - config_.store.retention, events_before, kSweepAtOnce,
                [this](const Result<Swept>& swept) {
                  bool more = false;
                  if (swept.has_value()) {
                    more = swept->more;
                    for (const auto& [id, state] : swept->erased) {
                      follower_->forget(id);
                      monitor_->erased(id, state);
                    }
                    if (!swept->erased.empty()) {
                      log_->info("retention", "",
                                 {{"erased", static_cast<std::int64_t>(swept->erased.size())},
                                  {"events_dropped", static_cast<std::int64_t>(swept->events_dropped)}});
                    }
                  }
                  sweep_again(more ? Duration(50ms) : Duration(60s));
                });
}

void Application::sweep_again(Duration pause) {
  sweeper_.expires_after(pause);
  sweeper_.async_wait([this](ErrorCode ec) {
    if (!ec) sweep();
  });
}

void Application::stop(const char* why) {
  if (stopping_) return;
  stopping_ = true;
  log_->info("stopping", "", {{"signal", why}});
  notify_stopping();
  control_->stop();
  if (webhooks_) webhooks_->stop();
  follower_->stop();
  sweeper_.cancel();
  registration_.cancel();
  watchdog_.cancel();
  finish_when_idle(std::chrono::steady_clock::now() + kStopPatience);
}

void Application::finish_when_idle(std::chrono::steady_clock::time_point patience) {
  const auto now = std::chrono::steady_clock::now();
  // Files that are not written now are written at the next start: they are worth a moment, not the whole
  // patience.
  const bool answered = control_->connections() == 0 && (!webhooks_ || webhooks_->connections() == 0);
  const bool worked_off = follower_->idle() && answered;
  if (worked_off) patience = std::min(patience, now + kFilesPatience);
  if ((worked_off && monitor_->idle()) || now >= patience) {
    loop_.stop();
    return;
  }
  finish_.expires_after(10ms);
  finish_.async_wait([this, patience](ErrorCode ec) {
    if (!ec) finish_when_idle(patience);
  });
}

/// Nothing of a failed commit was acknowledged. What is on disk is the truth, and a restart begins from it.
void Application::store_failed(const Error& error) {
  log_->error("store_failed", error.message + "; exiting, to be restarted");
  exit_code_ = kExitDatabaseUnusable;
  stopping_ = true;
  follower_->stop();
  loop_.stop();
}

int Application::clean_up() {
  // Once nobody listens for it any more, a reload would be the end.
  std::signal(SIGHUP, SIG_IGN);
  monitor_->stop();
  store_->close();
  if (socket_is_ours_) ::unlink(config_.control.socket.c_str());
  if (!webhook_socket_.empty()) ::unlink(webhook_socket_.c_str());
  log_->info("stopped", "", {{"exit_code", exit_code_}});
  // A name lookup cannot be interrupted; everything is on disk, so nobody needs to wait for it.
  if (upstream_->resolving()) std::_Exit(exit_code_);
  return exit_code_;
}

}  // namespace bankconnect::daemon
