#include "tests/transcripts/replay/words.hpp"

#include <algorithm>
#include <charconv>

#include "tests/transcripts/replay/mistake.hpp"

namespace bankconnect::transcripts {

namespace {

std::uint32_t as_number(std::string_view text, std::string_view what) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size())
    throw Mistake("'" + std::string(text) + "' should be " + std::string(what));
  return number;
}

}  // namespace

Words::Words(std::string_view line) {
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end > 0) words_.emplace_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
}

std::string Words::next(std::string_view what) {
  if (words_.empty()) throw Mistake(std::string(what) + " is missing");
  std::string word = std::move(words_.front());
  words_.pop_front();
  return word;
}

std::uint32_t Words::number(std::string_view what) {
  return as_number(next(what), what);
}

bool Words::flag(std::string_view word) {
  const auto found = std::ranges::find(words_, word);
  if (found == words_.end()) return false;
  words_.erase(found);
  return true;
}

std::optional<std::string> Words::option(std::string_view key) {
  const auto found = std::ranges::find_if(words_, [key](const std::string& word) {
    return word.size() > key.size() && word.starts_with(key) && word[key.size()] == '=';
  });
  if (found == words_.end()) return std::nullopt;
  std::string value = found->substr(key.size() + 1);
  words_.erase(found);
  return value;
}

std::optional<std::uint32_t> Words::number_option(std::string_view key) {
  const auto value = option(key);
  if (!value) return std::nullopt;
  return as_number(*value, "a number");
}

void Words::end() const {
  if (!words_.empty()) throw Mistake("nobody knows '" + words_.front() + "' here");
}

}  // namespace bankconnect::transcripts
