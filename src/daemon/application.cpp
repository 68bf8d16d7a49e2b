#include "src/daemon/application.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "bankconnect/daemon.hpp"
#include "bankconnect/version.hpp"
#include "src/daemon/service.hpp"

namespace bankconnect::daemon {

using namespace std::chrono_literals;
using boost::system::error_code;

namespace {

constexpr auto kDrainTimeout = 10s;  // for calls in flight and responses being sent
constexpr auto kFilesTimeout = 1s;   // for status files; the next start writes those that are missing
constexpr auto kFirstSweep = 10s;
constexpr auto kFirstRegistrationRetry = 5s;
constexpr const char* kReloadRefused = "RELOAD_REFUSED";

}  // namespace

Application::Application(LoadedConfig loaded, ConfigSources sources)
    : config_(std::move(loaded.config)),
      sources_(std::move(sources)),
      log_(make_log(config_.log.format, config_.log.level, clock_)) {
  for (const ConfigError& warning : loaded.warnings)
    log_->warning("configuration_warning", warning.text());
}

/// The worker's tasks refer to modules that are destroyed next, whichever way the run ended.
Application::~Application() {
  worker_.stop();
  worker_.join();
}

int Application::run() {
  // Before anything else: a signal that comes while recovery runs is handled after it.
  for (const int signal : {SIGTERM, SIGINT, SIGHUP})
    signals_.add(signal);
  release_signals();
  log_->info("starting", "", {{"version", kVersion}, {"store", config_.store.path}});
  std::vector<SessionId> live;
  try {
    std::unique_ptr<StoreRecovery> recovery;
    if (const auto failed = fit_descriptors()) return *failed;
    if (const auto failed = open_store(recovery)) return *failed;
    if (const auto failed = lock_status_dir()) return *failed;
    build(*recovery);
    live = restore(*recovery);
  } catch (const StoreUnreadable& error) {
    log_->error("store_unusable", error.what());
    return kExitDatabaseUnusable;
  }
  save_clock();
  reporter_->start(lost_database_.empty() ? OldFiles::reconciled : OldFiles::left);
  for (const SessionId& id : live)
    counters_->changed(id);
  if (const auto failed = listen()) {
    exit_code_ = *failed;
    return clean_up();
  }
  watch_signals();
  if (reload_requested_) reload();
  feed_watchdog();
  schedule_sweep(kFirstSweep);
  follower_->run();
  if (config_.webhook.register_on_start) register_on_start(kFirstRegistrationRetry);
  ready_unnotified_ = !notify_ready(reporter_->status_line());
  log_->info("ready", "", {{"socket", config_.control.socket}});
  loop_.run();
  return clean_up();
}

/// The follower is to run at `at`.
void Application::set(Steady at) {
  if (at == alarm_at_) return;
  alarm_at_ = at;
  if (at == kNever) {
    alarm_.cancel();
    return;
  }
  // The timer counts nanoseconds, which reach 292 years; the follower may run early.
  const Steady within_range = std::min(at, clock_.now().steady + std::chrono::days(1));
  alarm_.expires_at(std::chrono::steady_clock::time_point(within_range.time_since_epoch()));
  alarm_.async_wait([this](error_code ec) {
    if (ec) return;
    alarm_at_ = kNever;
    follower_->run();
  });
}

void Application::watch_signals() {
  signals_.async_wait([this](error_code ec, int signal) {
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
  for (const ConfigError& mistake : loaded.mistakes)
    log_->error("configuration_mistake", mistake.text());
  if (!loaded.mistakes.empty()) return refuse_reload(loaded.mistakes.front().text());
  // A key that takes a restart keeps its old value, which the new value of another key may not fit.
  const bool follows_unknown = config_.follow.unknown_sessions == UnknownSessions::follow;
  const bool secret = !loaded.config.webhook_secrets.empty();
  if (webhooks_ && follows_unknown && !secret)
    return refuse_reload(
        "webhook.unknown_sessions is \"follow\" until a restart, which needs webhook.secret_file");
  // A file that is empty or cut short, being rewritten, must not open what is closed.
  if (webhooks_ && webhook_secret_asked_for_ && !secret)
    return refuse_reload("webhook.secret_file is no longer set: to listen without a secret takes a restart");
  if (webhooks_ && config_.webhook_tls && !loaded.config.webhook_tls)
    return refuse_reload(
        "webhook.tls_certificate_file is no longer set: to listen without TLS takes a restart");
  if (!config_.credentials.proxy.empty() && loaded.config.credentials.proxy.empty())
    return refuse_reload(
        "upstream.proxy_credentials_file is no longer set: to ask the proxy without credentials takes a "
        "restart");
  for (const std::string& key : keys_needing_restart(config_, loaded.config)) {
    log_->warning("restart_needed", "this key changed and takes effect after a restart", {{"key", key}});
  }
  log_->set_level(loaded.config.log.level);
  const bool new_keys = loaded.config.credentials != config_.credentials;
  config_.credentials = loaded.config.credentials;
  if (webhooks_) {
    config_.webhook_tls = loaded.config.webhook_tls;
    webhooks_->use_tls(loaded.config.webhook_tls);
    check_certificate();
    webhook_secret_asked_for_ = secret;
    replace_webhook_secrets(std::move(loaded.config.webhook_secrets));
  }
  upstream_->set_credentials(loaded.config.credentials);
  reload_roots(loaded.config.upstream.ca_file);
  follower_->retry_upstream();
  reporter_->set_problem(kReloadRefused, "");
  log_->info("reloaded", "", {{"credentials", new_keys ? "changed" : "unchanged"}});
  if (!new_keys && sources_.credentials_directory) {
    log_->info("credentials_are_copies",
               "systemd copied them when the unit started; new keys take a restart");
  }
}

/// They were checked with the configuration, but the file may have changed since.
void Application::reload_roots(const std::string& ca_file) {
  try {
    upstream_->reload_roots(ca_file);
    config_.upstream.ca_file = ca_file;
  } catch (const std::runtime_error& error) {
    log_->error("roots_unusable", std::string(error.what()) + "; the roots read before stay");
  }
}

void Application::refuse_reload(const std::string& why) {
  log_->error("reload_failed", why + "; the running configuration stays");
  reporter_->set_problem(kReloadRefused, "the configuration was not read anew: " + why);
}

void Application::replace_webhook_secrets(std::vector<std::string> secrets) {
  const auto count = static_cast<std::int64_t>(secrets.size());
  webhooks_->set_secrets(std::move(secrets));
  log_->write(count > 0 ? LogLevel::info : LogLevel::warning,
              count > 0 ? "webhook_secrets" : "webhook_secret_missing", "", {{"count", count}});
}

void Application::stop(const char* signal) {
  if (stopping_) return;
  stopping_ = true;
  log_->info("stopping", "", {{"signal", signal}});
  notify_stopping();
  control_->stop();
  if (webhooks_) webhooks_->stop();
  follower_->stop();
  sweeper_.cancel();
  registration_.cancel();
  watchdog_.cancel();
  drain_until(std::chrono::steady_clock::now() + kDrainTimeout);
}

/// Ends the loop once all work has ended, or at the deadline.
void Application::drain_until(std::chrono::steady_clock::time_point deadline) {
  const auto now = std::chrono::steady_clock::now();
  const bool answered = control_->connections() == 0 && (!webhooks_ || webhooks_->connections() == 0);
  const bool drained = follower_->idle() && answered;
  if (drained) deadline = std::min(deadline, now + kFilesTimeout);
  if ((drained && reporter_->idle()) || now >= deadline) {
    loop_.stop();
    return;
  }
  drain_.expires_after(10ms);
  drain_.async_wait([this, deadline](error_code ec) {
    if (!ec) drain_until(deadline);
  });
}

/// Nothing of a commit that failed was acknowledged: a restart goes on from what is on disk.
void Application::store_failed(const Error& error) {
  log_->error("store_failed", error.message + "; exiting, to be restarted");
  exit_code_ = kExitDatabaseUnusable;
  stopping_ = true;
  if (follower_) follower_->stop();
  loop_.stop();
}

int Application::clean_up() {
  // With the handler gone, SIGHUP would kill the process.
  std::signal(SIGHUP, SIG_IGN);
  reporter_->stop();
  store_->close();
  if (owns_control_socket_) ::unlink(config_.control.socket.c_str());
  if (!owned_webhook_socket_.empty()) ::unlink(owned_webhook_socket_.c_str());
  log_->info("stopped", "", {{"exit_code", exit_code_}});
  // A name look-up cannot be interrupted, and everything is on disk: the process ends without waiting for it.
  if (upstream_->resolving()) std::_Exit(exit_code_);
  return exit_code_;
}

}  // namespace bankconnect::daemon
