#include "tests/transcripts/replay/times.hpp"

#include <charconv>
#include <cstdio>

#include "tests/transcripts/replay/mistake.hpp"

namespace bankconnect::transcripts {

using namespace std::chrono_literals;

Duration parse_span(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (error == std::errc{} && count >= 0) {
    if (unit == "ms") return count * 1ms;
    if (unit == "s") return count * 1s;
    if (unit == "m") return count * 1min;
    if (unit == "h") return count * 1h;
    if (unit == "d") return count * 24h;
  }
  throw Mistake("'" + std::string(text) + "' is no span of time: 500ms, 2s, 5m, 1h, 30d");
}

namespace {

/// `whole` and its milliseconds, without zeros at the end.
std::string with_fraction(std::int64_t whole, std::int64_t ms) {
  std::string text = std::to_string(whole);
  if (ms == 0) return text;
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03d", static_cast<int>(ms));
  text += fraction;
  return text.substr(0, text.find_last_not_of('0') + 1);
}

}  // namespace

std::string span(Duration time) {
  if (time < Duration::zero()) return "-" + span(-time);
  if (time < 1s && time != Duration::zero()) return std::to_string(time.count()) + "ms";
  const std::int64_t seconds = time / 1s;
  std::string text;
  if (seconds >= 3600) text += std::to_string(seconds / 3600) + "h";
  if (seconds / 60 % 60 != 0) text += std::to_string(seconds / 60 % 60) + "m";
  const bool exact = seconds % 60 == 0 && time % 1s == Duration::zero();
  if (!exact || text.empty()) text += with_fraction(seconds % 60, time % 1s / 1ms) + "s";
  return text;
}

std::string clock_time(Duration time) {
  if (time < Duration::zero()) return "-" + clock_time(-time);
  const std::int64_t seconds = time / 1s;
  const std::int64_t days = seconds / 86'400;
  char text[64];
  std::snprintf(text, sizeof text, "%d:%02d:%02d", static_cast<int>(seconds / 3600 % 24),
                static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60));
  std::string out = days > 0 ? std::to_string(days) + "d " + text : text;
  const std::int64_t ms = time % 1s / 1ms;
  if (ms == 0) return out;
  std::snprintf(text, sizeof text, ".%03d", static_cast<int>(ms));
  return out + text;
}

}  // namespace bankconnect::transcripts
