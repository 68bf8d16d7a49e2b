// Submissions at the control socket: the input is read as a batch of objects and as a batch of ids. Each line
// has one line of JSON as its result and does not affect the others.
#include "src/control/batch_line.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "tests/fuzz/target.hpp"

namespace bankconnect::fuzz {
namespace {

namespace json = boost::json;

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}

bool equals(const json::value& value, std::string_view text) {
  return value.is_string() && view(value.get_string()) == text;
}

json::object parse_result(const std::string& line) {
  must(line.find('\n') == line.size() - 1, "a line's result is one line");
  boost::system::error_code error;
  const json::value value = json::parse(line, error);
  must(!error && value.is_object(), "a line's result is a JSON object");
  return value.get_object();
}

void check_rejected(const control::BatchLine& line) {
  const ErrorCode code = line.error.code;
  must(code == ErrorCode::bad_request || code == ErrorCode::invalid_session_id ||
           code == ErrorCode::payload_too_large,
       "a rejection has one of three codes");
  must(!line.error.message.empty() && printable_ascii(line.error.message),
       "the message of a rejection is printable");
  must(line.id_as_given.size() <= 100 && printable_ascii(line.id_as_given),
       "the id as given is printable and short");
  const json::object result = parse_result(control::rejected_line(line, line.error));
  must(equals(result.at("result"), "rejected") && equals(result.at("error").at("code"), to_string(code)),
       "the result of a rejection has its code");
  must(equals(result.at("session_id"), line.id_as_given), "the result of a rejection has the id as given");
}

void check_submission(const control::BatchLine& line) {
  const Submission& submission = *line.submission;
  must(SessionId::parse(submission.id.text()) == submission.id, "an id is read as it is written");
  must(line.id_as_given == submission.id.text(), "an id is repeated in lower case");
  must(submission.reference.size() <= control::kMaxReference, "a reference has a limit");
  for (const bool accepted : {true, false}) {
    Submitted outcome;
    outcome.accepted = accepted;
    const json::object result = parse_result(control::accepted_line(line, outcome));
    must(equals(result.at("session_id"), submission.id.text()), "a result names its session");
    must(equals(result.at("result"), accepted ? "accepted" : "already_followed"),
         "a result says whether the session was new");
  }
}

void check_object(std::string_view text) {
  const control::BatchLine line = control::read_submission(text);
  if (!line.submission) return check_rejected(line);
  check_submission(line);
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  must(!error && value.is_object(), "an accepted line is a JSON object");
  const json::object& object = value.get_object();
  const auto id = SessionId::parse(view(object.at("session_id").as_string()));
  must(id && *id == line.submission->id, "the id of the object is the id that was read");
  const json::value* hold = object.if_contains("hold");
  must(line.submission->hold == (hold != nullptr && hold->as_bool()), "hold is as in the object");
  const json::value* reference = object.if_contains("reference");
  const bool given = reference != nullptr && !reference->is_null();
  const std::string_view expected = given ? view(reference->as_string()) : std::string_view();
  must(line.submission->reference == expected, "a reference is unchanged");
  must(std::ranges::none_of(expected,
                            [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }),
       "a reference has no control characters");
  must(object.size() == 1U + (hold != nullptr ? 1 : 0) + (reference != nullptr ? 1 : 0),
       "no unknown member is accepted");
}

void check_id(std::string_view text) {
  const control::BatchLine line = control::read_id_line(text);
  if (!line.submission) return check_rejected(line);
  check_submission(line);
  must(text.size() >= 36 &&
           text.find_first_not_of(" \t\r0123456789abcdefABCDEF-\"'{}urnUURNid:ID") == std::string_view::npos,
       "a line with an id has nothing else but what lists put around it");
}

void check(std::string_view body) {
  const auto feeds = static_cast<std::size_t>(std::ranges::count(body, '\n'));
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);  // a byte order mark is no part of a line
  const std::size_t expected = feeds + (body.empty() || body.ends_with('\n') ? 0 : 1);
  control::Lines lines(body);
  std::size_t count = 0;
  std::string joined;
  for (auto line = lines.next(); line; line = lines.next()) {
    ++count;
    joined.append(*line) += '\n';
    check_object(*line);
    check_id(*line);
  }
  must(count == expected, "there are as many lines as line feeds say");
  if (!body.empty() && !body.ends_with('\n')) joined.pop_back();
  must(joined == body, "no byte is lost between lines");
  check_object(body);
}

}  // namespace
}  // namespace bankconnect::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bankconnect::fuzz::check(bankconnect::fuzz::text_of(data, size));
  return 0;
}
