#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "src/sandbox/name_table.hpp"
#include "src/sandbox/time_format.hpp"

namespace bankconnect::sandbox {

// Its message is "FILE:LINE:COL: what is wrong and what is accepted".
class ScenarioError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Reads one table. finish() refuses the first key of the table that was never read. A missing key leaves the
// value unchanged, so the defaults are those of scenario.hpp.
class TomlReader {
 public:
  TomlReader(const toml::table& table, std::string path, const std::string& file)
      : table_(&table), path_(std::move(path)), file_(&file) {}

  void read(std::string_view key, std::string& value);
  void read(std::string_view key, bool& value);
  void read(std::string_view key, int& value, int min, int max);
  void read(std::string_view key, std::vector<int>& value, int min);
  void read(std::string_view key, Duration& value);
  void read(std::string_view key, std::optional<Duration>& value);  // "" means never
  void read_size(std::string_view key, std::uint64_t& value, std::uint64_t max);

  template <typename Value, std::size_t N>
  void read(std::string_view key, Value& value, const NameTable<Value, N>& names);

  std::optional<TomlReader> table(std::string_view key);
  std::vector<TomlReader> tables(std::string_view key);            // [[key]] or an array of inline tables
  std::vector<std::pair<std::string, TomlReader>> named_tables();  // every key must be a table
  const toml::node* node(std::string_view key);                    // for keys of more than one type

  void finish() const;
  [[noreturn]] void refuse(std::string_view key, std::string_view problem) const;

 private:
  [[noreturn]] void refuse(const toml::source_region& where, std::string_view problem) const;
  std::string full_key(std::string_view key) const;
  const std::string* text(std::string_view key);
  TomlReader reader(const toml::node& node, std::string path) const;

  const toml::table* table_;
  std::string path_;
  const std::string* file_;
  std::vector<std::string> known_keys_;
};

template <typename Value, std::size_t N>
void TomlReader::read(std::string_view key, Value& value, const NameTable<Value, N>& names) {
  const std::string* found = text(key);
  if (found == nullptr) return;
  const auto known = value_of(names, *found);
  if (!known) refuse(key, "\"" + *found + "\" is not known; use " + one_of(names));
  value = *known;
}

}  // namespace bankconnect::sandbox
