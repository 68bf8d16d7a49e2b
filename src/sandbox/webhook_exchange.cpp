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

constexpr std::uint64_t kMaxAnswerSize = 1024 * 1024;
constexpr int kMaxInterimAnswers = 10;

std::string error_text(const error_code& error) {
  return error == beast::error::timeout ? "timeout" : error.message();
}

// A name lookup, which cannot be cancelled. At the deadline the waiting coroutine continues without it; the
// handler of a late answer still owns this object.
struct Lookup {
  Lookup(const asio::any_io_executor& executor, Deadline deadline)
      : resolver(executor), answered(executor, deadline) {}

  tcp::resolver resolver;
  asio::steady_timer answered;
  error_code error = beast::error::timeout;
  Endpoints endpoints;
};

void start_lookup(const std::shared_ptr<Lookup>& lookup, const WebhookTarget& target) {
  lookup->resolver.async_resolve(target.host, std::to_string(target.port),
                                 [lookup](const error_code& error, const tcp::resolver::results_type& found) {
                                   lookup->error = error;
                                   for (const auto& entry : found)
                                     lookup->endpoints.push_back(entry.endpoint());
                                   lookup->answered.cancel();
                                 });
}

// The endpoints of an IP address or of "localhost", which need no name lookup.
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
  error_code ignored;  // `lookup->error` says whether the answer or the deadline ended the wait
  auto no_throw = asio::redirect_error(asio::use_awaitable, ignored);
  start_lookup(lookup, target);
  co_await lookup->answered.async_wait(no_throw);
  error = lookup->error;
  endpoints = lookup->endpoints;
  co_return endpoints;
}

http::request<http::string_body> http_request_of(const WebhookTarget& target, const WebhookMessage& message) {
  constexpr unsigned kHttp11 = 11;
  http::request<http::string_body> request(http::verb::post, target.target, kHttp11);
  request.set(http::field::host, target.host_field);
  request.set(http::field::user_agent, "bankconnect-sandbox");
  request.set(http::field::content_type, "application/json");
  if (message.secret) request.set("x-secret-key", *message.secret);
  request.body() = message.body;
  request.prepare_payload();
  request.keep_alive(false);
  return request;
}

bool is_interim(const http::response<http::string_body>& answer) {
  return answer.result_int() < 200;
}

// Sets the status once the final head is read, even if reading the body fails afterwards.
asio::awaitable<void> read_answer(beast::tcp_stream& stream, ExchangeResult& result, error_code& error) {
  beast::flat_buffer buffer;
  auto no_throw = asio::redirect_error(asio::use_awaitable, error);
  for (int answers = 0; answers <= kMaxInterimAnswers; ++answers) {
    http::response_parser<http::string_body> parser;
    parser.body_limit(kMaxAnswerSize);
    co_await http::async_read_header(stream, buffer, parser, no_throw);
    if (error) co_return;
    if (is_interim(parser.get())) continue;
    result.http_status = static_cast<int>(parser.get().result_int());
    co_await http::async_read(stream, buffer, parser, no_throw);
    co_return;
  }
  result.error = "too many interim answers";
}

}  // namespace

asio::awaitable<ExchangeResult> post_webhook(const WebhookTarget& target, const WebhookMessage& message,
                                             Deadline deadline) {
  ExchangeResult result;
  error_code error;
  const auto executor = co_await asio::this_coro::executor;
  auto no_throw = asio::redirect_error(asio::use_awaitable, error);
  const Endpoints endpoints = co_await resolve(target, deadline, error);
  beast::tcp_stream stream(executor);
  if (!error) {
    stream.expires_at(deadline);
    co_await stream.async_connect(endpoints, no_throw);
  }
  if (!error) {
    const auto request = http_request_of(target, message);
    co_await http::async_write(stream, request, no_throw);
  }
  if (!error) co_await read_answer(stream, result, error);
  if (error) result.error = error_text(error);
  error_code ignored;  // the listener may have closed the connection already
  stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
  co_return result;
}

}  // namespace bankconnect::sandbox
