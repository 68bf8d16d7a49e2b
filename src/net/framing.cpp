#include "src/net/framing.hpp"

namespace bankconnect::net {

HeaderScanner::Found HeaderScanner::look(std::string_view bytes) {
  for (; at_ < bytes.size(); ++at_) {
    const char c = bytes[at_];
    if (after_cr_ != (c == '\n')) return wrong("a line ends with CR LF, and neither stands alone");
    after_cr_ = c == '\r';
    if (c == '\n') {
      const bool empty = at_ == line_ + 1;
      if (empty && line_ == 0) return wrong("the request line is empty");
      if (empty) return Found::whole;
      line_ = at_ + 1;
      continue;
    }
    if (c == '\r') continue;
    if ((c == ' ' || c == '\t') && at_ == line_) return wrong("a line begins with a blank");
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f)
      return wrong("a control character in the header");
  }
  return Found::more;
}

}  // namespace bankconnect::net
