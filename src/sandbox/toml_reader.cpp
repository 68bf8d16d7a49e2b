#include "src/sandbox/toml_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "src/sandbox/number_parsing.hpp"

namespace bankconnect::sandbox {

const toml::node* TomlReader::node(std::string_view key) {
  if (std::find(known_keys_.begin(), known_keys_.end(), key) == known_keys_.end())
    known_keys_.emplace_back(key);
  return table_->get(key);
}

const std::string* TomlReader::text(std::string_view key) {
  const toml::node* found = node(key);
  if (found == nullptr) return nullptr;
  const auto* value = found->as_string();
  if (value == nullptr) refuse(key, "must be a string in quotes");
  return &value->get();
}

void TomlReader::read(std::string_view key, std::string& value) {
  if (const std::string* found = text(key)) value = *found;
}

void TomlReader::read(std::string_view key, bool& value) {
  const toml::node* found = node(key);
  if (found == nullptr) return;
  if (!found->is_boolean()) refuse(key, "must be true or false");
  value = found->as_boolean()->get();
}

void TomlReader::read(std::string_view key, int& value, int min, int max) {
  const toml::node* found = node(key);
  if (found == nullptr) return;
  const auto* number = found->as_integer();
  if (number == nullptr || number->get() < min || number->get() > max) {
    refuse(key, fmt::format("must be a whole number from {} to {}", min, max));
  }
  value = static_cast<int>(number->get());
}

void TomlReader::read(std::string_view key, std::vector<int>& value, int min) {
  const toml::node* found = node(key);
  if (found == nullptr) return;
  const auto problem = fmt::format("must be an array of whole numbers from {} on, such as [1, 3]", min);
  if (!found->is_array()) refuse(key, problem);
  value.clear();
  for (const toml::node& element : *found->as_array()) {
    const auto* number = element.as_integer();
    if (number == nullptr || number->get() < min || number->get() > 1'000'000'000) {
      refuse(element.source(), fmt::format("{}: {}", full_key(key), problem));
    }
    value.push_back(static_cast<int>(number->get()));
  }
}

void TomlReader::read(std::string_view key, Duration& value) {
  const std::string* found = text(key);
  if (found == nullptr) return;
  const auto duration = parse_duration(*found);
  if (!duration)
    refuse(key,
           fmt::format("\"{}\" is no duration; write \"500ms\", \"2s\", \"5m\", \"1h\" or \"30d\"", *found));
  value = *duration;
}

void TomlReader::read(std::string_view key, std::optional<Duration>& value) {
  const std::string* found = text(key);
  if (found == nullptr) return;
  if (found->empty()) {
    value.reset();
    return;
  }
  Duration duration{};
  read(key, duration);
  value = duration;
}

void TomlReader::read_size(std::string_view key, std::uint64_t& value, std::uint64_t max) {
  const std::string* found = text(key);
  if (found == nullptr) return;
  const auto size = parse_size(*found);
  if (!size || *size > max) {
    refuse(key, fmt::format("\"{}\" is no size up to {}MiB; write \"512B\", \"300KiB\" or \"64MiB\"", *found,
                            max >> 20));
  }
  value = *size;
}

TomlReader TomlReader::reader(const toml::node& node, std::string path) const {
  if (!node.is_table()) refuse(node.source(), path + " must be a table");
  return TomlReader(*node.as_table(), std::move(path), *file_);
}

std::optional<TomlReader> TomlReader::table(std::string_view key) {
  const toml::node* found = node(key);
  if (found == nullptr) return std::nullopt;
  return reader(*found, full_key(key));
}

std::vector<TomlReader> TomlReader::tables(std::string_view key) {
  std::vector<TomlReader> readers;
  const toml::node* found = node(key);
  if (found == nullptr) return readers;
  if (!found->is_array()) refuse(key, "must be an array of tables");
  for (const toml::node& element : *found->as_array())
    readers.push_back(reader(element, full_key(key)));
  return readers;
}

std::vector<std::pair<std::string, TomlReader>> TomlReader::named_tables() {
  std::vector<std::pair<std::string, TomlReader>> readers;
  for (const auto& [key, value] : *table_) {
    const std::string_view title = key.str();
    known_keys_.emplace_back(title);
    readers.emplace_back(title, reader(value, full_key(title)));
  }
  return readers;
}

void TomlReader::finish() const {
  for (const auto& [key, value] : *table_) {
    const std::string_view title = key.str();
    if (std::find(known_keys_.begin(), known_keys_.end(), title) != known_keys_.end()) continue;
    const std::string where = path_.empty() ? "the file" : path_;
    refuse(key.source(),
           fmt::format("unknown key \"{}\"; {} takes {}", title, where, fmt::join(known_keys_, ", ")));
  }
}

void TomlReader::refuse(std::string_view key, std::string_view problem) const {
  const toml::node* found = table_->get(key);
  refuse(found != nullptr ? found->source() : table_->source(),
         fmt::format("{}: {}", full_key(key), problem));
}

void TomlReader::refuse(const toml::source_region& where, std::string_view problem) const {
  throw ScenarioError(fmt::format("{}:{}:{}: {}", *file_, where.begin.line, where.begin.column, problem));
}

std::string TomlReader::full_key(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

}  // namespace bankconnect::sandbox
