// One kept-alive connection to BankConnect, plain or TLS. Beast stays behind this door.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "src/upstream/answers.hpp"
#include "src/upstream/base_url.hpp"

namespace bankconnect::upstream {

using Deadline = std::chrono::steady_clock::time_point;
using Address = boost::asio::ip::tcp::endpoint;
using Addresses = std::vector<Address>;

struct HttpRequest {
  bool post = false;
  std::string target;
  std::string host_field;
  std::string user_agent;
  std::string api_key;
  std::string server_hash;
  std::string body;  ///< for POST
};

/// What came of an exchange.
struct Exchanged {
  std::variant<HttpAnswer, Fault> result;
  bool reusable = false;  ///< the connection can serve another request, if the answer is believed
  bool silent = true;     ///< not one byte of an answer was seen
};

class Connection {
 public:
  virtual ~Connection() = default;
  /// To one address. After a fault another one may be tried.
  virtual boost::asio::awaitable<std::optional<Fault>> connect(const Address& address, Deadline deadline) = 0;
  /// Once it is connected: with TLS, shakes hands and checks the host's name.
  virtual boost::asio::awaitable<std::optional<Fault>> secure(Deadline deadline) = 0;
  /// Sends one request and reads one answer, skipping 1xx ones. The deadline is for all of it.
  virtual boost::asio::awaitable<Exchanged> exchange(const HttpRequest& request, std::uint64_t max_body,
                                                     Deadline deadline) = 0;
  /// Whether the other side has closed the idle connection, or sent something nobody asked for.
  virtual bool gone_stale() = 0;
  /// The connection breaks when the other side's machine has not acknowledged for this long what was sent:
  /// earlier than an answer's deadline it shows that nothing gets through.
  virtual void break_unacknowledged_after(std::chrono::milliseconds patience) = 0;
};

/// `tls` null: plain HTTP.
std::unique_ptr<Connection> make_connection(boost::asio::io_context& loop, boost::asio::ssl::context* tls,
                                            const BaseUrl& base);

}  // namespace bankconnect::upstream
