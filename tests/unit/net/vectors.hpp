// The public conformance vectors of tests/conformance/vectors, and how the suites they come from judge a
// response. Their notation is described in tests/conformance/README.md.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace bankconnect::test {

struct Vector {
  std::string id;
  bool scored = true;
  std::string pass;                ///< outcomes that pass
  std::string warn;                ///< outcomes that pass with a warning
  std::vector<std::string> sends;  ///< bytes; the second is sent after the response to the first
};
std::ostream& operator<<(std::ostream& out, const Vector& vector);

/// What was received after one send.
struct Reply {
  int status = 0;  ///< 0: nothing was received
  std::string head;
  std::string body;
  int status_lines = 0;
  bool closed = false;
};
Reply read_reply(std::string_view bytes, bool closed);

enum class Verdict { pass, warn, fail };
std::ostream& operator<<(std::ostream& out, Verdict verdict);
Verdict judge(const Vector& vector, const std::vector<Reply>& replies);

/// All vectors of one file.
std::vector<Vector> read_vectors(const std::string& name);

}  // namespace bankconnect::test
