#include "src/net/stream.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>

#include <vector>

#include "bankconnect/await_callback.hpp"

namespace bankconnect::net {

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

constexpr auto kCloseNotifyTimeout = std::chrono::milliseconds(200);

using Plain = beast::basic_stream<asio::generic::stream_protocol>;
using Tls = beast::ssl_stream<Plain>;

template <class Layer>
class LayerStream final : public Stream {
 public:
  template <class... Args>
  explicit LayerStream(std::shared_ptr<TlsIdentity> identity, Args&&... args)
      : identity_(std::move(identity)), stream_(std::forward<Args>(args)...) {}

  bool is_tls() const override { return kIsTls; }

  asio::awaitable<error_code> receive_first() override {
    first_.resize(kFirstRead);
    const auto space = asio::buffer(first_);
    auto read = co_await lowest().async_read_some(space, kAsTuple);
    first_.resize(std::get<1>(read));
    co_return std::get<0>(read);
  }

  asio::awaitable<error_code> handshake() override {
    error_code error;
    if constexpr (kIsTls) {
      const auto first = asio::const_buffer(asio::buffer(first_));
      auto result = co_await stream_.async_handshake(asio::ssl::stream_base::server, first, kAsTuple);
      error = std::get<0>(result);
      first_ = {};
    }
    co_return error;
  }

  asio::awaitable<std::size_t> read_some(asio::mutable_buffer into, error_code* error) override {
    const asio::mutable_buffer space = into;
    auto read = co_await stream_.async_read_some(space, kAsTuple);
    *error = std::get<0>(read);
    co_return std::get<1>(read);
  }

  asio::awaitable<error_code> write(std::string_view bytes) override {
    const auto all = asio::buffer(bytes);
    auto written = co_await asio::async_write(stream_, all, kAsTuple);
    co_return std::get<0>(written);
  }

  asio::awaitable<void> shutdown_send() override {
    error_code ignored;
    if constexpr (std::is_same_v<Layer, Tls>) {
      // close_notify is written first; then this waits for the peer's, which need not come.
      expires_at(std::chrono::steady_clock::now() + kCloseNotifyTimeout);
      auto ended = co_await stream_.async_shutdown(kAsTuple);
      ignored = std::get<0>(ended);
    }
    lowest().socket().shutdown(asio::socket_base::shutdown_send, ignored);
    co_return;
  }

  asio::awaitable<std::size_t> discard_some(asio::mutable_buffer into, error_code* error) override {
    const asio::mutable_buffer space = into;
    auto read = co_await lowest().async_read_some(space, kAsTuple);
    *error = std::get<0>(read);
    co_return std::get<1>(read);
  }

  void close() override {
    error_code ignored;
    lowest().socket().shutdown(asio::socket_base::shutdown_both, ignored);
    lowest().socket().close(ignored);
  }

  void expires_at(Deadline deadline) override { lowest().expires_at(deadline); }
  void expires_never() override { lowest().expires_never(); }
  void async_wait_readable(std::function<void(error_code)> callback) override {
    lowest().socket().async_wait(asio::socket_base::wait_read, std::move(callback));
  }
  int descriptor() override { return lowest().socket().native_handle(); }

 private:
  static constexpr bool kIsTls = std::is_same_v<Layer, Tls>;
  static constexpr std::size_t kFirstRead = 4096;  ///< a ClientHello mostly fits

  Plain& lowest() {
    if constexpr (std::is_same_v<Layer, Tls>) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  std::shared_ptr<TlsIdentity>
      identity_;  ///< the stream refers to its context, also after the server got another one
  Layer stream_;
  std::vector<char> first_;  ///< until the handshake begins
};

}  // namespace

std::unique_ptr<Stream> make_stream(asio::generic::stream_protocol::socket socket,
                                    std::shared_ptr<TlsIdentity> identity) {
  if (identity == nullptr) return std::make_unique<LayerStream<Plain>>(nullptr, std::move(socket));
  asio::ssl::context& context = identity->context;
  return std::make_unique<LayerStream<Tls>>(std::move(identity), std::move(socket), context);
}

}  // namespace bankconnect::net
