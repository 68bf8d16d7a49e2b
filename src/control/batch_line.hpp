// Submissions as clients write them, one object or one line of a batch each. A line that cannot be read is
// rejected by itself and does not affect the others. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bankconnect/follow.hpp"

namespace bankconnect::control {

inline constexpr std::size_t kMaxReference = 200;  ///< bytes
/// Bytes of an object, or of a line of a batch. Longer ones are rejected unparsed: parsing blocks the event
/// loop.
inline constexpr std::size_t kMaxObject = 64 * 1024;
Error object_too_long();

/// A submission, or why there is none.
struct BatchLine {
  std::string id_as_given;  ///< for the response; printable, shortened if it is very long
  std::optional<Submission> submission;
  Error error;  ///< set when there is no submission
};

/// `{"session_id", "reference"?, "hold"?}`; strict JSON, no other members.
BatchLine read_submission(std::string_view text);
/// A session id, blanks around it ignored.
BatchLine read_id_line(std::string_view text);

/// Gives a batch's lines in order. A trailing line feed ends the last line and begins none.
class Lines {
 public:
  explicit Lines(std::string_view body) : rest_(body) {}
  std::optional<std::string_view> next();

 private:
  std::string_view rest_;
};

/// One line of the response to a batch, for a line that was rejected.
std::string rejected_line(const BatchLine& line, const Error& error);
/// The same for a line that was accepted, or whose session was followed already.
std::string accepted_line(const Submission& submission, bool accepted);

}  // namespace bankconnect::control
