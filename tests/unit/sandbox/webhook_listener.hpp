// A server that receives webhooks, on a free port and on the io_context of the test.
#pragma once

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string>
#include <vector>

namespace bankconnect::sandbox {

class WebhookListener {
 public:
  using Request = boost::beast::http::request<boost::beast::http::string_body>;

  explicit WebhookListener(boost::asio::io_context& loop)
      : acceptor_(loop, {boost::asio::ip::address_v4::loopback(), 0}) {
    boost::asio::co_spawn(loop, accept(), boost::asio::detached);
  }

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/hooks";
  }

  std::vector<Request> received;
  std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";  // as bytes; empty: none
  std::chrono::milliseconds answers_after{};
  int open = 0;
  int most_open = 0;

 private:
  boost::asio::awaitable<void> accept() {
    const auto executor = acceptor_.get_executor();
    for (;;) {
      auto socket = co_await acceptor_.async_accept(boost::asio::use_awaitable);
      boost::asio::co_spawn(executor, take(std::move(socket)), boost::asio::detached);
    }
  }

  boost::asio::awaitable<void> take(boost::asio::ip::tcp::socket socket) {
    boost::beast::flat_buffer buffer;
    Request request;
    most_open = std::max(most_open, ++open);
    co_await boost::beast::http::async_read(socket, buffer, request, boost::asio::use_awaitable);
    received.push_back(request);
    boost::asio::steady_timer pause(socket.get_executor(), answers_after);
    co_await pause.async_wait(boost::asio::use_awaitable);
    if (answer.empty()) {
      silent_.push_back(std::move(socket));
      co_return;
    }
    --open;
    const auto bytes = boost::asio::buffer(answer);
    co_await boost::asio::async_write(socket, bytes, boost::asio::use_awaitable);
  }

  boost::asio::ip::tcp::acceptor acceptor_;
  std::vector<boost::asio::ip::tcp::socket> silent_;
};

}  // namespace bankconnect::sandbox
