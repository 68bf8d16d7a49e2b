#include "src/net/stream.hpp"

#include <algorithm>
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
    first_.reserve(kMostFirst);
    co_return co_await receive_more();
  }

  asio::awaitable<error_code> receive_rest() override {
    error_code error;
    while (!error && first_.size() < first_record_size())
      error = co_await receive_more();
    co_return error;
  }

  asio::awaitable<error_code> handshake() override {
    error_code error;
    if constexpr (kIsTls) {
      const auto first = asio::const_buffer(asio::buffer(first_));
      auto result = co_await stream_.async_handshake(asio::ssl::stream_base::server, first, kAsTuple);
      error = std::get<0>(result);
      std::vector<char>().swap(first_);
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
  static constexpr std::size_t kRecordHeader = 5;
  static constexpr std::size_t kMostFirst = 8192;  ///< a ClientHello fits

  asio::awaitable<error_code> receive_more() {
    const std::size_t before = first_.size();
    first_.resize(kMostFirst);
    const auto space = asio::buffer(first_.data() + before, first_.size() - before);
    auto read = co_await lowest().async_read_some(space, kAsTuple);
    first_.resize(before + std::get<1>(read));
    co_return std::get<0>(read);
  }

  /// As far as it is known, and fits.
  std::size_t first_record_size() const {
    if (first_.size() < kRecordHeader) return kRecordHeader;
    const auto byte = [this](std::size_t at) { return static_cast<unsigned char>(first_[at]); };
    const std::size_t length = static_cast<std::size_t>(byte(3)) << 8 | byte(4);
    return std::min(kRecordHeader + length, kMostFirst);
  }

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
