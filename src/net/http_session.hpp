// The server's inside: what its files share.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bankconnect/http_server.hpp"
#include "src/net/wire.hpp"

namespace bankconnect::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using beast::error_code;

using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;
using Deadline = std::chrono::steady_clock::time_point;

/// What a header says about what follows it.
struct Framing {
  bool chunked = false;
  std::uint64_t length = 0;       ///< of a body that is not chunked
  bool keep_alive = false;        ///< the client would go on
  bool http11 = false;            ///< else HTTP/1.0
  bool expects_continue = false;  ///< it waits for `100 Continue` before it sends the body
};

/// Whether the request line ends with a well-formed version, of a request whose version Beast refused.
bool has_another_version(std::string_view request);

/// Takes a header that Beast parsed into `request` and `framing`, or says why it is not served.
std::optional<Rejection> take_header(const http::request_header<>& header, Request& request,
                                     Framing& framing);

class HttpServer::Impl : public std::enable_shared_from_this<HttpServer::Impl> {
 public:
  Impl(asio::io_context& loop_, ServerLimits limits_, Handler handler_, ErrorBody error_body_,
       HeaderCheck check_)
      : loop(loop_),
        limits(limits_),
        handler(std::move(handler_)),
        error_body(std::move(error_body_)),
        header_check(std::move(check_)) {}

  void serve(int fd);
  void stop();

  class Session;
  /// A listening socket.
  struct Door {
    explicit Door(asio::io_context& on) : acceptor(on), pause(on) {}
    Acceptor acceptor;
    asio::steady_timer pause;  ///< before the next connection is taken in; ended when one closes
  };
  asio::awaitable<void> accept(std::shared_ptr<Door> listening);
  Duration take_in(Acceptor& acceptor);
  bool make_room();
  /// A connection closed, or may be closed whenever its place is wanted.
  void room_made();

  asio::io_context& loop;
  const ServerLimits limits;
  const Handler handler;
  const ErrorBody error_body;
  const HeaderCheck header_check;
  std::shared_ptr<TlsIdentity> identity;
  std::vector<std::shared_ptr<Door>> doors;
  std::set<Session*> sessions;
  std::list<Session*> waiting;     ///< for the other side to send or to read; who waits longest comes first
  std::list<Session*> lingering;   ///< with their last answer written; the oldest comes first
  std::uint64_t body_bytes = 0;    ///< held by requests being read
  std::uint32_t places_taken = 0;  ///< by answers that go on for as long as their reader likes
  bool stopping = false;
};

/// One connection: requests are read, answered and, while both sides like, followed by more.
class HttpServer::Impl::Session : public Responder, public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<Impl> server, std::unique_ptr<Wire> wire);
  ~Session() override;

  asio::awaitable<void> run(std::shared_ptr<Session> self);

  /// The server stops: idle connections and streams that wait for something end; a request that has begun to
  /// arrive is still read and answered, within its deadline.
  void stop() {
    if ((!answering_ && !receiving_) || (streaming_ && closed_)) drop();
  }
  void drop();
  /// Whether to close this connection, of those that wait, for another's sake: it had its chance, and nothing
  /// it has sent lies there unread.
  bool gives_way() const;

  void header(std::string name, std::string value) override {
    headers_.emplace_back(std::move(name), std::move(value));
  }
  asio::awaitable<void> send(int status, std::string content_type, std::string body) override;
  asio::awaitable<void> begin(int status, std::string content_type) override;
  asio::awaitable<void> write(std::string chunk) override;
  asio::awaitable<void> end() override;
  bool connected() const override { return connected_; }
  bool claim_place() override;
  void on_close(std::function<void()> closed) override;

 private:
  asio::awaitable<bool> serve_one();
  asio::awaitable<bool> read_request(Request& request);
  asio::awaitable<bool> read_header();
  asio::awaitable<bool> read_body(std::string& body);
  asio::awaitable<bool> read_more(std::size_t most);
  asio::awaitable<void> go_on();
  asio::awaitable<void> put(std::string_view bytes);
  asio::awaitable<void> write_out(std::string_view bytes);
  asio::awaitable<void> take_leave();
  asio::awaitable<void> drain();
  asio::awaitable<void> refuse(Rejection rejection);
  std::optional<Rejection> parse_header(Request& request);
  std::string head_of(int status, const std::string& content_type, std::optional<std::uint64_t> length);
  std::string_view buffered() const;
  bool hold(std::uint64_t bytes);
  void let_go();
  void watch();
  void begin_waiting();
  void wait_among(std::list<Session*>& others);
  void end_waiting();
  void expires_after(Duration time) { wire_->expires_at(std::chrono::steady_clock::now() + time); }

  std::shared_ptr<Impl> server_;
  std::unique_ptr<Wire> wire_;
  beast::flat_buffer buffer_;
  std::int64_t uid_;
  Framing framing_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::function<void()> closed_;
  std::list<Session*>* others_ = nullptr;  ///< that wait, or linger, as this one does
  std::list<Session*>::iterator place_;    ///< among them
  Deadline waits_since_;
  Deadline begun_;          ///< when the request being read began to arrive, or the connection
  std::uint64_t held_ = 0;  ///< of the server's body bytes
  bool first_ = true;       ///< nothing was asked yet on this connection
  bool connected_ = true;
  bool keep_alive_ = true;
  bool receiving_ = false;  ///< a request has begun to arrive and is not whole
  bool answering_ = false;
  bool streaming_ = false;
  bool writing_ = false;
  bool has_place_ = false;  ///< of those for answers that go on
  bool watching_ = false;   ///< for the other side to go away
  bool head_ = false;
  bool left_unread_ = false;  ///< some of a refused request may still arrive
};

}  // namespace bankconnect::net
