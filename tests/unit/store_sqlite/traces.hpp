// Searches the database's files for bytes of a session.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

namespace bankconnect::test {

/// Bytes that must not be found once their session is erased. The search is for eight bytes in every 64.
struct Trace {
  std::string what;
  std::string bytes;
};

inline constexpr std::size_t kNeedle = 8;

inline std::string contents(const std::string& path) {
  std::ostringstream out;  // not character by character, which takes minutes under ThreadSanitizer
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

/// The contents of the database's files at one moment.
class Search {
 public:
  explicit Search(const std::string& path) {
    for (const char* suffix : {"", "-wal", "-shm"})
      files_[suffix] = contents(path + suffix);
  }

  /// Describes every place where bytes of a trace are found.
  std::vector<std::string> find(const std::vector<Trace>& traces) const {
    std::unordered_map<std::uint64_t, const Trace*> needles;
    // Whether a needle has this hash: most places of a file need no look-up.
    std::vector<std::uint8_t> hashes(1U << 16U);
    for (const Trace& trace : traces) {
      for (std::size_t at = 0; at + kNeedle <= trace.bytes.size(); at += std::max<std::size_t>(64, kNeedle)) {
        const std::uint64_t needle = word(trace.bytes.data() + at);
        needles.emplace(needle, &trace);
        hashes[hash(needle)] = 1;
      }
    }
    std::vector<std::string> found;
    for (const auto& [suffix, bytes] : files_) {
      const char* const text = bytes.data();
      const std::uint8_t* const wanted = hashes.data();
      const std::size_t end = bytes.size() - std::min(bytes.size(), kNeedle - 1);
      for (std::size_t at = 0; at < end; ++at) {
        std::uint64_t here = 0;
        std::memcpy(&here, text + at, kNeedle);
        if (wanted[hash(here)] == 0 || here == 0) continue;
        const auto hit = needles.find(here);
        if (hit != needles.end()) {
          found.push_back(hit->second->what + " in db" + suffix + " at page " +
                          std::to_string(at / 4096 + 1) + "+" + std::to_string(at % 4096));
        }
      }
    }
    return found;
  }

 private:
  static std::uint64_t word(const char* at) {
    std::uint64_t value = 0;
    std::memcpy(&value, at, kNeedle);
    return value;
  }
  static std::size_t hash(std::uint64_t word) { return (word * 0x9E3779B97F4A7C15U) >> 48U; }
  std::map<std::string, std::string> files_;
};

/// For a failed test's message.
inline std::string first_few(const std::vector<std::string>& found) {
  std::string out = std::to_string(found.size()) + " traces left";
  for (std::size_t i = 0; i < std::min<std::size_t>(found.size(), 8); ++i)
    out += "\n  " + found[i];
  return out;
}

}  // namespace bankconnect::test
