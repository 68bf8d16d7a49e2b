#include "src/sandbox/number_parsing.hpp"

#include <array>
#include <utility>

namespace bankconnect::sandbox {
namespace {

template <typename Unit>
using UnitName = std::pair<std::string_view, Unit>;

// Takes the first matching suffix, so "ms" must stand before "s" in `units`.
template <typename Unit, std::size_t N>
std::optional<std::pair<std::uint32_t, Unit>> split(std::string_view text,
                                                    const std::array<UnitName<Unit>, N>& units) {
  for (const auto& [suffix, unit] : units) {
    if (!text.ends_with(suffix)) continue;
    const auto count = parse_number<std::uint32_t>(text.substr(0, text.size() - suffix.size()));
    if (!count) return std::nullopt;
    return std::pair{*count, unit};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  using namespace std::chrono_literals;
  static constexpr std::array<UnitName<Duration>, 5> kUnits{
      {{"ms", 1ms}, {"s", 1s}, {"m", 1min}, {"h", 1h}, {"d", 24h}}};
  const auto parts = split(text, kUnits);
  constexpr Duration kMaxDuration = 3650 * 24h;  // a longer one would overflow Instant
  if (!parts || parts->first > kMaxDuration / parts->second) return std::nullopt;
  return parts->first * parts->second;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  static constexpr std::array<UnitName<std::uint64_t>, 3> kUnits{
      {{"KiB", 1024}, {"MiB", 1024 * 1024}, {"B", 1}}};
  const auto parts = split(text, kUnits);
  if (!parts) return std::nullopt;
  return parts->first * parts->second;
}

}  // namespace bankconnect::sandbox
