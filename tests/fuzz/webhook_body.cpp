// A webhook's body. An accepted one is a JSON object with one session_id, whichever parser reads it.
#include "src/webhook/body.hpp"

#include <boost/json.hpp>

#include "bankconnect/lenient_json.hpp"
#include "tests/fuzz/target.hpp"

namespace bankconnect::fuzz {
namespace {

namespace json = boost::json;

json::value parsed(std::string_view text) {
  json::parse_options options;
  options.max_depth = 512;
  boost::system::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
  if (error) value = json::parse(lenient_json(text), error, {}, options);
  must(!error, "an accepted body is JSON");
  return value;
}

/// The body with members inserted after its opening brace.
std::string insert_members(std::string_view body, std::string_view members) {
  std::string out(body);
  return out.insert(out.find('{') + 1, members);
}

void check_accepted(std::string_view text, const webhook::Body& body) {
  const json::value value = parsed(text);
  must(value.is_object(), "an accepted body is an object");
  const json::value* id = value.get_object().if_contains("session_id");
  must(id != nullptr && id->is_string(), "an accepted body has a session_id");
  const auto named = SessionId::parse({id->get_string().data(), id->get_string().size()});
  must(named && *named == body.id, "the session_id of the object is the one that was read");
  must(body.event_name.size() <= 100 && printable_ascii(body.event_name),
       "an event name is printable and short");
  const json::value* event = value.get_object().if_contains("event_name");
  const bool unchanged = event != nullptr && event->is_string() && event->get_string().size() <= 100 &&
                         printable_ascii({event->get_string().data(), event->get_string().size()});
  if (unchanged) must(event->get_string() == body.event_name, "a short printable event name is unchanged");

  const std::string other = "\"d35b9df1-871d-43d1-b6c1-67ded2c2e8e5\",";
  const auto refused = [&](std::string_view members) {
    return webhook::read_body(insert_members(text, members)).has_error();
  };
  must(refused("\"session_id\":" + other), "a second session_id is refused");
  must(refused("\"session\\u005fid\":" + other), "a second session_id is refused, escapes included");
  must(refused("\"session_id\":null,"), "a second session_id is refused, whatever its type");
  const std::string inside = "{\"data\":" + std::string(text) + "}";
  must(webhook::read_body(inside).has_error(), "a session_id inside another member does not count");
  must(webhook::read_body(std::string(text) + "{}").has_error(), "nothing may follow the object");
}

void check(std::string_view text) {
  const auto body = webhook::read_body(text);
  if (body.has_value()) {
    check_accepted(text, *body);
    return;
  }
  must(body.error().code == ErrorCode::bad_request, "a refused body is a bad request");
  must(body.error().message.size() < 80 && printable_ascii(body.error().message),
       "the message of a refusal is printable and short");
}

}  // namespace
}  // namespace bankconnect::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bankconnect::fuzz::check(bankconnect::fuzz::text_of(data, size));
  return 0;
}
