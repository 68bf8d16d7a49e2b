#include "src/sandbox/ids.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <random>

namespace bankconnect::sandbox {
namespace {

std::string uuid_of(std::uint64_t high, std::uint64_t low) {
  // Version 4, variant 1, as in the documents' samples.
  high = (high & 0xffffffffffff0fffULL) | 0x4000ULL;
  low = (low & 0x3fffffffffffffffULL) | 0x8000000000000000ULL;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xffff,
                     low >> 48, low & 0xffffffffffffULL);
}

}  // namespace

SeededRandom::SeededRandom(std::string_view text) : state_(0xcbf29ce484222325ULL) {
  for (const char c : text) {  // FNV-1a
    state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
}

std::uint64_t SeededRandom::next() {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  }
  return true;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

std::string derived_uuid(std::string_view text) {
  SeededRandom rng(text);
  const std::uint64_t high = rng.next();
  const std::uint64_t low = rng.next();
  return uuid_of(high, low);
}

std::string random_uuid() {
  static std::mt19937_64 engine{(std::uint64_t{std::random_device{}()} << 32) | std::random_device{}()};
  const std::uint64_t high = engine();
  const std::uint64_t low = engine();
  return uuid_of(high, low);
}

std::string derived_digits(std::string_view text, int count) {
  SeededRandom rng(text);
  std::string digits(1, static_cast<char>('1' + rng.below(9)));
  while (static_cast<int>(digits.size()) < count)
    digits += static_cast<char>('0' + rng.below(10));
  return digits;
}

}  // namespace bankconnect::sandbox
