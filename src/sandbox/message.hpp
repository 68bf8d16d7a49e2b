#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/sandbox/api_error.hpp"
#include "src/sandbox/time_format.hpp"

namespace bankconnect::sandbox {

// A parsed HTTP request.
struct Request {
  std::string method;
  std::string target;
  std::string origin = {};  // how the client names the server: http://127.0.0.1:8765
  std::string api_key;
  std::string server_hash;
  std::string content_type;
  std::string body;
};

// How an answer is sent. All modes but `complete` are faults.
enum class DeliveryMode { complete, dropped, reset, head_only, truncated, slow_body };

struct Delivery {
  DeliveryMode mode = DeliveryMode::complete;
  Duration delay{};       // before the answer; with slow_body, the time for sending the body
  int informational = 0;  // the status of a 1xx answer sent before the final one; 0: none
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

// True if the client receives a status line.
bool answered(const Delivery& delivery);

}  // namespace bankconnect::sandbox
