// An HTTP/1.1 server for the control socket and for webhooks: limits, deadlines, framing, streaming and TLS.
// What a request means is the handler's. Event-loop thread only.
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
#include <vector>

#include "bankconnect/error.hpp"
#include "bankconnect/tls_identity.hpp"
#include "statemachine/moment.hpp"

namespace bankconnect::net {

struct ServerLimits {
  std::uint32_t max_connections = 256;  ///< beyond them, connections that wait for their peer are evicted
  Duration eviction_grace = std::chrono::milliseconds(20);  ///< no connection is evicted sooner
  /// One whose peer does not read its response: the request was acted on, and its sender should learn that.
  Duration reading_grace = std::chrono::seconds(5);
  std::uint32_t max_header = 16 * 1024;              ///< bytes
  std::uint64_t max_body = 1 << 20;                  ///< bytes
  std::uint64_t max_bodies = 64 << 20;               ///< bytes of all requests being read at once
  Duration idle_timeout = std::chrono::seconds(10);  ///< between two requests
  Duration header_timeout =
      std::chrono::seconds(10);  ///< from the first byte; on a new connection, from its start
  Duration body_timeout = std::chrono::seconds(60);
  Duration request_timeout = std::chrono::seconds(70);  ///< for header and body together
  Duration write_timeout = std::chrono::seconds(60);    ///< for each 128 KiB of a response
};

using Fields = std::vector<std::pair<std::string, std::string>>;

/// A request; complete but where only its header is looked at.
struct Request {
  std::string method;
  std::string path;          ///< decoded, without the query
  Fields query;              ///< decoded
  std::string content_type;  ///< lower case, without parameters
  Fields fields;             ///< of the header, names in lower case
  std::string body;
  std::int64_t peer_uid = -1;  ///< of a Unix socket's other end, else -1

  /// The value of a query parameter; nothing when it is absent.
  std::optional<std::string> parameter(std::string_view name) const;
  /// The values of the header's fields of this name, given in lower case.
  std::vector<std::string_view> values(std::string_view name) const;
};

/// Writes the body of a response piece by piece.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  /// Does nothing once the client is gone.
  virtual boost::asio::awaitable<void> write(std::string chunk) = 0;
  /// False once the client is gone.
  virtual bool connected() const = 0;
  /// Calls `closed` when the client goes away while nothing is being written. At most once. What the client
  /// sends meanwhile is dropped, and the connection ends with the response.
  virtual void on_close(std::function<void()> closed) = 0;
};

/// What a handler answers.
struct Response {
  int status = 200;
  std::string content_type;  ///< empty: no body, and none is announced where `status` is 204
  std::string body;
  Fields headers;
  /// Not null: called once the header was sent, to write the body in place of `body`; also when the client is
  /// gone by then, and not for HEAD. The request exists until it has returned.
  std::function<boost::asio::awaitable<void>(BodyStream&)> stream;
  /// The stream lasts as long as its client likes. Only half of the connections may carry such a stream:
  /// beyond that the response is the server's own 503 OVERLOADED.
  bool unbounded_stream = false;
  /// Held until the response was written, e.g. a reservation of memory.
  std::shared_ptr<void> held;
};

/// `body` as application/json.
Response json_response(int status, std::string body);

/// Why a request is refused.
struct Rejection {
  int status = 400;
  ErrorCode code = ErrorCode::bad_request;
  std::string message;
  Fields headers;
};

using Handler = std::function<boost::asio::awaitable<Response>(const Request&)>;
/// Looks at a request whose header has arrived, correctly framed, and whose body has not: a request refused
/// here costs no body, and no `100 Continue` asks for one.
using HeaderCheck = std::function<std::optional<Rejection>(const Request&)>;
/// The body, JSON, of the error responses that the server gives by itself.
using ErrorBody = std::function<std::string(const Rejection&)>;

class HttpServer {
 public:
  class Impl;

  HttpServer(boost::asio::io_context& loop, ServerLimits limits, Handler handler, ErrorBody error_body,
             HeaderCheck header_check = nullptr);
  ~HttpServer();

  /// Connections accepted from now on speak TLS; null: plain HTTP.
  void use_tls(std::shared_ptr<TlsIdentity> identity);

  /// Serves connections that arrive at a listening stream socket; takes the descriptor over.
  void serve(int listening_fd);
  /// Listens no longer; connections stay.
  void stop_listening();
  /// Accepts nothing more; requests being answered end, streams and idle connections are closed.
  void stop();
  std::uint32_t connections() const;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace bankconnect::net
