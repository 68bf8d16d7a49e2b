#include "src/net/header_scanner.hpp"

namespace bankconnect::net {

HeaderScanner::Progress HeaderScanner::scan(std::string_view bytes) {
  for (; at_ < bytes.size(); ++at_) {
    const char c = bytes[at_];
    if (after_cr_ != (c == '\n')) return malformed("a line ends with CR LF, and neither stands alone");
    after_cr_ = c == '\r';
    if (c == '\n') {
      const bool empty = at_ == line_ + 1;
      if (empty && line_ == 0) return malformed("the request line is empty");
      if (empty) return Progress::complete;
      line_ = at_ + 1;
      continue;
    }
    if (c == '\r') continue;
    if ((c == ' ' || c == '\t') && at_ == line_) return malformed("a line begins with a blank");
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f)
      return malformed("a control character in the header");
  }
  return Progress::incomplete;
}

}  // namespace bankconnect::net
