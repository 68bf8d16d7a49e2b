// Standard output. The first write that fails is remembered, so that a truncated output ends in an error.
#pragma once

#include <cstdio>
#include <string_view>

namespace bankconnect::ctl {

class Output {
 public:
  /// `file` is closed by `end`.
  explicit Output(std::FILE* file) : file_(file) {}

  /// After something could not be written, nothing more is.
  void put(std::string_view text);
  void line(std::string_view text);
  /// Writes out what was put so far.
  void flush();
  /// False once a write has failed.
  bool works() const { return failure_ == 0; }

  /// Writes what is left and closes the file. Returns the errno of the first write that failed; 0 when all
  /// went well, and when the reader wanted no more.
  int end();

 private:
  void record_failure();

  std::FILE* file_;
  int failure_ = 0;
};

}  // namespace bankconnect::ctl
