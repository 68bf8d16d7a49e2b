#include "src/daemon/config_file.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "src/daemon/config_keys.hpp"

namespace bankconnect::daemon {
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

std::string unknown_key(const std::string& name) {
  const std::string nearest = nearest_key(name);
  return "there is no key " + name + (nearest.empty() ? "" : "; did you mean " + nearest + "?");
}

bool is_section(std::string_view name) {
  return std::ranges::any_of(
      keys(), [name](const Key& key) { return key.name.substr(0, key.name.find('.')) == name; });
}

void add_error(ReadConfig& out, const Place& place, std::string message) {
  out.errors.push_back({place.source, place.line, place.column, std::move(message)});
}

void read_value(ReadConfig& out, const std::string& name, const RawValue& raw, const Place& place) {
  const Key* key = find_key(name);
  if (key == nullptr) {
    add_error(out, place, unknown_key(name));
    return;
  }
  out.written.places[name] = place;
  out.written.malformed.erase(name);
  const auto error = key->read(out.config, raw);
  if (!error) return;
  if (error->malformed) {
    out.written.malformed[name] = error->message;
  } else {
    add_error(out, place, name + ": " + error->message);
    out.written.refused.insert(name);
  }
}

void read_section(ReadConfig& out, const toml::key& name, const toml::node& node, const std::string& file) {
  const std::string section(name.str());
  const toml::source_position at = name.source().begin;
  const toml::table* table = node.as_table();
  if (table == nullptr) {
    add_error(out, {file, at.line, at.column}, unknown_key(section));
    return;
  }
  if (table->empty() && !is_section(section))
    add_error(out, {file, at.line, at.column}, "there is no section " + section);
  for (const auto& [key, value] : *table) {
    const toml::source_position begin = key.source().begin;
    read_value(out, section + "." + std::string(key.str()), raw_of(value), {file, begin.line, begin.column});
  }
}

void read_file(ReadConfig& out, const std::string& file, bool must_exist) {
  const FileText text = read_text(file);
  if (text.error == ENOENT && !must_exist) return;
  if (text.error != 0) {
    out.file_read = false;
    add_error(out, {file, 1, 1}, std::string("cannot be read: ") + std::strerror(text.error));
    return;
  }
  const toml::parse_result parsed = toml::parse(text.text, file);
  if (!parsed) {
    const toml::source_position at = parsed.error().source().begin;
    out.file_read = false;
    add_error(out, {file, at.line, at.column}, std::string(parsed.error().description()));
    return;
  }
  for (const auto& [section, node] : parsed.table())
    read_section(out, section, node, file);
}

/// `SECTION.KEY=VALUE`: a TOML value, or a bare word that counts as a string.
void read_setting(ReadConfig& out, const std::string& setting) {
  const Place place{"--set " + setting, 1, 1};
  const auto equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) {
    add_error(out, place, "expected SECTION.KEY=VALUE");
    return;
  }
  const std::string value = setting.substr(equals + 1);
  const toml::parse_result parsed = toml::parse("value = " + value);
  RawValue raw = value;
  if (parsed && parsed.table().size() == 1) {
    raw = raw_of(*parsed.table().get("value"));
  } else if (parsed ||
             (!value.empty() && std::string_view("\"'[{").find(value.front()) != std::string_view::npos)) {
    add_error(out, place, "expected a TOML value or a bare word after the =");
    return;
  }
  read_value(out, setting.substr(0, equals), raw, place);
}

}  // namespace

bool WrittenKeys::accepted(std::initializer_list<std::string_view> names) const {
  return std::ranges::none_of(names, [this](std::string_view name) { return refused.contains(name); });
}

ReadConfig read_config(const ConfigSources& sources) {
  ReadConfig out;
  read_file(out, sources.file, sources.file_must_exist);
  for (const std::string& setting : sources.settings)
    read_setting(out, setting);
  return out;
}

ConfigError located(const KeyError& error, const WrittenKeys& written, const std::string& file) {
  const auto found = written.places.find(error.key);
  const Place place = found != written.places.end() ? found->second : Place{file, 1, 1};
  return {place.source, place.line, place.column, error.key + " " + error.message};
}

}  // namespace bankconnect::daemon
