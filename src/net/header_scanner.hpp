// Finds the end of a request's header, byte by byte, before it is parsed. Line structure that a lenient
// parser would accept (a bare line feed, a folded line) is malformed here: two parsers that are lenient in
// different ways disagree on where the next request begins.
#pragma once

#include <cstddef>
#include <string_view>

namespace bankconnect::net {

class HeaderScanner {
 public:
  enum class Progress { incomplete, complete, malformed };

  /// `bytes`: everything received so far; it begins with the bytes of the call before.
  Progress scan(std::string_view bytes);
  /// What is wrong, after `malformed`.
  const char* fault() const { return fault_; }

 private:
  Progress malformed(const char* what) {
    fault_ = what;
    return Progress::malformed;
  }

  std::size_t at_ = 0;
  std::size_t line_ = 0;  ///< where the current line begins
  bool after_cr_ = false;
  const char* fault_ = "";
};

}  // namespace bankconnect::net
