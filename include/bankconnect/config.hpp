// The configuration: one table of keys from which it is read, checked, shown and documented.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bankconnect/http_server.hpp"
#include "bankconnect/monitor.hpp"
#include "bankconnect/upstream.hpp"
#include "statemachine/policy.hpp"

namespace bankconnect {

/// Every key of the contract, with its default.
struct Config {
  struct {
    std::string base_url = "https://apis.bankconnect.finbox.in/bank-connect/v1";
    bool allow_http = false;
    std::string api_key_file = "api-key";
    std::string server_hash_file = "server-hash";
    std::string ca_file;
    std::int64_t max_connections = 32;
    std::int64_t max_requests_per_second = 100;
    Duration connect_timeout = std::chrono::seconds(5);
    Duration request_timeout = std::chrono::seconds(30);
    std::int64_t max_response_size = 64LL << 20;
  } upstream;
  struct {
    Duration progress_interval = Policy{}.progress_interval;
    Duration upload_interval_min = Policy{}.upload_interval_min;
    Duration upload_interval_max = Policy{}.upload_interval_max;
    Duration safety_interval = Policy{}.safety_interval;
    Duration not_found_grace = Policy{}.not_found_grace;
    Duration follow_for = Policy{}.follow_for;
    Duration stalled_after = Policy{}.stalled_after;
    Duration processing_timeout = Policy{}.processing_timeout;
  } polling;
  struct {
    bool auto_process = Policy{}.auto_process;
    Duration settle = Policy{}.settle;
    std::string expired_sessions = "process";
  } processing;
  struct {
    std::string listen;
    std::string path = "/webhooks/bankconnect";
    std::string secret_file;
    std::string tls_certificate_file;
    std::string tls_key_file;
    std::int64_t max_body_size = 1LL << 20;
    std::int64_t max_connections = 256;
    Duration grace = std::chrono::seconds(15);
    std::string unknown_sessions = "keep";
    std::string public_url;
    std::variant<std::int64_t, std::vector<std::string>> mode = std::int64_t{1};
    bool register_on_start = false;
  } webhook;
  struct {
    std::string path = "/var/lib/bankconnectd/bankconnectd.db";
    Duration retention = std::chrono::days(90);
  } store;
  struct {
    std::string socket = "/run/bankconnectd/control.sock";
    std::string mode = "0660";
    std::string group;
  } control;
  struct {
    std::string dir = "/var/lib/bankconnectd/status";
  } status;
  struct {
    std::string level = "info";
    std::string format = "auto";
  } log;

  // Read from the files named above.
  Credentials credentials;
  std::vector<std::string> webhook_secrets;       ///< empty: none is asked for
  std::shared_ptr<net::TlsIdentity> webhook_tls;  ///< null: plain HTTP
};

/// `webhook.mode` as JSON.
std::string webhook_mode_json(const Config& config);

Policy policy_of(const Config& config);

/// A mistake in the configuration. Printed as `FILE:LINE:COLUMN: message`.
struct ConfigMistake {
  std::string source;  ///< the file, or `--set KEY=VALUE`
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::string message;

  std::string text() const;
};

/// Where configuration comes from.
struct ConfigSources {
  std::string file = "/etc/bankconnectd/bankconnectd.toml";
  bool file_must_exist = false;                      ///< true when it was named on the command line
  std::vector<std::string> settings;                 ///< `SECTION.KEY=VALUE`, later ones win
  std::optional<std::string> credentials_directory;  ///< $CREDENTIALS_DIRECTORY
};

struct LoadedConfig {
  Config config;
  std::vector<ConfigMistake> mistakes;  ///< empty: the configuration can be used
};

/// Reads and checks everything, secrets included; reports every mistake, not only the first.
LoadedConfig load_config(const ConfigSources& sources);

/// The effective configuration as TOML, without secrets.
std::string show_config(const Config& config);

/// The keys whose values differ, of those that only take effect after a restart.
std::vector<std::string> keys_needing_restart(const Config& old_config, const Config& new_config);

/// The reference of all keys, as Markdown: docs/configuration.md holds it, and a test compares.
std::string configuration_reference();

}  // namespace bankconnect
