// How the daemon starts: each part in the order in which the next one needs it.
#include <openssl/rand.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "bankconnect/daemon.hpp"
#include "bankconnect/http_server.hpp"
#include "bankconnect/version.hpp"
#include "src/daemon/application.hpp"
#include "src/daemon/service.hpp"

namespace bankconnect::daemon {

namespace asio = boost::asio;

namespace {

// Where the disk is full, SQLite can make no file beside the database, and nothing can be read either.
// systemd tries again after this, and that so seldom that it never gives up.
constexpr auto kRoomPatience = std::chrono::seconds(30);
constexpr auto kRoomRetry = std::chrono::milliseconds(500);

}  // namespace

std::optional<int> Application::open_store() {
  const std::filesystem::path folder = std::filesystem::path(config_.store.path).parent_path();
  std::error_code ec;
  if (!folder.empty()) std::filesystem::create_directories(folder, ec);
  const auto give_up_at = std::chrono::steady_clock::now() + kRoomPatience;
  for (bool told = false;; told = true) {
    StoreOptions options;
    options.path = config_.store.path;
    options.post = [this](std::function<void()> work) { asio::post(loop_, std::move(work)); };
    options.on_failure = [this](const Error& error) { store_failed(error); };
    auto opened = Store::open(std::move(options));
    if (opened.has_value()) {
      store_ = std::move(*opened);
      if (const auto kept = store_->reckoning()) clock_.go_on_from(*kept);
      return std::nullopt;
    }
    const StoreOpenError& error = opened.error();
    if (error.failure == OpenFailure::disk_full && std::chrono::steady_clock::now() < give_up_at) {
      if (!told) log_->warning("waiting_for_room", error.message);
      notify_status("waiting for room on the disk, to open the database");
      if (told_to_stop_within(kRoomRetry)) return kExitClean;
      continue;
    }
    log_->error("store_unusable", error.message);
    return error.failure == OpenFailure::locked_by_another_instance ? kExitDatabaseLocked
                                                                    : kExitDatabaseUnusable;
  }
}

bool Application::told_to_stop_within(Duration pause) {
  bool told = false;
  signals_.async_wait([this, &told](boost::system::error_code ec, int signal) {
    if (ec) return;
    told = signal != SIGHUP;
    reload_wanted_ = reload_wanted_ || !told;  // there is nothing yet that could take what it reads
  });
  loop_.restart();
  loop_.run_for(pause);
  signals_.cancel();
  loop_.restart();
  loop_.poll();
  loop_.restart();
  return told;
}

void Application::wire() {
  UpstreamOptions upstream;
  upstream.base_url = config_.upstream.base_url;
  upstream.ca_file = config_.upstream.ca_file;
  upstream.connect_timeout = config_.upstream.connect_timeout;
  upstream.request_timeout = config_.upstream.request_timeout;
  upstream.max_response_size = static_cast<std::uint64_t>(config_.upstream.max_response_size);
  upstream.user_agent = std::string("bankconnectd/") + kVersion;
  upstream_ = std::make_unique<UpstreamClient>(loop_, worker_, clock_, upstream, config_.credentials);

  monitor_ =
      std::make_unique<Monitor>(Monitor::World{loop_, worker_, clock_, *store_, *log_},
                                Monitor::Options{kVersion, config_.status.dir, store_->count_states()});

  FollowLimits limits;
  limits.max_in_flight = static_cast<std::uint32_t>(config_.upstream.max_connections);
  limits.max_requests_per_second = static_cast<std::uint32_t>(config_.upstream.max_requests_per_second);
  std::uint64_t seed = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&seed), sizeof seed);
  Policy policy = policy_of(config_);
  webhook_fd_ = activated_socket("webhook");
  if (webhook_fd_ >= 0) policy.webhook_health = WebhookHealth::unproven;
  follower_ = std::make_unique<Follower>(
      policy, limits, Follower::World{clock_, *store_, *upstream_, *this, *monitor_}, seed);

  control_ = std::make_unique<ControlServer>(ControlServer::World{
      loop_, worker_, *follower_, *store_, *log_, [this] { return monitor_->status_json(); },
      [this](std::function<void(Result<RegistrationAnswer>)> done) { register_webhook(std::move(done)); },
      [this](const SessionId& id, std::function<void(Result<void>)> done) {
        monitor_->remove_file(id, std::move(done));
      }});
  monitor_->on_event([this] { control_->event_committed(); });
}

void Application::recover() {
  // Until recovery is over nobody else may ask the store for anything: the monitor starts after it.
  std::vector<SessionId> recovered;
  store_->recover([&](const SessionRecord& record) {
    follower_->restore(record);
    recovered.push_back(record.id);
  });
  keep_reckoning();
  monitor_->start([this](SessionRecord& record) { follower_->fill_in(record); },
                  [this] { return follower_->followed(); });
  for (const SessionId& id : recovered)
    monitor_->changed(id);
  log_->info("recovered", "", {{"live_sessions", static_cast<std::int64_t>(recovered.size())}});
}

std::optional<int> Application::listen() {
  int fd = activated_socket("control");
  if (fd < 0) {
    const std::filesystem::path folder = std::filesystem::path(config_.control.socket).parent_path();
    std::error_code ec;
    if (!folder.empty()) std::filesystem::create_directories(folder, ec);
    const auto mode = static_cast<unsigned>(std::stoul(config_.control.mode, nullptr, 8));
    const auto listening = net::listen_unix(config_.control.socket, mode, config_.control.group);
    if (const auto* error = std::get_if<net::UnixSocketError>(&listening)) {
      log_->error("control_socket_unusable", "control.socket " + error->message);
      return error->passes ? kExitCannotListen : kExitConfiguration;
    }
    fd = std::get<int>(listening);
    socket_is_ours_ = true;
  }
  control_->serve(fd);
  return listen_for_webhooks();
}

std::optional<int> Application::listen_for_webhooks() {
  if (webhook_fd_ < 0 && config_.webhook.listen.empty()) return std::nullopt;
  bool in_the_open = false;
  if (webhook_fd_ < 0) {
    const net::ListenAddress address = *net::parse_listen_address(config_.webhook.listen);
    const auto listening = net::listen_at(address);
    if (listening.has_error()) {
      log_->error("webhook_listener_unusable", "webhook.listen " + listening.error().message);
      return kExitCannotListen;
    }
    webhook_fd_ = *listening;
    webhook_socket_ = address.unix_path;
    in_the_open = address.unix_path.empty() && !address.loopback;
  }
  WebhookOptions options;
  options.path = config_.webhook.path;
  options.secrets = std::exchange(config_.webhook_secrets, {});
  options.max_body_size = static_cast<std::uint64_t>(config_.webhook.max_body_size);
  options.max_connections = static_cast<std::uint32_t>(config_.webhook.max_connections);
  const bool secret = !options.secrets.empty();
  webhooks_ = std::make_unique<WebhookListener>(WebhookListener::World{loop_, clock_, *follower_, *monitor_},
                                                std::move(options));
  webhooks_->use_tls(config_.webhook_tls);
  const std::string where = net::name_of(webhook_fd_);
  webhooks_->serve(std::exchange(webhook_fd_, -1));
  log_->info(
      "webhooks_listening", "",
      {{"address", where}, {"tls", config_.webhook_tls ? "yes" : "no"}, {"secret", secret ? "yes" : "no"}});
  if (!secret) {
    log_->warning("webhook_secret_missing",
                  in_the_open ? "anybody who reaches this address can have sessions asked about; set "
                                "webhook.secret_file"
                              : "webhooks are taken from whoever reaches this address");
  }
  return std::nullopt;
}

}  // namespace bankconnect::daemon
