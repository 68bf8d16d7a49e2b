#include "src/net/wire.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>

namespace bankconnect::net {

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr auto kGoodbye = std::chrono::milliseconds(200);

using Plain = beast::basic_stream<asio::generic::stream_protocol>;
using Secure = beast::ssl_stream<Plain>;

template <class Stream>
class WireOn final : public Wire {
 public:
  template <class... Args>
  explicit WireOn(std::shared_ptr<TlsIdentity> identity, Args&&... args)
      : identity_(std::move(identity)), stream_(std::forward<Args>(args)...) {}

  asio::awaitable<ErrorCode> shake_hands() override {
    ErrorCode error;
    if constexpr (std::is_same_v<Stream, Secure>) {
      auto shaken = co_await stream_.async_handshake(asio::ssl::stream_base::server, kTuple);
      error = std::get<0>(shaken);
    }
    co_return error;
  }

  asio::awaitable<std::size_t> read_some(asio::mutable_buffer into, ErrorCode* error) override {
    const asio::mutable_buffer space = into;
    auto read = co_await stream_.async_read_some(space, kTuple);
    *error = std::get<0>(read);
    co_return std::get<1>(read);
  }

  asio::awaitable<ErrorCode> write(std::string_view bytes) override {
    const auto all = asio::buffer(bytes);
    auto written = co_await asio::async_write(stream_, all, kTuple);
    co_return std::get<0>(written);
  }

  asio::awaitable<void> end_writing() override {
    ErrorCode ignored;
    if constexpr (std::is_same_v<Stream, Secure>) {
      // Its close_notify is on its way when this ends, whatever the other side does about it.
      expires_at(std::chrono::steady_clock::now() + kGoodbye);
      auto ended = co_await stream_.async_shutdown(kTuple);
      ignored = std::get<0>(ended);
    }
    lowest().socket().shutdown(asio::socket_base::shutdown_send, ignored);
    co_return;
  }

  asio::awaitable<std::size_t> discard_some(asio::mutable_buffer into, ErrorCode* error) override {
    const asio::mutable_buffer space = into;
    auto read = co_await lowest().async_read_some(space, kTuple);
    *error = std::get<0>(read);
    co_return std::get<1>(read);
  }

  void close() override {
    ErrorCode ignored;
    lowest().socket().shutdown(asio::socket_base::shutdown_both, ignored);
    lowest().socket().close(ignored);
  }

  void expires_at(std::chrono::steady_clock::time_point deadline) override { lowest().expires_at(deadline); }
  void expires_never() override { lowest().expires_never(); }
  void when_readable(std::function<void(ErrorCode)> told) override {
    lowest().socket().async_wait(asio::socket_base::wait_read, std::move(told));
  }
  int descriptor() override { return lowest().socket().native_handle(); }

 private:
  Plain& lowest() {
    if constexpr (std::is_same_v<Stream, Secure>) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  std::shared_ptr<TlsIdentity> identity_;  ///< outlives the stream, also when it is replaced meanwhile
  Stream stream_;
};

}  // namespace

std::unique_ptr<Wire> make_wire(asio::generic::stream_protocol::socket socket,
                                std::shared_ptr<TlsIdentity> identity) {
  if (identity == nullptr) return std::make_unique<WireOn<Plain>>(nullptr, std::move(socket));
  asio::ssl::context& context = identity->context;
  return std::make_unique<WireOn<Secure>>(std::move(identity), std::move(socket), context);
}

}  // namespace bankconnect::net
