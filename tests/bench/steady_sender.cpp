#include "tests/bench/steady_sender.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <deque>
#include <memory>

namespace bankconnect::bench {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using Clock = Sent::Clock;

namespace {

class Sender {
 public:
  explicit Sender(const Load& load) : load_(load), timer_(loop_), start_(Clock::now()) {
    const int port = std::atoi(load.host_port.c_str() + load.host_port.rfind(':') + 1);
    const tcp::endpoint where(asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port));
    sent_.reserve(load.count);
    for (std::size_t i = 0; i < load.connections; ++i) {
      lines_.push_back(std::make_unique<Line>(loop_));
      lines_.back()->socket.connect(where);
      lines_.back()->socket.set_option(tcp::no_delay(true));
      idle_.push_back(lines_.back().get());
    }
    start_ = Clock::now();
  }

  std::vector<Sent> run() {
    send_what_is_due();
    loop_.run();
    return std::move(sent_);
  }

 private:
  struct Line {
    explicit Line(asio::io_context& loop) : socket(loop) {}
    tcp::socket socket;
    std::string request;
    std::string reply;
    char part[1024];
    Sent now;
  };

  Clock::time_point due(std::size_t number) const {
    const std::chrono::duration<double> after(static_cast<double>(number) / load_.per_second);
    return start_ + std::chrono::duration_cast<Clock::duration>(after);
  }

  void send_what_is_due() {
    while (next_ < load_.count && !idle_.empty() && due(next_) <= Clock::now()) {
      // In turn: a connection nothing was ever sent on is closed by the daemon after a few seconds.
      Line* line = idle_.front();
      idle_.pop_front();
      send(*line, next_++);
    }
    if (next_ == load_.count || idle_.empty()) return;  // whoever becomes idle goes on
    timer_.expires_at(due(next_));
    timer_.async_wait([this](ErrorCode ec) {
      if (!ec) send_what_is_due();
    });
  }

  void send(Line& line, std::size_t number) {
    const std::string body = load_.body(number);
    line.request =
        "POST " + load_.path +
        " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nx-secret-key: " + load_.secret +
        "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    line.reply.clear();
    line.now = {number, due(number), {}, {}, 0};
    if (load_.before) load_.before(number);
    line.now.sent = Clock::now();
    asio::async_write(line.socket, asio::buffer(line.request), [this, &line](ErrorCode ec, std::size_t) {
      if (ec) return ended(line, false);
      read(line);
    });
  }

  void read(Line& line) {
    line.socket.async_read_some(asio::buffer(line.part), [this, &line](ErrorCode ec, std::size_t size) {
      if (ec) return ended(line, false);
      line.now.answered = Clock::now();
      line.reply.append(line.part, size);
      const auto end = line.reply.find("\r\n\r\n");
      if (end == std::string::npos) return read(line);
      const auto length = line.reply.find("Content-Length: ");
      const std::size_t body = length < end ? std::strtoul(line.reply.c_str() + length + 16, nullptr, 10) : 0;
      if (line.reply.size() < end + 4 + body) return read(line);
      line.now.status = std::atoi(line.reply.c_str() + 9);
      ended(line, true);
    });
  }

  void ended(Line& line, bool well) {
    sent_.push_back(line.now);
    if (well) idle_.push_back(&line);
    timer_.cancel();
    send_what_is_due();
  }

  const Load& load_;
  asio::io_context loop_{1};
  asio::steady_timer timer_;
  Clock::time_point start_;
  std::vector<std::unique_ptr<Line>> lines_;
  std::deque<Line*> idle_;
  std::size_t next_ = 0;
  std::vector<Sent> sent_;
};

}  // namespace

std::vector<Sent> send_steadily(const Load& load) {
  return Sender(load).run();
}

}  // namespace bankconnect::bench
