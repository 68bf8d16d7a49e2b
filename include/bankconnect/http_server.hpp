// An HTTP/1.1 server for the local socket and for webhooks: what is common to them is limits, deadlines,
// framing, streaming and TLS. What a request means is the handler's. Event-loop thread only.
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

#include "bankconnect/error.hpp"
#include "statemachine/moment.hpp"

namespace bankconnect::net {

struct ServerLimits {
  std::uint32_t max_connections = 256;  ///< beyond them, whoever is being waited for makes room
  Duration fair_chance = std::chrono::milliseconds(20);  ///< before anybody who is waited for makes room
  std::uint32_t max_header = 16 * 1024;
  std::uint64_t max_body = 1 << 20;
  std::uint64_t max_bodies = 64 << 20;               ///< of all requests being read at once
  Duration idle_timeout = std::chrono::seconds(10);  ///< between two requests
  Duration header_timeout =
      std::chrono::seconds(10);  ///< from the first byte; on a new connection, from its start
  Duration body_timeout = std::chrono::seconds(60);
  Duration request_timeout = std::chrono::seconds(70);  ///< from where the header's begins
  Duration write_timeout =
      std::chrono::seconds(60);  ///< a reader that takes nothing for this long is dropped
};

/// A request; complete but where only its header is looked at.
struct Request {
  std::string method;
  std::string path;                                         ///< decoded, without the query
  std::vector<std::pair<std::string, std::string>> query;   ///< decoded
  std::string content_type;                                 ///< lower case, without parameters
  std::vector<std::pair<std::string, std::string>> fields;  ///< of the header, names in lower case
  std::string body;
  std::int64_t peer_uid = -1;  ///< of a Unix socket's other end, else -1

  /// The value of a query parameter; nothing when it is not there.
  std::optional<std::string> parameter(std::string_view name) const;
  /// The values of the header's fields of this name, given in lower case.
  std::vector<std::string_view> values(std::string_view name) const;
};

/// An answer that a request gets instead of being served.
struct Rejection {
  int status = 400;
  std::string code;
  std::string message;
  std::vector<std::pair<std::string, std::string>> headers;
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
  /// Claims one of the places for answers that go on for as long as their reader likes: half of the
  /// connections, so that others get in. False when all are taken. Held until the request is answered.
  virtual bool claim_place() = 0;
  /// Calls `closed` when the other side goes away while nothing is being written. At most once. What the
  /// other side sends meanwhile is lost, and the connection ends with the answer.
  virtual void on_close(std::function<void()> closed) = 0;
};

using Handler = std::function<boost::asio::awaitable<void>(const Request&, Responder&)>;
/// Looks at a request whose header has come, well framed, and whose body has not: what is refused here costs
/// no body, and no `100 Continue` asks for one.
using HeaderCheck = std::function<std::optional<Rejection>(const Request&)>;
/// The body of the error answers the server gives by itself.
using ErrorBody = std::function<std::string(const Rejection&)>;

/// A certificate and its key, for TLS.
struct TlsIdentity;
/// Reads them from PEM files; says which file cannot be used, and why.
Result<std::shared_ptr<TlsIdentity>> load_tls(const std::string& certificate_file,
                                              const std::string& key_file);

class HttpServer {
 public:
  HttpServer(boost::asio::io_context& loop, ServerLimits limits, Handler handler, ErrorBody error_body,
             HeaderCheck header_check = nullptr);
  ~HttpServer();

  /// Connections accepted from now on speak TLS.
  void use_tls(std::shared_ptr<TlsIdentity> identity);

  /// Serves connections that arrive at a listening stream socket; takes the descriptor over.
  void serve(int listening_fd);
  /// Accepts nothing more; requests being answered end, streams and idle connections are closed.
  void stop();
  std::uint32_t connections() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

/// Where to listen: an IP address and a port, or a Unix socket.
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;  ///< 0: any free one
  bool loopback = false;
  std::string unix_path;  ///< empty: TCP
};
/// Reads `127.0.0.1:8080`, `[::]:8443`, `unix:/path`.
Result<ListenAddress> parse_listen_address(const std::string& text);
/// A socket that listens there. A Unix socket can be connected to by everybody who can reach its path.
Result<int> listen_at(const ListenAddress& where);
/// What a listening socket is bound to, for people: `127.0.0.1:8080`, `unix:/path`.
std::string name_of(int listening_fd);

/// Makes a listening Unix socket. `mode` and `group` (a name or a number, empty: unchanged) hold before
/// anyone can connect. A socket nobody listens at is replaced; anything else at the path is an error and left
/// alone.
struct UnixSocketError {
  bool in_use = false;  ///< somebody listens there
  bool passes = false;  ///< for want of room, descriptors or memory: the same may work later
  std::string message;
};
std::variant<int, UnixSocketError> listen_unix(const std::string& path, unsigned mode,
                                               const std::string& group);

}  // namespace bankconnect::net
