// The words of one command, taken out one after the other. What is left over at the end is a mistake.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace bankconnect::transcripts {

class Words {
 public:
  explicit Words(std::string_view line);

  bool empty() const { return words_.empty(); }
  /// The next word; `what` says what it should have been.
  std::string next(std::string_view what);
  std::uint32_t number(std::string_view what);
  /// Takes `word` out, wherever it stands.
  bool flag(std::string_view word);
  /// Takes `key=VALUE` out, wherever it stands.
  std::optional<std::string> option(std::string_view key);
  std::optional<std::uint32_t> number_option(std::string_view key);
  /// Nothing may be left.
  void end() const;

 private:
  std::deque<std::string> words_;
};

}  // namespace bankconnect::transcripts
