// The HTTP server of the daemon with the endpoint that conformance suites expect: at any path, GET and HEAD
// answer 200, OPTIONS 204, and POST answers with the request's body. Usage: conformance-server PORT
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <string>

#include "bankconnect/http_server.hpp"
#include "bankconnect/listen.hpp"

using bankconnect::net::HttpServer;
using bankconnect::net::Rejection;
using bankconnect::net::Request;
using bankconnect::net::Response;

namespace {

/// The limits of the webhook listener.
bankconnect::net::ServerLimits limits() {
  bankconnect::net::ServerLimits limits;
  limits.max_header = 8 * 1024;
  limits.idle_timeout = std::chrono::seconds(75);
  limits.header_timeout = limits.body_timeout = limits.request_timeout = std::chrono::seconds(8);
  return limits;
}

boost::asio::awaitable<Response> answer(const Request& request) {
  const std::string& method = request.method;
  const bool known = method == "GET" || method == "HEAD" || method == "POST";
  Response response;
  response.status = known ? 200 : method == "OPTIONS" ? 204 : 405;
  response.content_type = "text/plain";
  response.body = method == "GET" || method == "HEAD" ? "OK" : request.body;
  if (!known) response.headers.emplace_back("Allow", "GET, HEAD, OPTIONS, POST");
  co_return response;
}

}  // namespace

int main(int argc, char** argv) {
  const auto where =
      bankconnect::net::parse_listen_address("127.0.0.1:" + std::string(argc > 1 ? argv[1] : "0"));
  if (where.has_error()) {
    std::fprintf(stderr, "%s\n", where.error().message.c_str());
    return 2;
  }
  const auto fd = bankconnect::net::listen_on(*where);
  if (fd.has_error()) {
    std::fprintf(stderr, "%s\n", fd.error().message.c_str());
    return 1;
  }
  boost::asio::io_context loop(1);
  HttpServer server(loop, limits(), answer, [](const Rejection& rejection) { return rejection.message; });
  server.serve(*fd);
  loop.run();
}
