#include "tests/bench/instant_upstream.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>
#include <cstdlib>

namespace bankconnect::bench {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

std::string session_id(std::size_t number) {
  char text[37];
  std::snprintf(text, sizeof text, "00000000-0000-4000-8000-%012zu", number);
  return text;
}

std::size_t session_number(const std::string& path) {
  const auto at = path.find("-8000-");
  return at == std::string::npos ? 0 : std::strtoul(path.c_str() + at + 6, nullptr, 10);
}

class InstantUpstream::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, InstantUpstream& upstream)
      : socket_(std::move(socket)), upstream_(upstream) {
    socket_.set_option(tcp::no_delay(true));
  }

  void read() {
    socket_.async_read_some(asio::buffer(part_), [self = shared_from_this()](ErrorCode ec, std::size_t size) {
      if (!ec) self->got(size, Clock::now());
    });
  }

 private:
  void got(std::size_t size, Clock::time_point arrived) {
    received_.append(part_, size);
    const auto end = received_.find("\r\n\r\n");
    if (end == std::string::npos) return read();
    std::size_t body = 0;
    const auto length = received_.find("ontent-");
    const auto field = received_.find("ength: ", length == std::string::npos ? 0 : length);
    if (field < end) body = std::strtoul(received_.c_str() + field + 7, nullptr, 10);
    if (received_.size() < end + 4 + body) return read();
    reply_ = upstream_.answer(received_.substr(0, end), arrived);
    received_.erase(0, end + 4 + body);
    asio::async_write(socket_, asio::buffer(reply_), [self = shared_from_this()](ErrorCode ec, std::size_t) {
      if (!ec) self->read();
    });
  }

  tcp::socket socket_;
  InstantUpstream& upstream_;
  char part_[4096];
  std::string received_;
  std::string reply_;
};

InstantUpstream::InstantUpstream(std::size_t sessions)
    : completed_(sessions),
      initiated_(sessions),
      asked_at_(sessions),
      acceptor_(loop_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      port_(acceptor_.local_endpoint().port()) {
  accept();
  thread_ = std::thread([this] { loop_.run(); });
}

InstantUpstream::~InstantUpstream() {
  loop_.stop();
  thread_.join();
}

void InstantUpstream::accept() {
  acceptor_.async_accept([this](ErrorCode ec, tcp::socket socket) {
    if (ec) return;
    std::make_shared<Connection>(std::move(socket), *this)->read();
    accept();
  });
}

std::string InstantUpstream::answer(const std::string& header, Clock::time_point arrived) {
  const std::string line = header.substr(0, header.find('\r'));
  const std::size_t session = session_number(line);
  if (session >= completed_.size()) return "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
  const std::string id = "{\"session_id\":\"" + session_id(session) + "\",";
  const bool complete = completed_[session].load(std::memory_order_acquire);
  const char* status = "200 OK";
  std::string body;
  if (line.find("/initiate_processing/") != std::string::npos) {
    const bool again = initiated_[session].exchange(arrived.time_since_epoch().count()) != 0;
    if (again || !complete) ++wrong_;
    ++initiates_;
    status = "202 Accepted";
    body = id + "\"message\":\"success\"}";
  } else if (line.find("upload_status/") != std::string::npos) {
    ++upload_questions_;
    if (asked_at_[session] != Clock::time_point())
      closest_ = std::min(closest_.load(), (arrived - asked_at_[session]).count());
    asked_at_[session] = arrived;
    body = id + "\"upload_status\":\"" + (complete ? "COMPLETED" : "IN_PROGRESS") +
           "\",\"session_expiry_timestamp\":\"\",\"accounts\":[{\"account_id\":\"94debf26-a6f3-43d4-8ec3-"
           "18633786ff61\",\"account_number\":\"759453218099430\",\"bank_name\":\"axis\",\"statements\":[{"
           "\"statement_id\":\"d4b59c79-9dbc-427b-a1f2-c052f13cd6fa\",\"statement_status\":\"completed\"}],"
           "\"account_status\":\"" +
           (complete ? "COMPLETED" : "PARTIAL") + "\",\"missing_data\":[]}],\"error\":{}}";
  } else {
    body = id + "\"session_progress\":\"processing\",\"progress\":[]}";
  }
  return "HTTP/1.1 " + std::string(status) +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

}  // namespace bankconnect::bench
