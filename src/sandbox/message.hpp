#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/sandbox/api_error.hpp"
#include "src/sandbox/time_format.hpp"

namespace bankconnect::sandbox {

// What a call looks like once the wire is done with it.
struct Request {
  std::string method;
  std::string target;
  std::string api_key;
  std::string server_hash;
  std::string content_type;
  std::string body;
};

// How an answer travels; everything but `whole` is a fault of the line.
enum class DeliveryMode { complete, dropped, reset, head_only, truncated, slow_body };

struct Delivery {
  DeliveryMode mode = DeliveryMode::complete;
  Duration delay{};       // before the answer; for a dripped one, what its body takes
  int informational = 0;  // a 1xx sent ahead of the answer
  bool close = false;
  bool chunked = false;
};

struct Reply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  Delivery delivery;
};

Reply json_reply(int status, std::string body);
Reply html_reply(int status, std::string_view title);
Reply error_reply(const ApiError& error);
Reply detail_reply(int status, std::string_view detail);

// True when the client sees a status at all.
bool answered(const Delivery& delivery);

}  // namespace bankconnect::sandbox
