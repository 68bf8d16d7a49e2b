#include "src/ctl/client.hpp"

#include <grp.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <thread>

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

/// Whom the socket lets in, if that can be seen.
std::string group_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return "";
  const struct group* const entry = ::getgrgid(status.st_gid);
  const std::string name = entry != nullptr ? entry->gr_name : std::to_string(status.st_gid);
  return ", which is for the group " + name;
}

/// Standard output has no reader any longer.
struct OutputClosed {};

/// One connection. Whatever it waits for takes at most `timeout` without progress, or NoAnswer is thrown.
class Connection {
 public:
  Connection(const std::string& path, std::chrono::milliseconds timeout)
      : path_(path), timeout_(timeout), socket_(loop_) {
    socket_.open();
    socket_.non_blocking(true);
    const auto end = std::chrono::steady_clock::now() + timeout;
    boost::system::error_code ec;
    // While the daemon accepts no connection and its queue is full, connecting fails with EAGAIN.
    for (;;) {
      socket_.connect(asio::local::stream_protocol::endpoint(path), ec);
      if (ec != asio::error::would_block) break;
      if (std::chrono::steady_clock::now() >= end) throw NoAnswer(path);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    if (ec == asio::error::access_denied) throw NoPermission(path + group_of(path));
    if (ec) throw boost::system::system_error(ec);
  }

  /// A daemon that refuses early closes before it has read everything; what it said is worth more than the
  /// failure to send the rest.
  void send(http::request<http::string_body>& message) {
    http::request_serializer<http::string_body> serializer(message);
    boost::system::error_code ec;
    while (!serializer.is_done()) {
      http::write_some(socket_, serializer, ec);
      if (ec == asio::error::would_block) {
        wait(POLLOUT, timeout_);
      } else if (ec) {
        return;
      }
    }
  }

  template <class Parser>
  void read_some(Parser& parser, bool limited) {
    boost::system::error_code ec;
    for (;;) {
      http::read_some(socket_, buffer_, parser, ec);
      if (ec != asio::error::would_block) break;
      if (limited) {
        wait(POLLIN, timeout_);
      } else {
        wait_while_output_is_read();
      }
    }
    if (ec) throw boost::system::system_error(ec);
  }

 private:
  void wait(short events, std::chrono::milliseconds timeout) {
    pollfd entry{socket_.native_handle(), events, 0};
    if (::poll(&entry, 1, static_cast<int>(timeout.count())) == 0) throw NoAnswer(path_);
  }

  /// For data, for any time. Throws OutputClosed.
  void wait_while_output_is_read() {
    pollfd entries[] = {{socket_.native_handle(), POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
    ::poll(entries, 2, -1);
    if (entries[0].revents == 0 && (entries[1].revents & (POLLERR | POLLNVAL)) != 0) throw OutputClosed();
  }

  const std::string& path_;
  const std::chrono::milliseconds timeout_;
  asio::io_context loop_;
  Socket socket_;
  beast::flat_buffer buffer_;
};

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
                     std::string body, const std::function<bool(std::string_view)>& line,
                     const std::function<void(const Reply&)>& begin) const {
  Reply reply;
  try {
    Connection connection(socket_, timeout_);
    auto message = message_of(method, target, content_type, std::move(body));
    connection.send(message);

    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    while (!parser.is_header_done())
      connection.read_some(parser, true);
    reply.status = static_cast<int>(parser.get().result_int());
    reply.log_id = std::string(parser.get()["Log-Id"]);
    if (begin) begin(reply);
    const bool by_line = line && reply.status == 200;
    while (!parser.is_done()) {
      connection.read_some(parser, !by_line);
      if (by_line && !hand_on(parser.get().body(), line)) return reply;
    }
    if (!by_line) reply.body = std::move(parser.get().body());
    return reply;
  } catch (const OutputClosed&) {
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
