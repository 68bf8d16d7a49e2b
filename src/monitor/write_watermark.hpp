// The event up to which the session files are known to be written. status.json keeps it, so that a start
// after a crash writes the files that the crash left unwritten: the file of a session that is final by then
// would otherwise never be written again.
#pragma once

#include <cstdint>
#include <string>

#include "bankconnect/store.hpp"
#include "src/monitor/session_files.hpp"

namespace bankconnect::monitor {

/// `log_id` and `last_event_seq` in a status.json; empty where it has none.
LogPosition log_position_in(const std::string& status_json);

/// `files_through` of a status.json; 0 when it cannot be read.
std::uint64_t files_through_in(const std::string& status_json);

class WriteWatermark {
 public:
  WriteWatermark(SessionFiles& files, StoreReader& store) : files_(files), store_(store) {}

  /// Writes the files of sessions with events after `reached`, the watermark of an earlier run. A watermark
  /// beyond `last_seq` belongs to another database: then all files are written.
  void catch_up(std::uint64_t reached, std::uint64_t last_seq);
  /// To be called from time to time, with the newest event that the files were notified of.
  void advance(std::uint64_t last_seq);
  std::uint64_t through() const { return through_; }

 private:
  void next_page();

  SessionFiles& files_;
  StoreReader& store_;
  std::uint64_t through_ = 0;
  std::uint64_t scanned_through_ = 0;  ///< while catching up
  bool caught_up_ = false;
  bool interrupted_ = false;        ///< a page could not be read; `advance` asks for it again
  std::uint64_t next_through_ = 0;  ///< once this many writes are done
  std::uint64_t next_writes_ = 0;
};

}  // namespace bankconnect::monitor
