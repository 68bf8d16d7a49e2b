#include "bankconnect/config.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <limits>
#include <utility>

#include "src/daemon/config_checks.hpp"
#include "src/daemon/config_file.hpp"
#include "src/daemon/config_keys.hpp"
#include "src/daemon/secrets.hpp"

namespace bankconnect {

using daemon::Key;

std::string ConfigError::text() const {
  return source + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message;
}

LoadedConfig load_config(const ConfigSources& sources) {
  daemon::ReadConfig read = daemon::read_config(sources);
  LoadedConfig out{std::move(read.config), std::move(read.errors), {}};
  if (read.file_read) {  // else further errors would be guesses
    const auto add = [&](const std::vector<daemon::KeyError>& errors) {
      for (const daemon::KeyError& error : errors)
        out.mistakes.push_back(daemon::located(error, read.written, sources.file));
    };
    add(daemon::check_config(out.config, read.written));
    for (const daemon::KeyError& doubt : daemon::doubtful_config(out.config, sources.proxy_variable))
      out.warnings.push_back(daemon::located(doubt, read.written, sources.file));
    daemon::Secrets secrets = daemon::read_secrets(out.config, read.written, sources);
    add(secrets.errors);
    for (const daemon::KeyError& doubt : secrets.warnings)
      out.warnings.push_back(daemon::located(doubt, read.written, sources.file));
    out.config.credentials = std::move(secrets.credentials);
    out.config.webhook_secrets = std::move(secrets.webhook_secrets);
    out.config.webhook_tls = std::move(secrets.webhook_tls);
  }
  constexpr std::pair<std::uint32_t, std::uint32_t> kAfterTheFile{std::numeric_limits<std::uint32_t>::max(),
                                                                  0};
  std::ranges::stable_sort(out.mistakes, {}, [&](const ConfigError& error) {
    return error.source == sources.file ? std::pair(error.line, error.column) : kAfterTheFile;
  });
  return out;
}

std::string show_config(const Config& config) {
  std::string out;
  std::string section;
  for (const Key& key : daemon::keys()) {
    const auto dot = key.name.find('.');
    if (key.name.substr(0, dot) != section) {
      out += (section.empty() ? "[" : "\n[") + key.name.substr(0, dot) + "]\n";
      section = key.name.substr(0, dot);
    }
    out += key.name.substr(dot + 1) + " = " + key.show(config) + "\n";
  }
  return out;
}

std::string webhook_mode_json(const WebhookMode& mode) {
  if (const auto* number = std::get_if<std::int64_t>(&mode)) return std::to_string(*number);
  std::string out = "[";
  for (const std::string& event : std::get<std::vector<std::string>>(mode))
    out += (out.size() == 1 ? "" : ", ") + boost::json::serialize(boost::json::string(event));
  return out + "]";
}

std::vector<std::string> keys_needing_restart(const Config& old_config, const Config& new_config) {
  std::vector<std::string> names;
  for (const Key& key : daemon::keys()) {
    if (!key.reloads && !key.same(old_config, new_config)) names.push_back(key.name);
  }
  return names;
}

std::string configuration_reference() {
  std::string out = "| key | default | value | meaning |\n|---|---|---|---|\n";
  const Config defaults;
  for (const Key& key : daemon::keys()) {
    out += "| `" + key.name + "` | `" + key.show(defaults) + "` | " + key.expected + " | " + key.meaning +
           (key.reloads ? " (read anew on SIGHUP)" : "") + " |\n";
  }
  return out;
}

}  // namespace bankconnect
