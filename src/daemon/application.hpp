// The daemon's modules, constructed in the order in which they need each other.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bankconnect/config.hpp"
#include "bankconnect/control.hpp"
#include "bankconnect/follow.hpp"
#include "bankconnect/monitor.hpp"
#include "bankconnect/store_sqlite.hpp"
#include "bankconnect/upstream.hpp"
#include "bankconnect/webhook.hpp"
#include "src/daemon/descriptors.hpp"
#include "src/daemon/single_flight.hpp"

namespace bankconnect::daemon {

class Application final : private Alarm {
 public:
  /// The configuration must be without mistakes.
  Application(LoadedConfig loaded, ConfigSources sources);
  ~Application() override;

  /// Opens the store, recovers, listens, serves until stopped; returns the exit code.
  int run();

 private:
  // start.cpp: everything before the event loop runs. A value is the exit code of a start that failed.
  std::optional<int> open_store(std::unique_ptr<StoreRecovery>& recovery);
  bool stop_requested_within(Duration pause);
  std::optional<int> lock_status_dir();
  std::optional<int> fit_descriptors();
  void note_new_database(const std::string& wal_set_aside);
  void fetch_carefully();
  void build(StoreRecovery& recovery);
  bool initiate_paused(StoreRecovery& recovery);
  void show_paused(const std::vector<SessionId>& live);
  void resume(Done<void> done);
  std::vector<SessionId> restore(StoreRecovery& recovery);
  std::optional<int> listen();
  std::optional<int> listen_for_webhooks();
  std::optional<int> open_webhook_socket();

  // registration.cpp: where BankConnect sends its webhooks.
  void register_webhook(Done<RegistrationAnswer> done);
  void send_registration(Done<RegistrationAnswer> done);
  void register_on_start(Duration retry_after);

  // housekeeping.cpp: what is done from time to time.
  void feed_watchdog();
  void check_wall_clock();
  void check_certificate();
  void check_control_socket();
  void save_clock();
  void sweep();
  void swept(const Swept& swept);
  void schedule_sweep(Duration pause);

  // application.cpp: signals and shutdown.
  void set(Steady at) override;
  void watch_signals();
  void reload();
  void reload_roots(const std::string& ca_file);
  void refuse_reload(const std::string& why);
  void replace_webhook_secrets(std::vector<std::string> secrets);
  void stop(const char* signal);
  void drain_until(std::chrono::steady_clock::time_point deadline);
  void store_failed(const Error& error);
  int clean_up();

  SystemClock clock_;
  Config config_;
  ConfigSources sources_;
  std::unique_ptr<LineLog> log_;
  boost::asio::io_context loop_{1};
  boost::asio::thread_pool worker_{1};
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<UpstreamClient> upstream_;
  std::unique_ptr<ActivityCounters> counters_;
  std::unique_ptr<Follower> follower_;
  std::unique_ptr<StatusReporter> reporter_;
  std::unique_ptr<ControlServer> control_;
  std::unique_ptr<WebhookListener> webhooks_;  ///< null: no listener

  boost::asio::signal_set signals_{loop_};
  boost::asio::steady_timer alarm_{loop_};
  boost::asio::steady_timer watchdog_{loop_};
  boost::asio::steady_timer sweeper_{loop_};
  boost::asio::steady_timer drain_{loop_};
  boost::asio::steady_timer registration_{loop_};
  boost::asio::steady_timer careful_{loop_};
  SingleFlight<Result<RegistrationAnswer>> registering_;
  Steady alarm_at_ = kNever;
  Moment last_check_ = clock_.now();  ///< of the wall clock against the steady one
  Steady clock_saved_at_ = kNoSteady;
  bool ready_unnotified_ = false;  ///< ready, but systemd could not be notified
  int webhook_fd_ = -1;            ///< listens for webhooks and is not served yet
  bool webhook_secret_asked_for_ = false;
  bool database_left_open_ = false;  ///< by the run before
  Connections connections_;          ///< that the parts may have
  std::string few_descriptors_;      ///< what was lowered for want of them; empty: nothing
  std::string lost_database_;        ///< why the database should not be new; empty: it may be
  bool owns_control_socket_ = false;
  std::string owned_webhook_socket_;  ///< a Unix socket to remove at the end; empty: none
  bool stopping_ = false;
  bool reload_requested_ = false;  ///< SIGHUP came before there was anything to reload
  int exit_code_ = 0;
};

}  // namespace bankconnect::daemon
