// HTTP to the daemon's local socket, one request after another, waiting for each.
#pragma once

#include <chrono>
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

/// A process listens at the socket, and does not answer in time.
class NoAnswer : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The socket is not for this user.
class NoPermission : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Reply {
  int status = 0;
  std::string body;
  std::string log_id;  ///< of the event log, for answers that list events
};

class Client {
 public:
  /// `timeout`: for each wait without progress.
  explicit Client(std::string socket, std::chrono::milliseconds timeout = std::chrono::minutes(10))
      : socket_(std::move(socket)), timeout_(timeout) {}

  /// Throws NoConnection, NoAnswer, NoPermission.
  Reply request(std::string_view method, const std::string& target, std::string_view content_type = {},
                std::string body = {}) const;

  /// Like `request`, but hands a 200's body over line by line while it arrives, until it ends or `line`
  /// returns false. The reply's body then is empty; that of a refusal is whole. Between lines any time may
  /// pass; the reply comes early once standard output has no reader. `begin` gets the reply
  /// without its body, before the first line.
  Reply stream(std::string_view method, const std::string& target, std::string_view content_type,
               std::string body, const std::function<bool(std::string_view)>& line,
               const std::function<void(const Reply&)>& begin = nullptr) const;

 private:
  std::string socket_;
  std::chrono::milliseconds timeout_;
};

/// `text` as it stands in a query.
std::string percent_encode(std::string_view text);

}  // namespace bankconnect::ctl
