// A webhook's body. What is accepted is a JSON object that names one session, once, as anyone would read it.
#include "src/webhook/body.hpp"

#include <boost/json.hpp>

#include "tests/fuzz/target.hpp"

namespace bankconnect::fuzz {
namespace {

namespace json = boost::json;

json::value parsed(std::string_view text) {
  json::parse_options options;
  options.max_depth = 512;
  boost::system::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
  must(!error, "what is accepted is JSON");
  return value;
}

/// The body with something put behind its opening brace.
std::string with_first(std::string_view body, std::string_view members) {
  std::string out(body);
  return out.insert(out.find('{') + 1, members);
}

void check_accepted(std::string_view text, const webhook::Body& body) {
  const json::value value = parsed(text);
  must(value.is_object(), "what is accepted is an object");
  const json::value* id = value.get_object().if_contains("session_id");
  must(id != nullptr && id->is_string(), "what is accepted has a session_id");
  const auto named = SessionId::parse({id->get_string().data(), id->get_string().size()});
  must(named && *named == body.id, "the session named is the session taken");
  must(body.event_name.size() <= 100 && printable_ascii(body.event_name), "an event name can be shown");
  const json::value* event = value.get_object().if_contains("event_name");
  const bool kept = event != nullptr && event->is_string() && event->get_string().size() <= 100 &&
                    printable_ascii({event->get_string().data(), event->get_string().size()});
  if (kept) must(event->get_string() == body.event_name, "an event name is kept as it came");

  const std::string other = "\"d35b9df1-871d-43d1-b6c1-67ded2c2e8e5\",";
  const auto refused = [&](std::string_view members) {
    return webhook::read_body(with_first(text, members)).has_error();
  };
  must(refused("\"session_id\":" + other), "a second session_id is refused");
  must(refused("\"session\\u005fid\":" + other), "a second session_id is refused, however it is spelled");
  must(refused("\"session_id\":null,"), "a second session_id is refused, whatever it is");
  const std::string inside = "{\"data\":" + std::string(text) + "}";
  must(webhook::read_body(inside).has_error(), "a session_id further inside is none");
  must(webhook::read_body(std::string(text) + "{}").has_error(), "nothing may follow the object");
}

void check(std::string_view text) {
  const auto body = webhook::read_body(text);
  if (body.has_value()) {
    check_accepted(text, *body);
    return;
  }
  must(body.error().code == "BAD_REQUEST", "what is refused is a bad request");
  must(body.error().message.size() < 80 && printable_ascii(body.error().message), "a refusal can be shown");
}

}  // namespace
}  // namespace bankconnect::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bankconnect::fuzz::check(bankconnect::fuzz::text_of(data, size));
  return 0;
}
