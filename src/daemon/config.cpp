#include "bankconnect/config.hpp"

#include <toml++/toml.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>
#include <set>

#include "src/daemon/config_keys.hpp"
#include "src/daemon/config_value.hpp"

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
    for (const std::string& setting : sources_.settings)
      read_setting(setting);
    if (file_was_read_) {  // else what it says is not known, and every further complaint a guess
      check_together();
      read_secrets();
    }
    std::ranges::stable_sort(out_.mistakes, {}, [this](const ConfigMistake& found) {
      return found.source == sources_.file ? std::pair(found.line, found.column) : kAfterTheFile;
    });
    return std::move(out_);
  }

 private:
  static constexpr std::pair<std::uint32_t, std::uint32_t> kAfterTheFile{
      std::numeric_limits<std::uint32_t>::max(), 0};

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

  /// At the first of two keys, unless only the other one is written anywhere.
  void mistake_at_either(const std::string& key, const std::string& says, const std::string& other,
                         const std::string& other_says) {
    if (!places_.contains(key) && places_.contains(other)) {
      mistake_at(other, other_says + " " + key);
    } else {
      mistake_at(key, says + " " + other);
    }
  }

  void read_file() {
    const daemon::FileText text = daemon::read_text(sources_.file);
    if (text.error == ENOENT && !sources_.file_must_exist) return;
    if (text.error != 0) {
      file_was_read_ = false;
      mistake({sources_.file, 1, 1}, std::string("cannot be read: ") + std::strerror(text.error));
      return;
    }
    read_toml(text.text, sources_.file);
  }

  void read_toml(const std::string& text, const std::string& source) {
    const toml::parse_result parsed = toml::parse(text, source);
    if (!parsed) {
      const toml::source_position at = parsed.error().source().begin;
      file_was_read_ = false;
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
      if (table->empty() && !known_section(section.str())) {
        mistake({source, at.line, at.column}, "there is no section " + std::string(section.str()));
      }
      for (const auto& [key, value] : *table) {
        const toml::source_position begin = key.source().begin;
        take(std::string(section.str()) + "." + std::string(key.str()), raw_of(value),
             {source, begin.line, begin.column});
      }
    }
  }

  /// `--set SECTION.KEY=VALUE`: a TOML value, or a bare word that counts as a string.
  void read_setting(const std::string& setting) {
    const Place place{"--set " + setting, 1, 1};
    const auto equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      mistake(place, "expected SECTION.KEY=VALUE");
      return;
    }
    const std::string value = setting.substr(equals + 1);
    const toml::parse_result parsed = toml::parse("value = " + value);
    RawValue raw = value;
    if (parsed && parsed.table().size() == 1) {
      raw = raw_of(*parsed.table().get("value"));
    } else if (parsed ||
               (!value.empty() && std::string_view("\"'[{").find(value.front()) != std::string_view::npos)) {
      mistake(place, "expected a TOML value or a bare word after the =");
      return;
    }
    take(setting.substr(0, equals), raw, place);
  }

  static std::string unknown_key(const std::string& name) {
    const std::string nearest = daemon::nearest_key(name);
    return "there is no key " + name + (nearest.empty() ? "" : "; did you mean " + nearest + "?");
  }

  static bool known_section(std::string_view name) {
    return std::ranges::any_of(
        daemon::keys(), [name](const Key& key) { return key.name.substr(0, key.name.find('.')) == name; });
  }

  void take(const std::string& name, const RawValue& raw, const Place& place) {
    const Key* key = daemon::find_key(name);
    if (key == nullptr) {
      mistake(place, unknown_key(name));
      return;
    }
    places_[name] = place;
    const std::string fault = key->take(out_.config, raw);
    if (fault.empty()) return;
    mistake(place, name + ": " + fault);
    faulty_.insert(name);
  }

  /// What is wrong with a key by itself is said already; comparing it with others would only confuse.
  bool sound(std::initializer_list<const char*> names) const {
    return std::ranges::none_of(names, [this](const char* name) { return faulty_.contains(name); });
  }

  void check_together() {
    const Config& c = out_.config;
    if (sound({"upstream.base_url", "upstream.allow_http"})) {
      const auto fault = check_base_url(c.upstream.base_url, c.upstream.allow_http);
      if (fault) mistake_at("upstream.base_url", *fault);
    }
    if (!c.upstream.ca_file.empty()) {
      if (const auto fault = check_ca_file(c.upstream.ca_file))
        mistake_at("upstream.ca_file", "cannot be used: " + *fault);
    }
    if (sound({"polling.upload_interval_min", "polling.upload_interval_max"}) &&
        c.polling.upload_interval_min > c.polling.upload_interval_max) {
      mistake_at_either("polling.upload_interval_min", "is longer than", "polling.upload_interval_max",
                        "is shorter than");
    }
    if (sound({"polling.stalled_after", "polling.processing_timeout"}) &&
        c.polling.stalled_after > c.polling.processing_timeout) {
      mistake_at_either("polling.stalled_after", "is longer than", "polling.processing_timeout",
                        "is shorter than");
    }
    if (!c.webhook.listen.empty()) {
      mistake_at("webhook.listen", "must be empty: this version has no webhook listener and polls instead");
    }
    if (c.webhook.register_on_start) {
      mistake_at("webhook.register_on_start", "must be false: this version cannot register webhooks");
    }
    for (const auto& [key, value] : {std::pair{"store.path", &c.store.path},
                                     {"control.socket", &c.control.socket},
                                     {"status.dir", &c.status.dir}}) {
      if (value->empty()) mistake_at(key, "must not be empty");
    }
  }

  void read_secrets() {
    out_.config.credentials.api_key = secret("upstream.api_key_file", out_.config.upstream.api_key_file);
    out_.config.credentials.server_hash =
        secret("upstream.server_hash_file", out_.config.upstream.server_hash_file);
  }

  std::string secret(const std::string& key, const std::string& name) {
    if (!sound({key.c_str()})) return "";
    std::filesystem::path path(name);
    if (path.is_relative()) {
      const bool given = sources_.credentials_directory && !sources_.credentials_directory->empty();
      path = given ? std::filesystem::path(*sources_.credentials_directory) / name
                   : std::filesystem::path(sources_.file).parent_path() / name;
    }
    const daemon::FileText text = daemon::read_text(path.string());
    if (text.error != 0) {
      mistake_at(key, "names " + path.string() + ", which cannot be read: " + std::strerror(text.error) +
                          "; put the secret there, one word on one line");
      return "";
    }
    const auto end = text.text.find_last_not_of(" \t\r\n");
    std::string value = text.text.substr(0, end == std::string::npos ? 0 : end + 1);
    const bool usable =
        !value.empty() && std::ranges::all_of(value, [](char c) { return c > 0x20 && c < 0x7f; });
    if (!usable) {
      mistake_at(key, "names " + path.string() +
                          ", which does not hold the secret as one word of printable ASCII " +
                          "characters on one line and nothing else");
      return "";
    }
    return value;
  }

  const ConfigSources& sources_;
  LoadedConfig out_;
  std::map<std::string, Place> places_;
  std::set<std::string, std::less<>> faulty_;
  bool file_was_read_ = true;
};

}  // namespace

std::string ConfigMistake::text() const {
  return source + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message;
}

LoadedConfig load_config(const ConfigSources& sources) {
  return Loading(sources).load();
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
