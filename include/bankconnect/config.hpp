// The configuration: one table of keys from which it is read, checked, shown and documented. Each section is
// the option struct of the module it configures.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bankconnect/follow.hpp"
#include "bankconnect/log.hpp"
#include "bankconnect/tls_identity.hpp"
#include "bankconnect/upstream.hpp"
#include "bankconnect/webhook.hpp"
#include "statemachine/policy.hpp"

namespace bankconnect {

struct StoreConfig {
  std::string path = "/var/lib/bankconnectd/bankconnectd.db";
  Duration retention = std::chrono::days(90);  ///< zero: nothing is erased
};

struct ControlConfig {
  std::string socket = "/run/bankconnectd/control.sock";
  mode_t mode = 0660;
  std::string group;  ///< a name or a number; empty: the daemon's
};

struct StatusConfig {
  std::string dir = "/var/lib/bankconnectd/status";
};

struct LogConfig {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::automatic;
};

struct Config {
  UpstreamConfig upstream;
  FollowOptions follow;  ///< `webhooks` is set by the daemon, once it listens
  Policy policy;
  WebhookConfig webhook;
  StoreConfig store;
  ControlConfig control;
  StatusConfig status;
  LogConfig log;

  // Read from the files that the sections name.
  Credentials credentials;
  std::vector<std::string> webhook_secrets;       ///< empty: none is asked for
  std::shared_ptr<net::TlsIdentity> webhook_tls;  ///< null: plain HTTP
};

/// `webhook.mode` as JSON, as registering sends it.
std::string webhook_mode_json(const WebhookMode& mode);

/// A mistake in the configuration.
struct ConfigError {
  std::string source;  ///< the file, or `--set KEY=VALUE`
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::string message;

  /// `FILE:LINE:COLUMN: message`
  std::string text() const;
};

/// Where configuration comes from.
struct ConfigSources {
  std::string file = "/etc/bankconnectd/bankconnectd.toml";
  bool file_must_exist = false;                      ///< true when it was named on the command line
  std::vector<std::string> settings;                 ///< `SECTION.KEY=VALUE`, later ones win
  std::optional<std::string> credentials_directory;  ///< $CREDENTIALS_DIRECTORY
  std::string proxy_variable;                        ///< HTTPS_PROXY or https_proxy, whichever is set
};

struct LoadedConfig {
  Config config;
  std::vector<ConfigError> mistakes;  ///< empty: the configuration can be used
  std::vector<ConfigError> warnings;  ///< what can be used and is probably not meant
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
