#include "bankconnect/config.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <toml++/toml.h>

#include "src/daemon/config_keys.hpp"

namespace bankconnect {

using daemon::Key;
using daemon::RawValue;

namespace {

RawValue raw_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  const auto* array = node.as_array();
  if (array == nullptr) return std::monostate{};
  std::vector<std::string> texts;
  for (const toml::node& element : *array) {
    const auto* text = element.as_string();
    if (text == nullptr) return std::monostate{};
    texts.push_back(text->get());
  }
  return texts;
}

/// Collects the configuration and what is wrong with it.
class Loading {
 public:
  explicit Loading(const ConfigSources& sources) : sources_(sources) {}

  LoadedConfig load() {
    read_file();
    for (const std::string& setting : sources_.settings) read_setting(setting);
    if (out_.mistakes.empty()) check_together();
    if (out_.mistakes.empty()) read_secrets();
    return std::move(out_);
  }

 private:
  struct Place {
    std::string source;
    std::uint32_t line = 1;
    std::uint32_t column = 1;
  };

  void mistake(const Place& place, std::string message) {
    out_.mistakes.push_back({place.source, place.line, place.column, std::move(message)});
  }
  /// At the key's own place, or at the top of the file when it has its default.
  void mistake_at(const std::string& key, const std::string& message) {
    const auto place = places_.find(key);
    mistake(place != places_.end() ? place->second : Place{sources_.file, 1, 1}, key + " " + message);
  }

  void read_file() {
    std::ifstream in(sources_.file);
    if (!in) {
      if (errno == ENOENT && !sources_.file_must_exist) return;
      mistake({sources_.file, 1, 1}, std::string("cannot be read: ") + std::strerror(errno));
      return;
    }
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    read_toml(text, sources_.file);
  }

  void read_toml(const std::string& text, const std::string& source) {
    const toml::parse_result parsed = toml::parse(text, source);
    if (!parsed) {
      const toml::source_position at = parsed.error().source().begin;
      mistake({source, at.line, at.column}, std::string(parsed.error().description()));
      return;
    }
    for (const auto& [section, node] : parsed.table()) {
      const toml::table* table = node.as_table();
      const toml::source_position at = section.source().begin;
      if (table == nullptr) {
        mistake({source, at.line, at.column}, unknown_key(std::string(section.str())));
        continue;
      }
      for (const auto& [key, value] : *table) {
        const toml::source_position begin = key.source().begin;
        take(std::string(section.str()) + "." + std::string(key.str()), raw_of(value), {source, begin.line, begin.column});
      }
    }
  }

  /// `--set SECTION.KEY=VALUE`: a TOML value, or a bare word that counts as a string.
  void read_setting(const std::string& setting) {
    const Place place{"--set " + setting, 1, 1};
    const auto equals = setting.find('=');
    if (equals == std::string::npos) {
      mistake(place, "expected SECTION.KEY=VALUE");
      return;
    }
    const std::string value = setting.substr(equals + 1);
    const toml::parse_result parsed = toml::parse("value = " + value);
    RawValue raw = value;
    if (parsed) {
      if (const toml::node* node = parsed.table().get("value")) raw = raw_of(*node);
    }
    take(setting.substr(0, equals), raw, place);
  }

  static std::string unknown_key(const std::string& name) {
    const std::string nearest = daemon::nearest_key(name);
    return "there is no key " + name + (nearest.empty() ? "" : "; did you mean " + nearest + "?");
  }

  void take(const std::string& name, const RawValue& raw, const Place& place) {
    const Key* key = daemon::find_key(name);
    if (key == nullptr) {
      mistake(place, unknown_key(name));
      return;
    }
    places_[name] = place;
    const std::string fault = key->take(out_.config, raw);
    if (!fault.empty()) mistake(place, name + ": " + fault);
  }

  void check_together() {
    const Config& c = out_.config;
    if (const auto fault = check_base_url(c.upstream.base_url, c.upstream.allow_http)) {
      mistake_at("upstream.base_url", *fault);
    }
    if (!c.upstream.ca_file.empty()) {
      if (const auto fault = check_ca_file(c.upstream.ca_file)) mistake_at("upstream.ca_file", "cannot be used: " + *fault);
    }
    if (c.polling.upload_interval_min > c.polling.upload_interval_max) {
      mistake_at("polling.upload_interval_min", "is longer than polling.upload_interval_max");
    }
    if (c.polling.stalled_after > c.polling.processing_timeout) {
      mistake_at("polling.stalled_after", "is longer than polling.processing_timeout");
    }
    if (!c.webhook.listen.empty()) {
      mistake_at("webhook.listen", "must be empty: this version has no webhook listener and polls instead");
    }
    if (c.webhook.register_on_start) {
      mistake_at("webhook.register_on_start", "must be false: this version cannot register webhooks");
    }
    for (const auto& [key, value] : {std::pair{"store.path", &c.store.path}, {"control.socket", &c.control.socket},
                                     {"status.dir", &c.status.dir}}) {
      if (value->empty()) mistake_at(key, "must not be empty");
    }
  }

  void read_secrets() {
    out_.config.credentials.api_key = secret("upstream.api_key_file", out_.config.upstream.api_key_file);
    out_.config.credentials.server_hash = secret("upstream.server_hash_file", out_.config.upstream.server_hash_file);
  }

  std::string secret(const std::string& key, const std::string& name) {
    std::filesystem::path path(name);
    if (path.is_relative()) {
      path = sources_.credentials_directory ? std::filesystem::path(*sources_.credentials_directory) / name
                                            : std::filesystem::path(sources_.file).parent_path() / name;
    }
    std::ifstream in(path);
    std::string value;
    if (!in || !std::getline(in, value)) {
      mistake_at(key, "names " + path.string() + ", which cannot be read: " + std::strerror(errno != 0 ? errno : ENODATA) +
                          "; put the secret there, alone on its first line");
      return "";
    }
    while (!value.empty() && (value.back() == '\r' || value.back() == ' ')) value.pop_back();
    const bool usable = !value.empty() && std::ranges::all_of(value, [](char c) { return c > 0x20 && c < 0x7f; });
    if (!usable) {
      mistake_at(key, "names " + path.string() + ", whose first line is not one word of printable ASCII characters");
    }
    return value;
  }

  const ConfigSources& sources_;
  LoadedConfig out_;
  std::map<std::string, Place> places_;
};

}  // namespace

std::string ConfigMistake::text() const {
  return source + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message;
}

LoadedConfig load_config(const ConfigSources& sources) { return Loading(sources).load(); }

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

std::vector<std::string> keys_needing_restart(const Config& old_config, const Config& new_config) {
  std::vector<std::string> names;
  for (const Key& key : daemon::keys()) {
    if (!key.reloads && key.show(old_config) != key.show(new_config)) names.push_back(key.name);
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

Policy policy_of(const Config& config) {
  Policy policy;
  policy.progress_interval = config.polling.progress_interval;
  policy.upload_interval_min = config.polling.upload_interval_min;
  policy.upload_interval_max = config.polling.upload_interval_max;
  policy.safety_interval = config.polling.safety_interval;
  policy.not_found_grace = config.polling.not_found_grace;
  policy.follow_for = config.polling.follow_for;
  policy.stalled_after = config.polling.stalled_after;
  policy.processing_timeout = config.polling.processing_timeout;
  policy.auto_process = config.processing.auto_process;
  policy.settle = config.processing.settle;
  policy.expired_sessions =
      config.processing.expired_sessions == "stop" ? ExpiredSessions::stop : ExpiredSessions::process;
  return policy;
}

}  // namespace bankconnect
