// Sends webhooks at a steady rate over kept-alive connections, each at its own moment, however the ones
// before it fare.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace bankconnect::bench {

struct Sent {
  using Clock = std::chrono::steady_clock;
  std::size_t number = 0;
  Clock::time_point due;       ///< when its moment had come
  Clock::time_point sent;      ///< just before its bytes, all at once, were handed to the kernel
  Clock::time_point answered;  ///< when the answer was there
  int status = 0;              ///< 0: the connection broke
};

struct Load {
  std::string host_port;  ///< 127.0.0.1:PORT
  std::string path = "/webhooks/bankconnect";
  std::string secret;
  std::size_t count = 0;
  double per_second = 0;
  std::size_t connections = 1;
  std::function<std::string(std::size_t)> body;
  std::function<void(std::size_t)> before;  ///< called right before a webhook is sent
};

/// Returns when every webhook was answered.
std::vector<Sent> send_steadily(const Load& load);

}  // namespace bankconnect::bench
