#pragma once

#include <cstdint>
#include <deque>
#include <fstream>
#include <string>
#include <string_view>

#include "src/sandbox/log_entry.hpp"

namespace bankconnect::sandbox {

// Keeps the newest lines in memory for GET /sandbox/log and appends every line to an optional file.
class RequestLog {
 public:
  explicit RequestLog(
      const std::string& file);  // empty: none; throws std::runtime_error if it cannot be opened

  void add(LogEntry entry);
  bool dirty() const { return dirty_; }
  void flush();

  std::string lines(std::string_view session_id) const;  // NDJSON; an empty id selects all sessions

 private:
  struct Line {
    std::string session_id;
    std::string text;
  };

  std::ofstream file_;
  std::deque<Line> newest_;
  std::uint64_t seq_ = 0;
  bool dirty_ = false;
};

}  // namespace bankconnect::sandbox
