// An HTTP/1.1 server for the local socket (and, later, for webhooks): what is common to them is limits,
// deadlines, framing and streaming. What a request means is the handler's. Event-loop thread only.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "statemachine/moment.hpp"

namespace bankconnect::net {

struct ServerLimits {
  std::uint32_t max_connections = 256;
  std::uint32_t max_header = 16 * 1024;
  std::uint64_t max_body = 1 << 20;
  Duration header_timeout = std::chrono::seconds(10);  ///< from the first byte, and for an idle connection
  Duration body_timeout = std::chrono::seconds(60);
  Duration write_timeout =
      std::chrono::seconds(60);  ///< a reader that takes nothing for this long is dropped
};

/// A complete request.
struct Request {
  std::string method;
  std::string path;                                        ///< decoded, without the query
  std::vector<std::pair<std::string, std::string>> query;  ///< decoded
  std::string content_type;                                ///< lower case, without parameters
  std::string body;
  std::int64_t peer_uid = -1;  ///< of a Unix socket's other end, else -1

  /// The value of a query parameter; nothing when it is not there.
  std::optional<std::string> parameter(std::string_view name) const;
};

/// Answers one request: either `send`, or `begin`, `write`…, `end`.
class Responder {
 public:
  virtual ~Responder() = default;
  virtual boost::asio::awaitable<void> send(int status, std::string content_type, std::string body) = 0;
  /// Adds a header to the answer; before `send` or `begin`.
  virtual void header(std::string name, std::string value) = 0;
  virtual boost::asio::awaitable<void> begin(int status, std::string content_type) = 0;
  virtual boost::asio::awaitable<void> write(std::string chunk) = 0;
  virtual boost::asio::awaitable<void> end() = 0;
  /// False once the other side is gone; writing is pointless then and does nothing.
  virtual bool connected() const = 0;
  /// Calls `closed` when the other side goes away while nothing is being written. At most once.
  virtual void on_close(std::function<void()> closed) = 0;
};

using Handler = std::function<boost::asio::awaitable<void>(const Request&, Responder&)>;
/// The body of the error answers the server gives by itself: `(code, message)` to JSON.
using ErrorBody = std::function<std::string(const std::string& code, const std::string& message)>;

class HttpServer {
 public:
  HttpServer(boost::asio::io_context& loop, ServerLimits limits, Handler handler, ErrorBody error_body);
  ~HttpServer();

  /// Serves connections that arrive at a listening stream socket; takes the descriptor over.
  void serve(int listening_fd);
  /// Accepts nothing more; requests being answered end, streams and idle connections are closed.
  void stop();
  std::uint32_t connections() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

/// Makes a listening Unix socket. `mode` and `group` (a name or a number, empty: unchanged) hold before
/// anyone can connect. A socket nobody listens at is replaced; anything else at the path is an error and left
/// alone.
struct UnixSocketError {
  bool in_use = false;  ///< somebody listens there
  std::string message;
};
std::variant<int, UnixSocketError> listen_unix(const std::string& path, unsigned mode,
                                               const std::string& group);

}  // namespace bankconnect::net
