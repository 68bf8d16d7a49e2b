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
  Error error;               ///< set when there is no submission
  std::uint64_t number = 0;  ///< of the line in its batch, from 1; 0 for a single object
  std::string text;          ///< of the line; printable, shortened
};

/// `{"session_id", "reference"?, "hold"?}`; strict JSON, no other members.
BatchLine read_submission(std::string_view text);
/// A session id as lists have it: blanks around it, quotes, braces and `urn:uuid:` are ignored.
BatchLine read_id_line(std::string_view text);
/// A line of a batch: such an object, with its id written as in lists, or an id.
BatchLine read_batch_line(std::string_view text, std::uint64_t number, bool objects);
/// Whether a line of a batch is blank or a comment, which begins with `#`.
bool is_no_submission(std::string_view text);

/// Gives a batch's lines in order. A trailing line feed ends the last line and begins none; a byte order mark
/// before the first line is left out.
class Lines {
 public:
  explicit Lines(std::string_view body);
  std::optional<std::string_view> next();
  bool at_end() const { return rest_.empty(); }
  std::uint64_t number() const { return number_; }  ///< of the line that came last, from 1

 private:
  std::string_view rest_;
  std::uint64_t number_ = 0;
};

/// One line of the response to a batch, for a line that was rejected.
std::string rejected_line(const BatchLine& line, const Error& error);
/// The same for a line that was accepted, or whose session was followed already.
std::string accepted_line(const BatchLine& line, const Submitted& outcome);

}  // namespace bankconnect::control
