// Where a request's header ends, byte by byte, before anybody interprets it. What a lenient parser would mend
// (a bare line feed, a folded line) is a fault here: two parsers that mend differently disagree on where the
// next request begins.
#pragma once

#include <cstddef>
#include <string_view>

namespace bankconnect::net {

class HeaderScanner {
 public:
  enum class Found { more, whole, fault };

  /// Looks at what has arrived so far; the bytes of the call before must be its beginning.
  Found look(std::string_view bytes);
  /// What is wrong, after `fault`.
  const char* fault() const { return fault_; }

 private:
  Found wrong(const char* what) {
    fault_ = what;
    return Found::fault;
  }

  std::size_t at_ = 0;
  std::size_t line_ = 0;  ///< where the present line begins
  bool after_cr_ = false;
  const char* fault_ = "";
};

}  // namespace bankconnect::net
