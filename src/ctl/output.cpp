#include "src/ctl/output.hpp"

#include <cerrno>

namespace bankconnect::ctl {

void Output::put(std::string_view text) {
  if (!works() || text.empty()) return;
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) keep_fault();
}

void Output::line(std::string_view text) {
  put(text);
  put("\n");
}

void Output::flush() {
  if (works() && std::fflush(file_) != 0) keep_fault();
}

int Output::end() {
  flush();
  // Some file systems tell only now that there was no room. One that was closed from the start has lost
  // nothing, or a write has told already.
  if (std::fclose(file_) != 0 && works() && errno != EBADF) keep_fault();
  return fault_ == EPIPE ? 0 : fault_;
}

/// A fault that gives no reason is one all the same.
void Output::keep_fault() {
  fault_ = errno != 0 ? errno : EIO;
}

}  // namespace bankconnect::ctl
