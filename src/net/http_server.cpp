// Accepting connections, and ending them.
#include "bankconnect/http_server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "src/net/http_session.hpp"

namespace bankconnect::net {

namespace {
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr auto kOutOfDescriptors = std::chrono::milliseconds(100);
}  // namespace

std::optional<std::string> Request::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Request::values(std::string_view name) const {
  std::vector<std::string_view> out;
  for (const auto& [key, value] : fields) {
    if (key == name) out.push_back(value);
  }
  return out;
}

/// When there are as many connections as may be, those that have their last answer make room, then whoever
/// keeps us waiting longest: peers that trickle their requests, however many, push out each other and not
/// those that send theirs. False when nobody can.
bool HttpServer::Impl::make_room() {
  if (sessions.size() < limits.max_connections) return true;
  auto leaving = lingering.begin();
  if (lingering.empty()) {
    leaving = std::ranges::find_if(waiting, [](const Session* session) { return session->gives_way(); });
    if (leaving == waiting.end()) return false;
  }
  (*leaving)->drop();
  return true;
}

void HttpServer::Impl::room_made() {
  for (const auto& door : doors)
    door->pause.cancel();
}

/// Takes in the next connection, if there is room for it. Returns how long to pause before another.
Duration HttpServer::Impl::take_in(Acceptor& acceptor) {
  if (!make_room()) return limits.fair_chance;
  error_code ec;
  auto socket = acceptor.accept(ec);
  // It went away again.
  if (ec == asio::error::would_block || ec == asio::error::connection_aborted) return Duration::zero();
  if (ec) return kOutOfDescriptors;
  auto session = std::make_shared<Session>(shared_from_this(), make_wire(std::move(socket), identity));
  asio::co_spawn(loop, session->run(session), [](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  });
  return Duration::zero();
}

/// A connection for which there is no room is not taken in: the kernel keeps it, and what it sends, until
/// there is.
asio::awaitable<void> HttpServer::Impl::accept(std::shared_ptr<Door> listening) {
  const auto door = std::move(listening);
  const auto server = shared_from_this();
  while (!server->stopping) {
    auto arrived = co_await door->acceptor.async_wait(asio::socket_base::wait_read, kTuple);
    static_cast<void>(arrived);
    if (server->stopping) break;
    const Duration pause = server->take_in(door->acceptor);
    if (pause == Duration::zero()) continue;
    door->pause.expires_after(pause);
    auto waited = co_await door->pause.async_wait(kTuple);
    static_cast<void>(waited);
  }
}

void HttpServer::Impl::serve(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  auto door = std::make_shared<Door>(loop);
  door->acceptor.assign(asio::generic::stream_protocol(address.ss_family, 0), fd);
  // Both, so that accepting never waits.
  door->acceptor.non_blocking(true);
  door->acceptor.set_option(asio::socket_base::enable_connection_aborted(true));
  doors.push_back(door);
  asio::co_spawn(loop, accept(door), [](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  });
}

void HttpServer::Impl::stop() {
  stopping = true;
  error_code ignored;
  for (const auto& door : doors)
    door->acceptor.close(ignored);
  room_made();
  const std::vector<Session*> open(sessions.begin(), sessions.end());
  for (Session* session : open)
    session->stop();
}

HttpServer::HttpServer(asio::io_context& loop, ServerLimits limits, Handler handler, ErrorBody error_body,
                       HeaderCheck header_check)
    : impl_(std::make_shared<Impl>(loop, limits, std::move(handler), std::move(error_body),
                                   std::move(header_check))) {}
HttpServer::~HttpServer() = default;
void HttpServer::serve(int listening_fd) {
  impl_->serve(listening_fd);
}
void HttpServer::use_tls(std::shared_ptr<TlsIdentity> identity) {
  impl_->identity = std::move(identity);
}
void HttpServer::stop() {
  impl_->stop();
}
std::uint32_t HttpServer::connections() const {
  return static_cast<std::uint32_t>(impl_->sessions.size());
}

}  // namespace bankconnect::net
