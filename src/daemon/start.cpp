// Startup: each module in the order in which the next one needs it.
#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/file.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <csignal>
#include <filesystem>

#include "bankconnect/daemon.hpp"
#include "bankconnect/listen.hpp"
#include "bankconnect/version.hpp"
#include "src/daemon/application.hpp"
#include "src/daemon/service.hpp"

namespace bankconnect::daemon {

namespace asio = boost::asio;

namespace {

// On a full disk SQLite can create no file beside the database, and nothing can be read either. After this
// systemd restarts the daemon, so seldom that it never reaches its limit of restarts.
constexpr auto kSpaceTimeout = std::chrono::seconds(30);
constexpr auto kSpaceRetry = std::chrono::milliseconds(500);
constexpr std::uint32_t kControlConnections = 256;
constexpr auto kCommitTimeout = std::chrono::seconds(10);  // for what a client waits for
constexpr std::uint64_t kPayloadMemory = 256ULL << 20;     // of payloads being read by clients
// How long large answers are fetched one after the other when the run before may have ended for want of
// memory.
constexpr auto kCarefulFor = std::chrono::minutes(10);

void create_folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code ec;
  if (!folder.empty()) std::filesystem::create_directories(folder, ec);
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&seed), sizeof seed);
  return seed;
}

}  // namespace

/// Before anything is opened that counts.
std::optional<int> Application::fit_descriptors() {
  webhook_fd_ = activated_socket("webhook");
  const bool listens = webhook_fd_ >= 0 || config_.webhook.listen;
  const Connections wanted{kControlConnections, listens ? config_.webhook.max_connections : 0,
                           config_.follow.max_in_flight};
  const std::uint64_t limit = raise_descriptor_limit();
  if (limit < kLeastDescriptors) {
    log_->error("too_few_descriptors", "the limit of open files (RLIMIT_NOFILE) is " + std::to_string(limit) +
                                           "; the daemon needs " + std::to_string(kLeastDescriptors) +
                                           " at least");
    return kExitSystemError;
  }
  connections_ = connections_within(limit, wanted);
  few_descriptors_ = lowered_text(limit, wanted, connections_);
  if (!few_descriptors_.empty()) log_->warning("few_descriptors", few_descriptors_);
  return std::nullopt;
}

std::optional<int> Application::open_store(std::unique_ptr<StoreRecovery>& recovery) {
  create_folder_of(config_.store.path);
  const auto deadline = std::chrono::steady_clock::now() + kSpaceTimeout;
  for (bool logged = false;; logged = true) {
    SqliteOptions options;
    options.path = config_.store.path;
    options.post = [this](std::function<void()> work) { asio::post(loop_, std::move(work)); };
    options.on_failure = [this](const Error& error) { store_failed(error); };
    auto opened = open_sqlite_store(std::move(options));
    if (opened.has_value()) {
      store_ = std::move(opened->store);
      recovery = std::move(opened->recovery);
      database_left_open_ = opened->left_open;
      if (opened->created) note_new_database(opened->wal_set_aside);
      return std::nullopt;
    }
    const StoreOpenError& error = opened.error();
    if (error.failure == OpenFailure::disk_full && std::chrono::steady_clock::now() < deadline) {
      if (!logged) log_->warning("waiting_for_room", error.message);
      notify_status("waiting for room on the disk, to open the database");
      if (stop_requested_within(kSpaceRetry)) return kExitClean;
      continue;
    }
    log_->error("store_unusable", error.message);
    return error.failure == OpenFailure::locked_by_another_instance ? kExitDatabaseLocked
                                                                    : kExitDatabaseUnusable;
  }
}

/// A new database where an earlier daemon left files may be a volume that is not mounted, or a restore that
/// failed.
void Application::note_new_database(const std::string& wal_set_aside) {
  std::error_code ignored;
  const bool files = std::filesystem::exists(config_.status.dir + "/status.json", ignored);
  if (files) lost_database_ = "status.dir holds files of an earlier daemon, which are left as they are";
  if (!wal_set_aside.empty())
    lost_database_ += (files ? "; " : "") + ("its write-ahead log was put aside as " + wal_set_aside);
  if (lost_database_.empty()) return log_->info("database_created", "", {{"path", config_.store.path}});
  lost_database_ = config_.store.path + " did not exist or was empty, although " + lost_database_;
  log_->warning("database_created", lost_database_);
}

/// Two daemons would overwrite and delete each other's files. The lock lasts as long as the process.
std::optional<int> Application::lock_status_dir() {
  const std::string& path = config_.status.dir;
  std::error_code ignored;
  std::filesystem::create_directories(path, ignored);
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;  // nothing can be written there either, which the status shows
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return std::nullopt;
  ::close(fd);
  log_->error("status_dir_in_use", "status.dir " + path + ": another bankconnectd writes its files there");
  return kExitDatabaseLocked;
}

/// Runs the loop for a while, only to receive signals.
bool Application::stop_requested_within(Duration pause) {
  bool requested = false;
  signals_.async_wait([this, &requested](boost::system::error_code ec, int signal) {
    if (ec) return;
    requested = signal != SIGHUP;
    reload_requested_ = reload_requested_ || !requested;
  });
  loop_.restart();
  loop_.run_for(pause);
  signals_.cancel();
  loop_.restart();
  loop_.poll();
  loop_.restart();
  return requested;
}

void Application::build(StoreRecovery& recovery) {
  if (const auto snapshot = recovery.clock_snapshot()) clock_.resume_from(*snapshot);
  upstream_ = make_upstream_client(loop_, worker_, clock_, config_.upstream,
                                   std::string("bankconnectd/") + kVersion, config_.credentials);
  if (database_left_open_) fetch_carefully();
  counters_ = std::make_unique<ActivityCounters>(*log_, clock_, recovery.count_states());
  FollowOptions options = config_.follow;
  options.max_in_flight = connections_.upstream;
  options.webhooks = webhook_fd_ >= 0 || config_.webhook.listen;
  options.initiate_paused = initiate_paused(recovery);
  follower_ =
      make_follower(config_.policy, options,
                    Follower::Dependencies{clock_, *store_, *upstream_, *this, *counters_}, random_seed());
  reporter_ = std::make_unique<StatusReporter>(
      StatusReporter::Dependencies{loop_, worker_, clock_, *store_, *log_, *counters_, *follower_}, kVersion,
      config_.status.dir);
  reporter_->set_problem("DATABASE_CREATED", lost_database_);
  reporter_->set_problem("FEW_DESCRIPTORS", few_descriptors_);
  control_ = std::make_unique<ControlServer>(ControlServer::Dependencies{
      loop_, worker_, *follower_, *store_, *log_, [this] { return reporter_->status_json(); },
      [this](std::string path, Done<void> done) { store_->backup(std::move(path), std::move(done)); },
      [this](Done<void> done) { resume(std::move(done)); },
      [this](Done<RegistrationAnswer> done) { register_webhook(std::move(done)); },
      [this](const SessionId& id, Done<void> done) { reporter_->remove_file(id, std::move(done)); },
      kCommitTimeout, kPayloadMemory, connections_.control});
  counters_->on_event([this](const EventRecord& event) { control_->event_committed(event); });
  counters_->on_erasure([this](const SessionId& id) { control_->session_erased(id); });
}

/// The run before was killed, or ended for want of memory: what did that may be about to happen again.
void Application::fetch_carefully() {
  log_->warning(
      "not_stopped_before",
      "the daemon did not stop in order the last time; for ten minutes large answers are fetched one "
      "after the other");
  upstream_->set_max_memory(0);
  careful_.expires_after(kCarefulFor);
  careful_.async_wait([this](boost::system::error_code ec) {
    if (!ec) upstream_->set_max_memory(config_.upstream.max_memory);
  });
}

/// Whether the database was put back from a copy. One that was put back by hand shows by what the status
/// files know of and it does not.
bool Application::initiate_paused(StoreRecovery& recovery) {
  const LogPosition before = last_log_position(config_.status.dir);
  const LogPosition now = recovery.log_position();
  if (went_back(before, now)) {
    log_->warning("log_went_back",
                  "the status files know of later events, or of another log, than the database",
                  {{"database_seq", static_cast<std::int64_t>(now.newest)},
                   {"status_seq", static_cast<std::int64_t>(before.newest)}});
    recovery.mark_restored();
  }
  return recovery.restored();
}

/// The sessions concerned are those that are live now: what was held or forgotten since the copy was made is
/// among them.
void Application::show_paused(const std::vector<SessionId>& live) {
  if (!follower_->followed().initiate_paused) return;
  constexpr std::size_t kNamed = 5;
  std::string text = "the database was put back from a copy; none of its " + std::to_string(live.size()) +
                     " live sessions is initiated until `bankconnectctl resume`";
  for (std::size_t i = 0; i < std::min(live.size(), kNamed); ++i)
    text += (i == 0 ? ": " : ", ") + live[i].text();
  if (live.size() > kNamed) text += " and " + std::to_string(live.size() - kNamed) + " more";
  reporter_->set_problem("RESTORED", text);
  log_->warning("restored", text);
}

void Application::resume(Done<void> done) {
  follower_->resume([this, done = std::move(done)](const Result<void>& resumed) {
    if (resumed.has_value()) reporter_->set_problem("RESTORED", "");
    done(resumed);
  });
}

/// Returns the live sessions, whose files are to be written.
std::vector<SessionId> Application::restore(StoreRecovery& recovery) {
  std::vector<SessionId> live;
  recovery.each_live([&](const SessionRecord& record) {
    follower_->restore(record);
    live.push_back(record.id);
  });
  log_->info("recovered", "", {{"live_sessions", static_cast<std::int64_t>(live.size())}});
  show_paused(live);
  return live;
}

std::optional<int> Application::listen() {
  int fd = activated_socket("control");
  if (fd < 0) {
    create_folder_of(config_.control.socket);
    const auto listening =
        net::listen_unix(config_.control.socket, config_.control.mode, config_.control.group);
    if (const auto* error = std::get_if<net::UnixSocketError>(&listening)) {
      log_->error("control_socket_unusable", "control.socket " + error->message);
      return error->transient ? kExitSystemError : kExitConfiguration;
    }
    fd = std::get<int>(listening);
    owns_control_socket_ = true;
  }
  control_->serve(fd);
  return listen_for_webhooks();
}

std::optional<int> Application::open_webhook_socket() {
  if (webhook_fd_ >= 0 || !config_.webhook.listen) return std::nullopt;
  const auto listening = net::listen_on(*config_.webhook.listen);
  if (listening.has_error()) {
    log_->error("webhook_listener_unusable", "webhook.listen " + listening.error().message);
    return kExitSystemError;
  }
  webhook_fd_ = *listening;
  owned_webhook_socket_ = config_.webhook.listen->unix_path;
  return std::nullopt;
}

std::optional<int> Application::listen_for_webhooks() {
  const bool activated = webhook_fd_ >= 0;
  if (const auto failed = open_webhook_socket()) return failed;
  if (webhook_fd_ < 0) return std::nullopt;
  const bool secret = webhook_secret_asked_for_ = !config_.webhook_secrets.empty();
  WebhookConfig webhook = config_.webhook;
  webhook.max_connections = connections_.webhook;
  webhooks_ = std::make_unique<WebhookListener>(
      WebhookListener::Dependencies{loop_, clock_, *follower_, *counters_, kCommitTimeout}, webhook,
      std::exchange(config_.webhook_secrets, {}));
  webhooks_->use_tls(config_.webhook_tls);
  check_certificate();
  const std::string address = net::bound_address(webhook_fd_);
  webhooks_->serve(std::exchange(webhook_fd_, -1));
  log_->info(
      "webhooks_listening", "",
      {{"address", address}, {"tls", config_.webhook_tls ? "yes" : "no"}, {"secret", secret ? "yes" : "no"}});
  if (secret) return std::nullopt;
  const bool exposed =
      !activated && config_.webhook.listen->unix_path.empty() && !config_.webhook.listen->loopback;
  log_->warning("webhook_secret_missing",
                exposed ? "every sender that reaches this address can have sessions asked about; set "
                          "webhook.secret_file"
                        : "webhooks are accepted from every sender that reaches this address");
  return std::nullopt;
}

}  // namespace bankconnect::daemon
