// The daemon's parts, put together in one place, in order.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>

#include "bankconnect/config.hpp"
#include "bankconnect/control.hpp"
#include "bankconnect/follow.hpp"
#include "bankconnect/monitor.hpp"
#include "bankconnect/store.hpp"
#include "bankconnect/upstream.hpp"
#include "bankconnect/webhook.hpp"
#include "src/daemon/joined.hpp"

namespace bankconnect::daemon {

class Application final : private Alarm {
 public:
  Application(Config config, ConfigSources sources);
  ~Application() override;

  /// Opens, recovers, listens, serves; returns the exit code.
  int run();

 private:
  // start.cpp: what happens before the loop runs.
  std::optional<int> open_store();
  bool told_to_stop_within(Duration pause);
  void wire();
  void recover();
  std::optional<int> listen();
  std::optional<int> listen_for_webhooks();

  // registration.cpp: where BankConnect sends its webhooks.
  void register_webhook(std::function<void(Result<RegistrationAnswer>)> done);
  void send_registration(std::function<void(Result<RegistrationAnswer>)> done);
  void register_on_start(Duration patience);

  // application.cpp: what happens while it runs.
  void set(Steady at) override;
  void watch_signals();
  void reload();
  void feed_watchdog();
  void watch_clock();
  void keep_reckoning();
  void sweep();
  void sweep_again(Duration pause);
  void stop(const char* why);
  void finish_when_idle(std::chrono::steady_clock::time_point patience);
  void store_failed(const Error& error);
  int clean_up();

  SystemClock clock_;
  Config config_;
  ConfigSources sources_;
  std::unique_ptr<LineLog> log_;
  boost::asio::io_context loop_{1};
  boost::asio::thread_pool worker_{1};
  std::unique_ptr<Store> store_;
  std::unique_ptr<UpstreamClient> upstream_;
  std::unique_ptr<Monitor> monitor_;
  std::unique_ptr<Follower> follower_;
  std::unique_ptr<ControlServer> control_;
  std::unique_ptr<WebhookListener> webhooks_;  ///< null: nobody listens

  boost::asio::signal_set signals_{loop_};
  boost::asio::steady_timer alarm_{loop_};
  boost::asio::steady_timer watchdog_{loop_};
  boost::asio::steady_timer sweeper_{loop_};
  boost::asio::steady_timer finish_{loop_};
  boost::asio::steady_timer registration_{loop_};
  Joined<Result<RegistrationAnswer>> registering_;
  Steady alarm_at_ = kNever;
  Moment last_look_ = clock_.now();
  Steady reckoning_kept_at_ = kNoSteady;
  bool ready_untold_ = false;  ///< it is ready, and systemd could not be told
  int webhook_fd_ = -1;        ///< that systemd passed
  bool socket_is_ours_ = false;
  std::string webhook_socket_;  ///< a path of ours to remove at the end; empty: none
  bool stopping_ = false;
  bool reload_wanted_ = false;  ///< SIGHUP came while the start waited
  int exit_code_ = 0;
};

}  // namespace bankconnect::daemon
