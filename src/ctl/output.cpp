#include "src/ctl/output.hpp"

#include <cerrno>

namespace bankconnect::ctl {

void Output::put(std::string_view text) {
  if (!works() || text.empty()) return;
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) record_failure();
}

void Output::line(std::string_view text) {
  put(text);
  put("\n");
}

void Output::flush() {
  if (works() && std::fflush(file_) != 0) record_failure();
}

int Output::end() {
  flush();
  // Some file systems report a full disk only now. EBADF: the file was closed from the start; a write that
  // lost something has reported it already.
  if (std::fclose(file_) != 0 && works() && errno != EBADF) record_failure();
  return failure_ == EPIPE ? 0 : failure_;
}

/// A failure without an errno counts, too.
void Output::record_failure() {
  failure_ = errno != 0 ? errno : EIO;
}

}  // namespace bankconnect::ctl
