// Accepts connections while the limit allows it, and ends them.
#include "bankconnect/http_server.hpp"
#include "bankconnect/await_callback.hpp"

#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>

#include "src/net/http_connection.hpp"

namespace bankconnect::net {

namespace {

constexpr auto kOutOfDescriptorsPause = std::chrono::milliseconds(100);

void rethrow(const std::exception_ptr& error) {
  if (error) std::rethrow_exception(error);
}

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

Response json_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

void HttpServer::Impl::evict(ConnectionLimits::Id id) {
  if (const auto found = connections.find(id); found != connections.end()) found->second->close();
}

/// Evicts a connection if there are as many as may be. False when none can be evicted yet.
bool HttpServer::Impl::make_room() {
  if (!connection_limits.full()) return true;
  const auto candidate = connection_limits.eviction_candidate(
      std::chrono::steady_clock::now(),
      [this](ConnectionLimits::Id id) { return connections.at(id)->input_empty(); });
  if (candidate) evict(*candidate);
  return candidate.has_value();
}

void HttpServer::Impl::wake_listeners() {
  for (const auto& listener : listeners_)
    listener->pause.cancel();
}

/// Accepts the next connection, if the limit allows it. Returns how long to pause before the next attempt.
Duration HttpServer::Impl::accept_one(Listener& listener) {
  if (!make_room()) return limits.eviction_grace;
  error_code ec;
  auto socket = listener.acceptor.accept(ec);
  // The client has gone away again.
  if (ec == asio::error::would_block || ec == asio::error::connection_aborted) return Duration::zero();
  if (ec) return kOutOfDescriptorsPause;
  const auto connection =
      std::make_shared<HttpConnection>(shared_from_this(), make_stream(std::move(socket), identity));
  asio::co_spawn(loop, connection->run(connection), rethrow);
  return Duration::zero();
}

/// At the limit, connections stay unaccepted: the kernel keeps them, and what they send.
asio::awaitable<void> HttpServer::Impl::accept(std::shared_ptr<Listener> from) {
  const auto listener = std::move(from);
  const auto server = shared_from_this();
  while (listener->acceptor.is_open()) {
    auto arrived = co_await listener->acceptor.async_wait(asio::socket_base::wait_read, kAsTuple);
    static_cast<void>(arrived);
    if (!listener->acceptor.is_open()) break;
    const Duration pause = server->accept_one(*listener);
    if (pause == Duration::zero()) continue;
    listener->pause.expires_after(pause);
    auto waited = co_await listener->pause.async_wait(kAsTuple);
    static_cast<void>(waited);
  }
}

void HttpServer::Impl::serve(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  auto listener = std::make_shared<Listener>(loop);
  listener->acceptor.assign(asio::generic::stream_protocol(address.ss_family, 0), fd);
  // Both are needed for accept() never to block.
  listener->acceptor.non_blocking(true);
  listener->acceptor.set_option(asio::socket_base::enable_connection_aborted(true));
  listeners_.push_back(listener);
  asio::co_spawn(loop, accept(listener), rethrow);
}

void HttpServer::Impl::stop_listening() {
  error_code ignored;
  for (const auto& listener : listeners_)
    listener->acceptor.close(ignored);
  wake_listeners();
  listeners_.clear();
}

void HttpServer::Impl::stop() {
  stopping = true;
  stop_listening();
  // Stopping a connection may remove it from the map.
  std::vector<std::shared_ptr<HttpConnection>> open;
  for (const auto& [id, connection] : connections)
    open.push_back(connection->shared_from_this());
  for (const auto& connection : open)
    connection->stop();
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
void HttpServer::stop_listening() {
  impl_->stop_listening();
}
void HttpServer::stop() {
  impl_->stop();
}
std::uint32_t HttpServer::connections() const {
  return impl_->connection_limits.size();
}

}  // namespace bankconnect::net
