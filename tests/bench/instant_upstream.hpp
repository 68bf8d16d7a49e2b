// A stand-in for BankConnect that answers at once and remembers when the bytes of each initiate arrived.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace bankconnect::bench {

using Clock = std::chrono::steady_clock;

/// The id of the session with this number; the number of the session with this id.
std::string session_id(std::size_t number);
std::size_t session_number(const std::string& path);

class InstantUpstream {
 public:
  /// For sessions 0 to `sessions` - 1, all IN_PROGRESS.
  explicit InstantUpstream(std::size_t sessions);
  ~InstantUpstream();

  std::string base_url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1"; }
  /// From now on the session is COMPLETED. From any thread.
  void complete(std::size_t session) { completed_[session].store(true, std::memory_order_release); }
  /// When initiate arrived; the epoch when it did not. From any thread.
  Clock::time_point initiated_at(std::size_t session) const {
    return Clock::time_point(Clock::duration(initiated_[session].load(std::memory_order_acquire)));
  }
  std::uint64_t initiated() const { return initiates_; }
  std::uint64_t asked() const { return upload_questions_; }
  /// The shortest time between two upload-status questions about one session.
  Clock::duration closest() const { return Clock::duration(closest_.load()); }
  /// More than one initiate for a session, or one before it was COMPLETED.
  std::uint64_t wrong() const { return wrong_; }

 private:
  class Connection;
  void accept();
  std::string answer(const std::string& header, Clock::time_point arrived);

  std::vector<std::atomic<bool>> completed_;
  std::vector<std::atomic<Clock::rep>> initiated_;
  std::vector<Clock::time_point> asked_at_;  ///< of the stand-in's own thread
  std::atomic<Clock::rep> closest_{Clock::duration::max().count()};
  std::atomic<std::uint64_t> initiates_{0};
  std::atomic<std::uint64_t> upload_questions_{0};
  std::atomic<std::uint64_t> wrong_{0};
  boost::asio::io_context loop_{1};
  boost::asio::ip::tcp::acceptor acceptor_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace bankconnect::bench
