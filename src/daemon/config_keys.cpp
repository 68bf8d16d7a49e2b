#include "src/daemon/config_keys.hpp"

#include <algorithm>

#include "src/daemon/config_key_makers.hpp"

namespace bankconnect::daemon {
namespace {

const std::vector<Choice<ExpiredSessions>> kExpiredSessions = {{"process", ExpiredSessions::process},
                                                               {"stop", ExpiredSessions::stop}};
const std::vector<Choice<UnknownSessions>> kUnknownSessions = {{"keep", UnknownSessions::keep},
                                                               {"follow", UnknownSessions::follow},
                                                               {"ignore", UnknownSessions::ignore}};

template <class Enum>
std::vector<Choice<Enum>> choices_of(std::initializer_list<Enum> values) {
  std::vector<Choice<Enum>> out;
  for (const Enum value : values)
    out.push_back({to_string(value), value});
  return out;
}

std::vector<Key> make_keys() {
  using std::chrono::days;
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  constexpr Duration kMs{1};
  constexpr Duration kTick{100};
  return {
      base_url_key("upstream.base_url", field(&Config::upstream, &UpstreamConfig::base_url),
                   "where BankConnect answers; http for loopback only, unless `upstream.allow_http`"),
      bool_key("upstream.allow_http", field(&Config::upstream, &UpstreamConfig::allow_http),
               "allow http to hosts that are not loopback: the keys travel readable"),
      string_key("upstream.api_key_file", field(&Config::upstream, &UpstreamConfig::api_key_file),
                 "file with the `x-api-key`; a relative name is looked up in `$CREDENTIALS_DIRECTORY`, "
                 "else beside the configuration file",
                 kReloads),
      string_key("upstream.server_hash_file", field(&Config::upstream, &UpstreamConfig::server_hash_file),
                 "file with the `server-hash`, looked up likewise", kReloads),
      string_key("upstream.ca_file", field(&Config::upstream, &UpstreamConfig::ca_file),
                 "PEM roots to trust instead of the system's", kReloads),
      proxy_key(
          "upstream.proxy", field(&Config::upstream, &UpstreamConfig::proxy),
          "an egress proxy, http://HOST:PORT or https://HOST:PORT, which is asked for a tunnel (CONNECT)"),
      string_key("upstream.proxy_credentials_file",
                 field(&Config::upstream, &UpstreamConfig::proxy_credentials_file),
                 "file with `user:password` for the proxy, looked up like `upstream.api_key_file`", kReloads),
      list_key("upstream.no_proxy", field(&Config::upstream, &UpstreamConfig::no_proxy),
               "hosts and domains that are reached without the proxy; `*` for all"),
      choice_key("upstream.upload_status_path", field(&Config::upstream, &UpstreamConfig::upload_status_path),
                 choices_of({UploadStatusPath::session_upload_status, UploadStatusPath::upload_status}),
                 "the last part of the URL that gives the upload status; `upload_status` for older accounts"),
      count_key("upstream.max_connections", field(&Config::follow, &FollowOptions::max_in_flight), 1, 4096,
                "calls in flight at once"),
      count_key("upstream.max_requests_per_second",
                field(&Config::follow, &FollowOptions::max_requests_per_second), 0, 100'000,
                "0 = no limit; when more is due, intervals stretch evenly, oldest due first; initiate and "
                "fetches go before polls"),
      duration_key("upstream.connect_timeout", field(&Config::upstream, &UpstreamConfig::connect_timeout),
                   kTick, minutes(5), "for name lookup, connecting and the TLS handshake"),
      duration_key("upstream.request_timeout", field(&Config::upstream, &UpstreamConfig::request_timeout),
                   kTick, minutes(30), "for a whole call, connecting included"),
      size_key("upstream.max_response_size", field(&Config::upstream, &UpstreamConfig::max_response_size),
               64LL << 10, 1LL << 30, "larger answers are refused"),
      size_key(
          "upstream.max_memory", field(&Config::upstream, &UpstreamConfig::max_memory), 1LL << 20, 64LL << 30,
          "for answers and reports from when they are read until they are on disk; fetches wait for it; one "
          "that is larger is fetched alone"),
      count_key("upstream.min_throughput", field(&Config::upstream, &UpstreamConfig::min_throughput), 0,
                1'000'000'000,
                "bytes a second; an answer that comes more slowly is given up after 5 s; 0 = none"),
      duration_key(
          "polling.progress_interval", field(&Config::policy, &Policy::progress_interval), kTick, hours(1),
          "how often progress is asked, start to start, while webhooks are off, unproven or degraded"),
      duration_key("polling.upload_interval_min", field(&Config::policy, &Policy::upload_interval_min), kTick,
                   days(1), "how often the upload status is asked after a change"),
      duration_key(
          "polling.upload_interval_max", field(&Config::policy, &Policy::upload_interval_max), kTick, days(1),
          "the interval grows up to this by half with every answer that changes nothing; also asks once "
          "just after the expiry timestamp"),
      duration_key("polling.safety_interval", field(&Config::policy, &Policy::safety_interval), kTick,
                   days(1), "while webhooks are healthy, both for uploads (as minimum) and progress"),
      duration_key("polling.not_found_grace", field(&Config::policy, &Policy::not_found_grace),
                   Duration::zero(), days(30), "SESSION_NOT_FOUND for this long, then FAILED"),
      duration_key("polling.follow_for", field(&Config::policy, &Policy::follow_for), seconds(1), days(3650),
                   "gives up on a session with no known expiry, or this long after a known one"),
      duration_key("polling.stalled_after", field(&Config::policy, &Policy::stalled_after), kTick, days(30),
                   "PROCESSING this long is flagged stalled and asked about every 30 s"),
      duration_key("polling.processing_timeout", field(&Config::policy, &Policy::processing_timeout), kTick,
                   days(365), "PROCESSING this long is FAILED(PROCESSING_TIMEOUT)"),
      bool_key("processing.auto", field(&Config::policy, &Policy::auto_process),
               "false: COMPLETED and EXPIRED sessions wait for `process`"),
      duration_key(
          "processing.settle", field(&Config::policy, &Policy::settle), Duration::zero(), days(30),
          "wait this long on COMPLETED, asking again before initiate, for users who add another bank"),
      choice_key("processing.expired_sessions", field(&Config::policy, &Policy::expired_sessions),
                 kExpiredSessions,
                 "`process`: try initiate once when an expired session has a statement; `stop`: never"),
      formats_key("reports.fetch", field(&Config::follow, &FollowOptions::report_formats),
                  "which reports that the insights link to are fetched and stored with them"),
      list_key("reports.allow", field(&Config::upstream, &UpstreamConfig::report_hosts),
               "hosts that reports are fetched from, by https: names, or `*.` and a domain"),
      size_key("reports.max_size", field(&Config::upstream, &UpstreamConfig::max_report_size), 64LL << 10,
               512LL << 20, "larger reports are not fetched"),
      duration_key("reports.patience", field(&Config::policy, &Policy::reports_patience), seconds(1), days(1),
                   "how long ENRICHED waits for the reports; then it comes without them"),
      address_key("webhook.listen", field(&Config::webhook, &WebhookConfig::listen),
                  "`127.0.0.1:8080`, `[::]:8443`, `unix:/run/…`; empty = no listener"),
      string_key("webhook.path", field(&Config::webhook, &WebhookConfig::path),
                 "the path webhooks are taken at"),
      string_key(
          "webhook.secret_file", field(&Config::webhook, &WebhookConfig::secret_file),
          "file with the expected `x-secret-key`; several lines are several accepted values, for rotation",
          kReloads),
      string_key("webhook.tls_certificate_file",
                 field(&Config::webhook, &WebhookConfig::tls_certificate_file),
                 "PEM certificate chain of the listener", kReloads),
      string_key("webhook.tls_key_file", field(&Config::webhook, &WebhookConfig::tls_key_file),
                 "PEM key of the listener", kReloads),
      size_key("webhook.max_body_size", field(&Config::webhook, &WebhookConfig::max_body_size), 1LL << 10,
               64LL << 20, "larger webhooks are refused"),
      count_key("webhook.max_connections", field(&Config::webhook, &WebhookConfig::max_connections), 1,
                65'536, "connections to the listener at once"),
      duration_key("webhook.grace", field(&Config::policy, &Policy::webhook_grace), kMs, hours(1),
                   "how long after a poll found news its webhook may still come before the channel counts as "
                   "degraded"),
      choice_key(
          "webhook.unknown_sessions", field(&Config::follow, &FollowOptions::unknown_sessions),
          kUnknownSessions,
          "webhooks for sessions that were not submitted: `keep` for a later submission (bounded; no call is "
          "made); `follow` submits them (needs a secret); `ignore`"),
      string_key("webhook.public_url", field(&Config::webhook, &WebhookConfig::public_url),
                 "the URL BankConnect is to send webhooks to: what registering sends"),
      webhook_mode_key("webhook.mode", field(&Config::webhook, &WebhookConfig::mode),
                       "the `webhook_mode` that registering sends"),
      bool_key("webhook.register_on_start", field(&Config::webhook, &WebhookConfig::register_on_start),
               "register the webhook at every start; it replaces the URL that the account has"),
      string_key("store.path", field(&Config::store, &StoreConfig::path), "the database file"),
      duration_key("store.retention", field(&Config::store, &StoreConfig::retention), Duration::zero(),
                   days(36'500),
                   "sessions in a final state, their payloads and files are erased after this; 0 = never"),
      string_key("control.socket", field(&Config::control, &ControlConfig::socket), "the local socket"),
      mode_key("control.mode", field(&Config::control, &ControlConfig::mode),
               "permissions of the socket, set before anyone can connect"),
      string_key("control.group", field(&Config::control, &ControlConfig::group),
                 "group of the socket, by name or number; empty = the daemon's"),
      string_key("status.dir", field(&Config::status, &StatusConfig::dir), "folder of the status files"),
      choice_key("log.level", field(&Config::log, &LogConfig::level),
                 choices_of({LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}),
                 "the least important lines that are written", kReloads),
      choice_key("log.format", field(&Config::log, &LogConfig::format),
                 choices_of({LogFormat::automatic, LogFormat::journal, LogFormat::json, LogFormat::text}),
                 "`journal`, or `json` or `text` on standard error; auto = journal under systemd, text on a "
                 "terminal, else json"),
  };
}

}  // namespace

const std::vector<Key>& keys() {
  static const std::vector<Key> all = make_keys();
  return all;
}

const Key* find_key(std::string_view name) {
  const auto found = std::ranges::find(keys(), name, &Key::name);
  return found == keys().end() ? nullptr : &*found;
}

std::string nearest_key(std::string_view name) {
  // Written without its section, or in a section of another name, a key is still itself.
  const std::string_view last = name.substr(name.rfind('.') + 1);
  const auto same_last = [last](const Key& key) { return key.name.substr(key.name.find('.') + 1) == last; };
  if (std::ranges::count_if(keys(), same_last) == 1) return std::ranges::find_if(keys(), same_last)->name;
  const auto nearest =
      std::ranges::min_element(keys(), {}, [name](const Key& key) { return edit_distance(key.name, name); });
  return edit_distance(nearest->name, name) <= std::max<std::size_t>(3, name.size() / 3) ? nearest->name : "";
}

}  // namespace bankconnect::daemon
