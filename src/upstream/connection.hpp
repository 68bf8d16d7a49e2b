// One kept-alive connection to BankConnect, plain or TLS; it hides Beast from other files.
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

#include "bankconnect/base_url.hpp"
#include "src/upstream/answers.hpp"
#include "src/upstream/memory_budget.hpp"
#include "src/upstream/tunnel.hpp"

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
  std::string body;            ///< for POST
  bool to_bankconnect = true;  ///< it has the keys, and asks for JSON
};

/// What an exchange may take.
struct AnswerLimits {
  std::uint64_t max_body = 0;
  Deadline deadline;                            ///< for all of it; waits for memory do not count
  Deadline::duration grace{};                   ///< see Pace
  std::uint64_t min_throughput = 0;             ///< bytes a second, see Pace
  std::shared_ptr<MemoryBudget::Share> memory;  ///< grows with the body; null: unbounded
};

/// What came of an exchange.
struct ConnectionReply {
  std::variant<HttpAnswer, TransportError> result;
  bool reusable = false;  ///< the connection can carry another request, if the answer is usable
  bool silent = true;     ///< not one byte of an answer was seen
};

class Connection {
 public:
  virtual ~Connection() = default;
  /// To one address. After an error another one may be tried.
  virtual boost::asio::awaitable<std::optional<TransportError>> connect(const Address& address,
                                                                        Deadline deadline) = 0;
  /// Once it is connected: the tunnel through the proxy, if there is one, and the TLS handshake, the check of
  /// the host's name included; without TLS nothing.
  virtual boost::asio::awaitable<std::optional<TransportError>> handshake(Deadline deadline) = 0;
  /// Sends one request and reads one answer, skipping 1xx ones. `limits` has to outlive it.
  virtual boost::asio::awaitable<ConnectionReply> exchange(const HttpRequest& request,
                                                           const AnswerLimits& limits) = 0;
  /// Whether the server has closed the idle connection, or sent something unasked for.
  virtual bool is_stale() = 0;
  /// Sets TCP_USER_TIMEOUT: the connection fails when what was sent is not acknowledged for this long, which
  /// shows a dead path earlier than the deadline of an answer does.
  virtual void set_user_timeout(std::chrono::milliseconds timeout) = 0;
};

/// `tls` null: plain HTTP, for which a proxy has to be one without TLS. `tunnel` null: no proxy. What they
/// point to has to outlive the connection.
std::unique_ptr<Connection> make_connection(boost::asio::io_context& loop, boost::asio::ssl::context* tls,
                                            const BaseUrl& base, const Tunnel* tunnel);

}  // namespace bankconnect::upstream
