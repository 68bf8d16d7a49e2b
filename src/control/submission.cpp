#include "src/control/submission.hpp"

#include <boost/json.hpp>

namespace bankconnect::control {

namespace json = boost::json;

namespace {

constexpr std::size_t kLongestEcho = 100;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

Line rejected(std::string_view as_given, Error error) {
  return {shown(as_given, kLongestEcho), std::nullopt, std::move(error)};
}

Line rejected(std::string_view as_given, const char* code, std::string message) {
  return rejected(as_given, Error(code, std::move(message)));
}

Line with_id(std::string_view text) {
  const auto id = SessionId::parse(text);
  if (!id)
    return rejected(text, "INVALID_SESSION_ID", "a session id is a UUID: 8-4-4-4-12 hexadecimal digits");
  return {id->text(), Submission{*id, "", false}, {}};
}

bool printable(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  return true;
}

/// Takes one member besides `session_id` into the submission; says what is wrong with it otherwise.
std::string take_member(std::string_view key, const json::value& value, Submission& submission) {
  if (key == "reference") {
    if (value.is_null()) return "";
    if (!value.is_string()) return "\"reference\" must be a string";
    const json::string& text = value.get_string();
    if (text.size() > kLongestReference) return "\"reference\" is longer than 200 bytes";
    if (!printable(std::string_view(text.data(), text.size())))
      return "\"reference\" contains a control character";
    submission.reference = std::string(text.data(), text.size());
    return "";
  }
  if (key == "hold") {
    if (!value.is_bool()) return "\"hold\" must be true or false";
    submission.hold = value.get_bool();
    return "";
  }
  return "there is no member \"" + shown(key, 40) + "\"; known are session_id, reference, hold";
}

}  // namespace

std::string shown(std::string_view text, std::size_t most) {
  std::string out(text.substr(0, most));
  for (char& c : out) {
    // Above ASCII, too: half a character would break the JSON.
    if (const auto byte = static_cast<unsigned char>(c); byte < 0x20 || byte >= 0x7f) c = '?';
  }
  return out;
}

Error too_long() {
  return {"PAYLOAD_TOO_LARGE",
          "an object, or a line, has at most " + std::to_string(kLongestObject) + " bytes"};
}

Line read_object(std::string_view text) {
  if (text.size() > kLongestObject) return rejected("", too_long());
  boost::system::error_code ec;
  const json::value parsed = json::parse(json::string_view(text.data(), text.size()), ec);
  if (ec) return rejected("", "BAD_REQUEST", "not JSON: " + ec.message());
  const json::object* object = parsed.if_object();
  if (object == nullptr) return rejected("", "BAD_REQUEST", "expected an object with \"session_id\"");
  const json::value* id = object->if_contains("session_id");
  if (id == nullptr) return rejected("", "BAD_REQUEST", "\"session_id\" is missing");
  if (!id->is_string()) return rejected("", "INVALID_SESSION_ID", "\"session_id\" must be a string");
  const std::string_view given(id->get_string().data(), id->get_string().size());
  Line line = with_id(given);
  if (!line.submission) return line;
  for (const auto& member : *object) {
    const std::string_view key(member.key().data(), member.key().size());
    if (key == "session_id") continue;
    const std::string fault = take_member(key, member.value(), *line.submission);
    if (!fault.empty()) return rejected(given, "BAD_REQUEST", fault);
  }
  return line;
}

Line read_id(std::string_view text) {
  if (text.size() > kLongestObject) return rejected(text, too_long());
  return with_id(trimmed(text));
}

std::optional<std::string_view> Lines::next() {
  if (rest_.empty()) return std::nullopt;
  const auto end = rest_.find('\n');
  const std::string_view line = rest_.substr(0, end);
  rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
  return line;
}

std::string result_line(const Line& line, const Error& error) {
  json::object out;
  out["session_id"] = line.as_given;
  out["result"] = "rejected";
  out["error"] = json::object{{"code", error.code}, {"message", error.message}};
  return json::serialize(out) + "\n";
}

std::string result_line(const Submission& submission, bool accepted) {
  json::object out;
  out["session_id"] = submission.id.text();
  out["result"] = accepted ? "accepted" : "already_followed";
  return json::serialize(out) + "\n";
}

}  // namespace bankconnect::control
