// Searches the database's files for bytes of a session.
#pragma once

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
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
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
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
    for (const Trace& trace : traces) {
      for (std::size_t at = 0; at + kNeedle <= trace.bytes.size(); at += std::max<std::size_t>(64, kNeedle)) {
        needles.emplace(word(trace.bytes.data() + at), &trace);
      }
    }
    std::vector<std::string> found;
    for (const auto& [suffix, bytes] : files_) {
      for (std::size_t at = 0; at + kNeedle <= bytes.size(); ++at) {
        const std::uint64_t here = word(bytes.data() + at);
        if (here == 0) continue;
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
    std::copy_n(at, kNeedle, reinterpret_cast<char*>(&value));
    return value;
  }
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
