// HTTP to the daemon's local socket, one request after another, waiting for each.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bankconnect::ctl {

/// No process answers at the socket.
class NoConnection : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Reply {
  int status = 0;
  std::string body;
};

class Client {
 public:
  explicit Client(std::string socket) : socket_(std::move(socket)) {}

  /// Throws NoConnection.
  Reply request(std::string_view method, const std::string& target, std::string_view content_type = {},
                std::string body = {}) const;

  /// Like `request`, but hands a 200's body over line by line while it arrives, until it ends or `line`
  /// returns false. The reply's body then is empty; that of a refusal is whole.
  Reply stream(std::string_view method, const std::string& target, std::string_view content_type,
               std::string body, const std::function<bool(std::string_view)>& line) const;

 private:
  std::string socket_;
};

/// `text` as it stands in a query.
std::string percent_encode(std::string_view text);

}  // namespace bankconnect::ctl
