// Standard output. What cannot be written is remembered, so that nobody takes half an answer for a whole one.
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
  /// What was put so far is for a reader who waits for it.
  void flush();
  /// False: going on is pointless.
  bool works() const { return fault_ == 0; }

  /// Writes what is left and closes the file. Returns the errno of the first write that failed; 0 when all
  /// went well, and when the reader wanted no more.
  int end();

 private:
  void keep_fault();

  std::FILE* file_;
  int fault_ = 0;
};

}  // namespace bankconnect::ctl
