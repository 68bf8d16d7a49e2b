// What is handed in at the control socket: a batch, read once as objects and once as ids. Every line gets one
// line of JSON back, and none costs its neighbours anything.
#include "src/control/submission.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "tests/fuzz/target.hpp"

namespace bankconnect::fuzz {
namespace {

namespace json = boost::json;

std::string_view view(const json::string& text) {
  return {text.data(), text.size()};
}

bool says(const json::value& value, std::string_view text) {
  return value.is_string() && view(value.get_string()) == text;
}

json::object one_line_of_json(const std::string& line) {
  must(line.find('\n') == line.size() - 1, "a line's answer is one line");
  boost::system::error_code error;
  const json::value value = json::parse(line, error);
  must(!error && value.is_object(), "a line's answer is a JSON object");
  return value.get_object();
}

void check_refusal(const control::Line& line) {
  const std::string& code = line.error.code;
  must(code == "BAD_REQUEST" || code == "INVALID_SESSION_ID" || code == "PAYLOAD_TOO_LARGE",
       "a refusal has a code");
  must(!line.error.message.empty() && printable_ascii(line.error.message), "a refusal can be shown");
  must(line.as_given.size() <= 100 && printable_ascii(line.as_given), "what was given can be said back");
  const json::object answer = one_line_of_json(control::result_line(line, line.error));
  must(says(answer.at("result"), "rejected") && says(answer.at("error").at("code"), line.error.code),
       "a refusal says so");
  must(says(answer.at("session_id"), line.as_given), "a refusal says what was given");
}

void check_submission(const control::Line& line) {
  const Submission& submission = *line.submission;
  must(SessionId::parse(submission.id.text()) == submission.id, "an id is read as it is written");
  must(line.as_given == submission.id.text(), "an id is said back in lower case");
  must(submission.reference.size() <= control::kLongestReference, "a reference has a limit");
  for (const bool accepted : {true, false}) {
    const json::object answer = one_line_of_json(control::result_line(submission, accepted));
    must(says(answer.at("session_id"), submission.id.text()), "an answer names its session");
    must(says(answer.at("result"), accepted ? "accepted" : "already_followed"),
         "an answer says what was done");
  }
}

void check_object(std::string_view text) {
  const control::Line line = control::read_object(text);
  if (!line.submission) return check_refusal(line);
  check_submission(line);
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  must(!error && value.is_object(), "what is accepted is a JSON object");
  const json::object& object = value.get_object();
  const auto id = SessionId::parse(view(object.at("session_id").as_string()));
  must(id && *id == line.submission->id, "the session named is the session taken");
  const json::value* hold = object.if_contains("hold");
  must(line.submission->hold == (hold != nullptr && hold->as_bool()), "hold is what was asked for");
  const json::value* reference = object.if_contains("reference");
  const bool given = reference != nullptr && !reference->is_null();
  const std::string_view said = given ? view(reference->as_string()) : std::string_view();
  must(line.submission->reference == said, "a reference is kept as it came");
  must(std::ranges::none_of(said, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }),
       "a reference has no control characters");
  must(object.size() == 1U + (hold != nullptr ? 1 : 0) + (reference != nullptr ? 1 : 0),
       "nothing unknown is accepted");
}

void check_id(std::string_view text) {
  const control::Line line = control::read_id(text);
  if (!line.submission) return check_refusal(line);
  check_submission(line);
  must(text.size() >= 36 && text.find_first_not_of(" \t\r0123456789abcdefABCDEF-") == std::string_view::npos,
       "an id stands alone in its line");
}

void check(std::string_view body) {
  const auto feeds = static_cast<std::size_t>(std::ranges::count(body, '\n'));
  const std::size_t expected = feeds + (body.empty() || body.ends_with('\n') ? 0 : 1);
  control::Lines lines(body);
  std::size_t count = 0;
  std::string together;
  for (auto line = lines.next(); line; line = lines.next()) {
    ++count;
    together.append(*line) += '\n';
    check_object(*line);
    check_id(*line);
  }
  must(count == expected, "there are as many lines as were sent");
  if (!body.empty() && !body.ends_with('\n')) together.pop_back();
  must(together == body, "no byte is lost between the lines");
  check_object(body);
}

}  // namespace
}  // namespace bankconnect::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bankconnect::fuzz::check(bankconnect::fuzz::text_of(data, size));
  return 0;
}
