#include "src/sandbox/webhook_exchange.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <memory>
#include <vector>

namespace bankconnect::sandbox {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

using Deadline = std::chrono::steady_clock::time_point;
using Endpoints = std::vector<tcp::endpoint>;

constexpr std::uint64_t kLargestAnswer = 1024 * 1024;
constexpr int kMostInterimAnswers = 10;

std::string told(const error_code& error) {
  return error == beast::error::timeout ? "timeout" : error.message();
}

// A question to the name server cannot be taken back: whoever asked goes on at the deadline, and the answer
// that comes later finds nobody.
struct Lookup {
  Lookup(const asio::any_io_executor& executor, Deadline deadline)
      : resolver(executor), answered(executor, deadline) {}

  tcp::resolver resolver;
  asio::steady_timer answered;
  error_code error = beast::error::timeout;
  Endpoints endpoints;
};

void ask(const std::shared_ptr<Lookup>& lookup, const WebhookTarget& target) {
  lookup->resolver.async_resolve(target.host, std::to_string(target.port),
                                 [lookup](const error_code& error, const tcp::resolver::results_type& found) {
                                   lookup->error = error;
                                   for (const auto& entry : found)
                                     lookup->endpoints.push_back(entry.endpoint());
                                   lookup->answered.cancel();
                                 });
}

// An address is itself, and "localhost" this machine, without asking anybody.
Endpoints known_endpoints(const WebhookTarget& target) {
  if (target.host == "localhost") {
    return {{asio::ip::address_v4::loopback(), target.port}, {asio::ip::address_v6::loopback(), target.port}};
  }
  error_code error;
  const auto address = asio::ip::make_address(target.host, error);
  return error ? Endpoints{} : Endpoints{{address, target.port}};
}

asio::awaitable<Endpoints> resolve(const WebhookTarget& target, Deadline deadline, error_code& error) {
  Endpoints endpoints = known_endpoints(target);
  if (!endpoints.empty()) co_return endpoints;
  const auto executor = co_await asio::this_coro::executor;
  const auto lookup = std::make_shared<Lookup>(executor, deadline);
  error_code ignored;  // cancelled by the answer, or past the deadline: `lookup` knows
  auto quietly = asio::redirect_error(asio::use_awaitable, ignored);
  ask(lookup, target);
  co_await lookup->answered.async_wait(quietly);
  error = lookup->error;
  endpoints = lookup->endpoints;
  co_return endpoints;
}

http::request<http::string_body> message_of(const WebhookTarget& target, const Outgoing& outgoing) {
  constexpr unsigned kHttp11 = 11;
  http::request<http::string_body> message(http::verb::post, target.target, kHttp11);
  message.set(http::field::host, target.host_field);
  message.set(http::field::user_agent, "bankconnect-sandbox");
  message.set(http::field::content_type, "application/json");
  if (outgoing.secret) message.set("x-secret-key", *outgoing.secret);
  message.body() = outgoing.body;
  message.prepare_payload();
  message.keep_alive(false);
  return message;
}

bool is_interim(const http::response<http::string_body>& answer) {
  return answer.result_int() < 200;
}

// The final answer's status counts as soon as its head is there, whatever becomes of its body.
asio::awaitable<void> read_answer(beast::tcp_stream& stream, Receipt& receipt, error_code& error) {
  beast::flat_buffer buffer;
  auto quietly = asio::redirect_error(asio::use_awaitable, error);
  for (int answers = 0; answers <= kMostInterimAnswers; ++answers) {
    http::response_parser<http::string_body> parser;
    parser.body_limit(kLargestAnswer);
    co_await http::async_read_header(stream, buffer, parser, quietly);
    if (error) co_return;
    if (is_interim(parser.get())) continue;
    receipt.http_status = static_cast<int>(parser.get().result_int());
    co_await http::async_read(stream, buffer, parser, quietly);
    co_return;
  }
  receipt.error = "too many interim answers";
}

}  // namespace

asio::awaitable<Receipt> post_webhook(const WebhookTarget& target, const Outgoing& outgoing,
                                      Deadline deadline) {
  Receipt receipt;
  error_code error;
  const auto executor = co_await asio::this_coro::executor;
  auto quietly = asio::redirect_error(asio::use_awaitable, error);
  const Endpoints endpoints = co_await resolve(target, deadline, error);
  beast::tcp_stream stream(executor);
  if (!error) {
    stream.expires_at(deadline);
    co_await stream.async_connect(endpoints, quietly);
  }
  if (!error) {
    const auto message = message_of(target, outgoing);
    co_await http::async_write(stream, message, quietly);
  }
  if (!error) co_await read_answer(stream, receipt, error);
  if (error) receipt.error = told(error);
  error_code ignored;  // the listener may have closed first
  stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
  co_return receipt;
}

}  // namespace bankconnect::sandbox
