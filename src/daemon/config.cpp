#include "bankconnect/config.hpp"

#include <openssl/crypto.h>
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
  static constexpr const char* kNotOneWord =
      ", which does not hold the secret as one word of printable ASCII characters on one line and nothing "
      "else";
  static constexpr const char* kNotOneWordALine =
      ", which does not hold one word of printable ASCII characters a line and nothing else";
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
    check_webhooks();
    for (const auto& [key, value] : {std::pair{"store.path", &c.store.path},
                                     {"control.socket", &c.control.socket},
                                     {"status.dir", &c.status.dir}}) {
      if (value->empty()) mistake_at(key, "must not be empty");
    }
  }

  static bool names_a_web_host(std::string_view url) {
    for (const std::string_view scheme : {"http://", "https://"}) {
      if (url.starts_with(scheme))
        return url.size() > scheme.size() &&
               std::string_view("/?#:").find(url[scheme.size()]) == std::string_view::npos;
    }
    return false;
  }

  void check_webhooks() {
    const Config& c = out_.config;
    if (!c.webhook.listen.empty() && sound({"webhook.listen"})) {
      const auto where = net::parse_listen_address(c.webhook.listen);
      if (where.has_error()) mistake_at("webhook.listen", "is " + where.error().message);
    }
    if (!c.webhook.path.starts_with('/') || c.webhook.path.find_first_of("?#% ") != std::string::npos)
      mistake_at("webhook.path", "must be a path such as /webhooks/bankconnect, with nothing escaped in it");
    if (c.webhook.unknown_sessions == "follow" && c.webhook.secret_file.empty() &&
        sound({"webhook.unknown_sessions", "webhook.secret_file"})) {
      mistake_at(
          "webhook.unknown_sessions",
          "is \"follow\", which needs webhook.secret_file: without a secret anybody could have sessions "
          "followed");
    }
    if (c.webhook.tls_certificate_file.empty() != c.webhook.tls_key_file.empty())
      mistake_at_either("webhook.tls_certificate_file", "goes together with", "webhook.tls_key_file",
                        "goes together with");
    if (!c.webhook.public_url.empty() && !names_a_web_host(c.webhook.public_url))
      mistake_at("webhook.public_url", "must be a URL such as https://lender.example/webhooks/bankconnect");
    if (c.webhook.register_on_start && c.webhook.public_url.empty() && sound({"webhook.public_url"}))
      mistake_at("webhook.register_on_start", "needs webhook.public_url: the URL to register");
  }

  void read_secrets() {
    Config& c = out_.config;
    c.credentials.api_key = secret("upstream.api_key_file", c.upstream.api_key_file);
    c.credentials.server_hash = secret("upstream.server_hash_file", c.upstream.server_hash_file);
    if (!c.webhook.secret_file.empty())
      c.webhook_secrets = secrets("webhook.secret_file", c.webhook.secret_file, kNotOneWordALine);
    if (c.webhook.tls_certificate_file.empty() || c.webhook.tls_key_file.empty()) return;
    auto tls = net::load_tls(place_of(c.webhook.tls_certificate_file), place_of(c.webhook.tls_key_file));
    if (tls.has_value()) {
      c.webhook_tls = *tls;
    } else {
      const bool key = tls.error().code == "TLS_KEY";
      mistake_at(key ? "webhook.tls_key_file" : "webhook.tls_certificate_file",
                 "names " + tls.error().message);
    }
  }

  /// A relative name is looked up among systemd's credentials, else beside the configuration file.
  std::string place_of(const std::string& name) const {
    const std::filesystem::path path(name);
    if (path.is_absolute()) return name;
    const bool given = sources_.credentials_directory && !sources_.credentials_directory->empty();
    const std::filesystem::path folder = given ? std::filesystem::path(*sources_.credentials_directory)
                                               : std::filesystem::path(sources_.file).parent_path();
    return (folder / name).string();
  }

  std::string secret(const std::string& key, const std::string& name) {
    std::vector<std::string> lines = secrets(key, name, kNotOneWord);
    if (lines.size() == 1) return std::move(lines.front());
    if (lines.size() > 1) mistake_at(key, "names " + place_of(name) + kNotOneWord);
    for (std::string& line : lines)
      OPENSSL_cleanse(line.data(), line.size());
    return "";
  }

  /// A secret a line, each one word of printable ASCII; empty lines at the end do not count.
  std::vector<std::string> secrets(const std::string& key, const std::string& name, const char* otherwise) {
    std::vector<std::string> out;
    if (!sound({key.c_str()})) return out;
    const std::string path = place_of(name);
    daemon::FileText text = daemon::read_text(path);
    if (text.error != 0) {
      mistake_at(key, "names " + path + ", which cannot be read: " + std::strerror(text.error) +
                          "; put the secret there, one word a line");
      return out;
    }
    std::string_view rest = text.text;
    bool usable = true;
    bool ended = false;
    while (!rest.empty()) {
      const auto end = rest.find('\n');
      std::string_view line = rest.substr(0, end);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      const auto last = line.find_last_not_of(" \t\r");
      line = line.substr(0, last == std::string_view::npos ? 0 : last + 1);
      usable = usable && !(ended && !line.empty()) &&
               std::ranges::all_of(line, [](char c) { return c > 0x20 && c < 0x7f; });
      ended = ended || line.empty();
      if (!line.empty()) out.emplace_back(line);
    }
    OPENSSL_cleanse(text.text.data(), text.text.size());
    if (usable && !out.empty()) return out;
    mistake_at(key, "names " + path + otherwise);
    return {};
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

std::string webhook_mode_json(const Config& config) {
  return daemon::find_key("webhook.mode")->show(config);  // an integer or an array of strings: both are JSON
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
  const bool listens = !config.webhook.listen.empty();
  policy.webhook_health = listens ? WebhookHealth::unproven : WebhookHealth::off;
  policy.webhook_grace = config.webhook.grace;
  if (config.webhook.unknown_sessions == "follow") policy.unknown_sessions = UnknownSessions::follow;
  if (config.webhook.unknown_sessions == "ignore") policy.unknown_sessions = UnknownSessions::ignore;
  policy.auto_process = config.processing.auto_process;
  policy.settle = config.processing.settle;
  policy.expired_sessions =
      config.processing.expired_sessions == "stop" ? ExpiredSessions::stop : ExpiredSessions::process;
  return policy;
}

}  // namespace bankconnect
