#include "src/webhook/body.hpp"

#include <boost/json/basic_parser_impl.hpp>

namespace bankconnect::webhook {

namespace json = boost::json;

namespace {

constexpr std::size_t kMaxDepth = 512;
constexpr std::size_t kLongestEventName = 100;
constexpr std::size_t kLongestKept = 128;  // longer than any session id, key of ours or event name

/// What the parser calls while it reads. Of all texts only the members `session_id` and `event_name` of the
/// outermost object are kept.
struct Reader {
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);
  using EC = boost::system::error_code;

  bool object = false;
  int session_ids = 0;
  bool session_id_is_text = false;
  std::string session_id;
  std::string event_name;

  bool on_document_begin(EC&) { return true; }
  bool on_document_end(EC&) { return true; }
  bool on_object_begin(EC&) {
    if (depth_ == 0) object = true;
    return enter();
  }
  bool on_object_end(std::size_t, EC&) { return leave(); }
  bool on_array_begin(EC&) { return enter(); }
  bool on_array_end(std::size_t, EC&) { return leave(); }
  bool on_key_part(json::string_view part, std::size_t, EC&) { return keep(text_, part); }
  bool on_key(json::string_view part, std::size_t, EC&) {
    keep(text_, part);
    if (depth_ == 1) {
      key_ = text_;
      if (key_ == "session_id") ++session_ids;
    }
    text_.clear();
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, EC&) { return keep(text_, part); }
  bool on_string(json::string_view part, std::size_t, EC&) {
    keep(text_, part);
    if (depth_ == 1 && key_ == "session_id") {
      session_id = text_;
      session_id_is_text = true;
    }
    if (depth_ == 1 && key_ == "event_name") event_name = text_;
    text_.clear();
    return true;
  }
  bool on_number_part(json::string_view, EC&) { return true; }
  bool on_int64(std::int64_t, json::string_view, EC&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, EC&) { return true; }
  bool on_double(double, json::string_view, EC&) { return true; }
  bool on_bool(bool, EC&) { return true; }
  bool on_null(EC&) { return true; }
  bool on_comment_part(json::string_view, EC&) { return true; }
  bool on_comment(json::string_view, EC&) { return true; }

 private:
  bool enter() {
    ++depth_;
    return true;
  }
  bool leave() {
    --depth_;
    return true;
  }
  static bool keep(std::string& text, json::string_view part) {
    text.append(part.data(), std::min(part.size(), kLongestKept - std::min(kLongestKept, text.size())));
    return true;
  }

  int depth_ = 0;
  std::string key_;
  std::string text_;
};

Error bad(const char* message) {
  return {"BAD_REQUEST", message};
}

std::string printable(std::string_view text) {
  std::string out(text.substr(0, kLongestEventName));
  for (char& c : out) {
    if (c < 0x20 || c >= 0x7f) c = '?';
  }
  return out;
}

}  // namespace

Result<Body> read_body(std::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::basic_parser<Reader> parser(options);
  boost::system::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (ec == json::error::too_deep) return bad("the body is nested too deeply");
  if (ec || used != text.size()) return bad("the body is not JSON");
  const Reader& reader = parser.handler();
  if (!reader.object) return bad("the body is not a JSON object");
  if (reader.session_ids == 0) return bad("the body has no \"session_id\"");
  if (reader.session_ids > 1) return bad("the body has more than one \"session_id\"");
  const auto id = reader.session_id_is_text ? SessionId::parse(reader.session_id) : std::nullopt;
  if (!id) return bad("\"session_id\" is not a session id (a UUID)");
  return Body{*id, printable(reader.event_name)};
}

}  // namespace bankconnect::webhook
