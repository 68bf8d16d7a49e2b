#include "src/control/batch_line.hpp"

#include <boost/json.hpp>

#include "bankconnect/text.hpp"
#include "bankconnect/view.hpp"
#include "src/control/doubled_member.hpp"
#include "src/control/query.hpp"

namespace bankconnect::control {

namespace json = boost::json;

namespace {

constexpr std::size_t kLongestQuotedLine = 100;

BatchLine rejected(std::string_view as_given, Error error) {
  BatchLine line;
  line.id_as_given = printable(as_given, kLongestQuotedLine);
  line.error = std::move(error);
  return line;
}

BatchLine rejected_request(std::string_view as_given, std::string message) {
  return rejected(as_given, Error(ErrorCode::bad_request, std::move(message)));
}

/// An id as editors, spreadsheets and other programs write it: one pair of quotes or braces, `urn:uuid:`.
std::string_view without_decoration(std::string_view text) {
  constexpr std::string_view kUrn = "urn:uuid:";
  const auto enclosed = [&text](char first, char last) {
    return text.size() >= 2 && text.front() == first && text.back() == last;
  };
  if (enclosed('"', '"') || enclosed('\'', '\'')) text = trim(text.substr(1, text.size() - 2));
  if (enclosed('{', '}')) text = trim(text.substr(1, text.size() - 2));
  if (to_lower(text.substr(0, kUrn.size())) == kUrn) text.remove_prefix(kUrn.size());
  return text;
}

BatchLine with_id(std::string_view text) {
  const auto id = read_session_id(text);
  if (id.has_error()) return rejected(text, id.error());
  BatchLine line;
  line.id_as_given = id->text();
  line.submission = Submission{*id, "", false, false};
  return line;
}

/// Reads one member besides `session_id` into the submission; returns what is wrong with it, or nothing.
std::string read_member(std::string_view key, const json::value& value, Submission& submission) {
  if (key == "reference") {
    if (value.is_null()) return "";
    if (!value.is_string()) return "\"reference\" must be a string";
    const json::string& text = value.get_string();
    if (text.size() > kMaxReference) return "\"reference\" is longer than 200 bytes";
    if (has_control_character(std::string_view(text.data(), text.size())))
      return "\"reference\" contains a control character";
    submission.reference = std::string(text.data(), text.size());
    return "";
  }
  if (key == "hold") {
    if (!value.is_bool()) return "\"hold\" must be true or false";
    submission.hold = value.get_bool();
    return "";
  }
  return "there is no member \"" + printable(key, 40) + "\"; known are session_id, reference, hold";
}

}  // namespace

Error object_too_long() {
  return {ErrorCode::payload_too_large,
          "an object, or a line, has at most " + std::to_string(kMaxObject) + " bytes"};
}

namespace {

/// How an id may be written: as it is, or with what lists put around it.
enum class IdForm : std::uint8_t { plain, as_in_lists };

BatchLine read_object(std::string_view text, IdForm form) {
  if (text.size() > kMaxObject) return rejected("", object_too_long());
  boost::system::error_code ec;
  const json::value parsed = json::parse(json::string_view(text.data(), text.size()), ec);
  if (ec) return rejected_request("", "not JSON: " + ec.message());
  const json::object* object = parsed.if_object();
  if (object == nullptr) return rejected_request("", "expected an object with \"session_id\"");
  if (const std::string twice = doubled_member(text); !twice.empty())
    return rejected_request("", "\"" + printable(twice, 40) + "\" is there twice");
  const json::value* id = object->if_contains("session_id");
  if (id == nullptr) return rejected_request("", "\"session_id\" is missing");
  if (!id->is_string())
    return rejected("", Error(ErrorCode::invalid_session_id, "\"session_id\" must be a string"));
  const std::string_view given(id->get_string().data(), id->get_string().size());
  BatchLine line = with_id(form == IdForm::as_in_lists ? without_decoration(trim(given)) : given);
  if (!line.submission) return line;
  for (const auto& member : *object) {
    const std::string_view key(member.key().data(), member.key().size());
    if (key == "session_id") continue;
    const std::string fault = read_member(key, member.value(), *line.submission);
    if (!fault.empty()) return rejected_request(given, fault);
  }
  return line;
}

}  // namespace

BatchLine read_submission(std::string_view text) {
  return read_object(text, IdForm::plain);
}

BatchLine read_id_line(std::string_view text) {
  if (text.size() > kMaxObject) return rejected(text, object_too_long());
  BatchLine line = with_id(without_decoration(trim(text)));
  if (!line.submission) line.id_as_given = printable(trim(text), kLongestQuotedLine);
  return line;
}

BatchLine read_batch_line(std::string_view text, std::uint64_t number, bool objects) {
  BatchLine line = objects ? read_object(text, IdForm::as_in_lists) : read_id_line(text);
  line.number = number;
  line.text = printable(text, kLongestQuotedLine);
  return line;
}

bool is_no_submission(std::string_view text) {
  const std::string_view trimmed = trim(text.substr(0, kMaxObject));
  return (trimmed.empty() && text.size() <= kMaxObject) || trimmed.starts_with('#');
}

Lines::Lines(std::string_view body) : rest_(body) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
}

std::optional<std::string_view> Lines::next() {
  if (rest_.empty()) return std::nullopt;
  ++number_;
  const auto end = rest_.find('\n');
  const std::string_view line = rest_.substr(0, end);
  rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
  return line;
}

std::string rejected_line(const BatchLine& line, const Error& error) {
  json::object out;
  out["session_id"] = line.id_as_given;
  out["line"] = line.number;
  out["text"] = line.text;
  out["result"] = "rejected";
  out["error"] = error_object(error);
  return json::serialize(out) + "\n";
}

std::string accepted_line(const BatchLine& line, const Submitted& outcome) {
  json::object out;
  out["session_id"] = line.submission->id.text();
  out["line"] = line.number;
  out["result"] = outcome.accepted ? "accepted" : "already_followed";
  if (!outcome.kept_reference.empty()) out["kept_reference"] = outcome.kept_reference;
  if (!outcome.accepted && line.submission->hold) out["held"] = !outcome.not_held;
  if (outcome.not_held) out["error"] = error_object(*outcome.not_held);
  return json::serialize(out) + "\n";
}

}  // namespace bankconnect::control
