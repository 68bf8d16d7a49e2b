#include "src/webhook/body.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>

#include "bankconnect/json_handler.hpp"
#include "bankconnect/lenient_json.hpp"
#include "bankconnect/text.hpp"

namespace bankconnect::webhook {

namespace json = boost::json;

namespace {

constexpr std::size_t kMaxDepth = 512;
constexpr std::size_t kMaxEventName = 100;
constexpr std::size_t kMaxText = 128;  // longer than any session id, wanted key or event name

/// Keeps the texts of the members `session_id` and `event_name` of the outermost object.
struct Reader : NestingHandler {
  bool object = false;
  int session_ids = 0;
  bool session_id_is_text = false;
  std::string session_id;
  std::string event_name;

  bool on_object_begin(EC& ec) {
    if (depth == 0) object = true;
    return NestingHandler::on_object_begin(ec);
  }
  bool on_key_part(Text part, std::size_t, EC&) { return append(part); }
  bool on_key(Text part, std::size_t, EC&) {
    append(part);
    if (depth == 1) {
      key_ = text_;
      if (key_ == "session_id") ++session_ids;
    }
    text_.clear();
    return true;
  }
  bool on_string_part(Text part, std::size_t, EC&) { return append(part); }
  bool on_string(Text part, std::size_t, EC&) {
    append(part);
    if (depth == 1 && key_ == "session_id") {
      session_id = text_;
      session_id_is_text = true;
    }
    if (depth == 1 && key_ == "event_name") event_name = text_;
    text_.clear();
    return true;
  }

 private:
  bool append(Text part) {
    text_.append(part.data(), std::min(part.size(), kMaxText - std::min(kMaxText, text_.size())));
    return true;
  }

  std::string key_;
  std::string text_;
};

Error bad_request(const char* message) {
  return {ErrorCode::bad_request, message};
}

/// Parses the whole text.
Result<Reader> parse(std::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::basic_parser<Reader> parser(options);
  boost::system::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (ec == json::error::too_deep) return bad_request("the body is nested too deeply");
  if (ec || used != text.size()) return bad_request("the body is not JSON");
  return std::move(parser.handler());
}

}  // namespace

Result<Body> read_body(std::string_view text) {
  Result<Reader> parsed = parse(text);
  if (parsed.has_error()) {
    const std::string lenient = lenient_json(text);
    if (lenient != text) parsed = parse(lenient);
  }
  if (parsed.has_error()) return parsed.error();
  const Reader& reader = *parsed;
  if (!reader.object) return bad_request("the body is not a JSON object");
  if (reader.session_ids == 0) return bad_request("the body has no \"session_id\"");
  if (reader.session_ids > 1) return bad_request("the body has more than one \"session_id\"");
  const auto id = reader.session_id_is_text ? SessionId::parse(reader.session_id) : std::nullopt;
  if (!id) return bad_request("\"session_id\" is not a session id (a UUID)");
  return Body{*id, printable(reader.event_name, kMaxEventName)};
}

}  // namespace bankconnect::webhook
