// What clients hand in, read line by line: a bad line is refused by itself and costs its neighbours nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bankconnect/follow.hpp"

namespace bankconnect::control {

inline constexpr std::size_t kLongestReference = 200;
/// Bytes of an object, or of a line of a batch: what is longer is refused unread, so that nobody waits while
/// it is parsed.
inline constexpr std::size_t kLongestObject = 64 * 1024;
Error too_long();

/// `text` cut to `most` bytes, with whatever is not printable ASCII replaced: fit to be said back to a
/// client.
std::string shown(std::string_view text, std::size_t most);

/// One line of a batch: a submission, or why it is none.
struct Line {
  std::string as_given;  ///< the id as the client wrote it, for the answer; shortened if it is absurdly long
  std::optional<Submission> submission;
  Error error;  ///< set when there is no submission
};

/// `{"session_id", "reference"?, "hold"?}`; strict JSON, no other members.
Line read_object(std::string_view text);
/// A session id, blanks around it ignored.
Line read_id(std::string_view text);

/// Hands out a batch's lines in order. A trailing line feed ends the last line and begins none.
class Lines {
 public:
  explicit Lines(std::string_view body) : rest_(body) {}
  std::optional<std::string_view> next();

 private:
  std::string_view rest_;
};

/// One line of the answer to a batch.
std::string result_line(const Line& line, const Error& error);         ///< rejected
std::string result_line(const Submission& submission, bool accepted);  ///< accepted or already_followed

}  // namespace bankconnect::control
