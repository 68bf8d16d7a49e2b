// Up to which event the files of sessions are known to be written. status.json keeps it, so that a start
// after a crash writes what the crash left unwritten: the file of a session that is final by then would
// otherwise never be written again.
#pragma once

#include <cstdint>
#include <string>

#include "bankconnect/archive.hpp"
#include "src/monitor/session_files.hpp"

namespace bankconnect::monitor {

/// `files_through` of a status.json; 0 when there is none to be read.
std::uint64_t files_through_in(const std::string& status_json);

class FileMark {
 public:
  FileMark(SessionFiles& files, Archive& archive) : files_(files), archive_(archive) {}

  /// Writes the files of sessions with events after `kept`, which an earlier run had come to. A mark beyond
  /// `last_seq` is another database's: then all files are written.
  void catch_up(std::uint64_t kept, std::uint64_t last_seq);
  /// From time to time, with the newest event of which the files were told.
  void advance(std::uint64_t last_seq);
  std::uint64_t through() const { return through_; }

 private:
  void next_page();

  SessionFiles& files_;
  Archive& archive_;
  std::uint64_t through_ = 0;
  std::uint64_t looked_through_ = 0;  ///< while catching up
  bool caught_up_ = false;
  bool broken_off_ = false;         ///< a page could not be read; asked for again from time to time
  std::uint64_t next_through_ = 0;  ///< once this many writes are done
  std::uint64_t next_writes_ = 0;
};

}  // namespace bankconnect::monitor
