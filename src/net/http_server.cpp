// Accepting connections, and ending them.
#include "bankconnect/http_server.hpp"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "src/net/http_session.hpp"

namespace bankconnect::net {

namespace {
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
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

/// When there are as many connections as may be, whoever keeps us waiting longest makes room: peers that
/// trickle their requests, however many, push out each other and not those that send theirs. False when all
/// are being answered.
bool HttpServer::Impl::make_room() {
  if (sessions.size() < limits.max_connections) return true;
  if (waiting.empty()) return false;
  waiting.front()->drop();
  return true;
}

asio::awaitable<void> HttpServer::Impl::accept(std::shared_ptr<Acceptor> acceptor) {
  const auto listening = std::move(acceptor);
  const auto server = shared_from_this();
  asio::steady_timer breath(loop);
  while (!server->stopping) {
    auto accepted = co_await listening->async_accept(kTuple);
    const error_code ec = std::get<0>(accepted);
    if (server->stopping) break;
    if (ec || !server->make_room()) {
      // Out of descriptors, or all are being answered (this one is closed): others get their turn before the
      // next.
      breath.expires_after(std::chrono::milliseconds(ec ? 100 : 1));
      auto waited = co_await breath.async_wait(kTuple);
      static_cast<void>(waited);
      continue;
    }
    auto session =
        std::make_shared<Session>(server, make_wire(std::move(std::get<1>(accepted)), server->identity));
    asio::co_spawn(server->loop, session->run(session), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
  }
}

void HttpServer::Impl::serve(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  auto acceptor = std::make_shared<Acceptor>(loop);
  acceptor->assign(asio::generic::stream_protocol(address.ss_family, 0), fd);
  acceptors.push_back(acceptor);
  asio::co_spawn(loop, accept(acceptor), [](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  });
}

void HttpServer::Impl::stop() {
  stopping = true;
  error_code ignored;
  for (const auto& acceptor : acceptors)
    acceptor->close(ignored);
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
