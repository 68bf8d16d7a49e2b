#include "src/ctl/client.hpp"

#include <poll.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>

namespace bankconnect::ctl {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Socket = asio::local::stream_protocol::socket;

namespace {

http::request<http::string_body> message_of(std::string_view method, const std::string& target,
                                            std::string_view content_type, std::string body) {
  http::request<http::string_body> message(http::string_to_verb(std::string(method)), target, 11);
  message.set(http::field::host, "localhost");
  if (!content_type.empty()) message.set(http::field::content_type, std::string(content_type));
  message.body() = std::move(body);
  message.prepare_payload();
  message.keep_alive(false);
  return message;
}

/// A daemon that hangs must not hang its users; a backup of a large database takes its time.
constexpr std::chrono::minutes kPatience{10};

void wait_readable(Socket& socket, std::chrono::milliseconds timeout) {
  pollfd entry{socket.native_handle(), POLLIN, 0};
  if (::poll(&entry, 1, static_cast<int>(timeout.count())) == 0) {
    throw boost::system::system_error(asio::error::timed_out);
  }
}

/// Hands whole lines on; keeps the beginning of one that is not complete.
bool hand_on(std::string& pending, const std::function<bool(std::string_view)>& line) {
  std::size_t begin = 0;
  for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n', begin)) {
    if (!line(std::string_view(pending).substr(begin, end - begin))) return false;
    begin = end + 1;
  }
  pending.erase(0, begin);
  return true;
}

}  // namespace

Reply Client::request(std::string_view method, const std::string& target, std::string_view content_type,
                      std::string body) const {
  return stream(method, target, content_type, std::move(body), nullptr);
}

Reply Client::stream(std::string_view method, const std::string& target, std::string_view content_type,
                     std::string body, const std::function<bool(std::string_view)>& line) const {
  try {
    asio::io_context loop;
    Socket socket(loop);
    socket.connect(asio::local::stream_protocol::endpoint(socket_));
    const auto message = message_of(method, target, content_type, std::move(body));
    // A daemon that refuses early closes before it has read everything; what it said is worth more than the
    // fault.
    beast::error_code unsent;
    http::write(socket, message, unsent);

    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    while (!parser.is_header_done()) {
      if (buffer.size() == 0) wait_readable(socket, kPatience);
      http::read_some(socket, buffer, parser);
    }
    Reply reply;
    reply.status = static_cast<int>(parser.get().result_int());
    const bool by_line = line && reply.status == 200;
    while (!parser.is_done()) {
      http::read_some(socket, buffer, parser);
      if (by_line && !hand_on(parser.get().body(), line)) return reply;
    }
    if (!by_line) reply.body = std::move(parser.get().body());
    return reply;
  } catch (const boost::system::system_error& error) {
    throw NoConnection(socket_ + ": " + error.code().message());
  }
}

std::string percent_encode(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
    }
  }
  return out;
}

}  // namespace bankconnect::ctl
