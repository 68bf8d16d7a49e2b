#include "src/sandbox/message.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace bankconnect::sandbox {

namespace json = boost::json;

Reply json_reply(int status, std::string body) {
  Reply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

Reply html_reply(int status, std::string_view title) {
  Reply reply;
  reply.status = status;
  reply.content_type = "text/html; charset=utf-8";
  reply.body = fmt::format(
      "<!doctype html>\n<html "
      "lang=\"en\">\n<head><title>{0}</title></head>\n<body><h1>{0}</h1></body>\n</html>\n",
      title);
  return reply;
}

Reply error_reply(const ApiError& error) {
  const json::object body{{"error", {{"code", error.code}, {"message", error.message}}}};
  return json_reply(error.status, json::serialize(body));
}

Reply detail_reply(int status, std::string_view detail) {
  return json_reply(status, json::serialize(json::object{{"detail", detail}}));
}

bool answered(const Delivery& delivery) {
  return delivery.mode != DeliveryMode::dropped && delivery.mode != DeliveryMode::reset;
}

}  // namespace bankconnect::sandbox
