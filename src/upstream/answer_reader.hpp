// Reads one answer off a stream, within its limits: skips 1xx answers, takes memory for its body before it is
// read, and gives up one that comes too slowly.
#pragma once

#include <algorithm>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "bankconnect/await_callback.hpp"
#include "src/upstream/connection.hpp"
#include "src/upstream/messages.hpp"
#include "src/upstream/pace.hpp"

namespace bankconnect::upstream {

template <class Stream>
class AnswerReader {
 public:
  static constexpr std::uint32_t kMaxHeader = 64 * 1024;
  static constexpr std::size_t kBuffer = kMaxHeader + 64 * 1024;

  /// All of them have to outlive the reader.
  AnswerReader(Stream& stream, boost::beast::flat_buffer& buffer, const AnswerLimits& limits)
      : stream_(stream), buffer_(buffer), limits_(limits), deadline_(limits.deadline) {}

  boost::asio::awaitable<ConnectionReply> read() {
    ConnectionReply out;
    for (int informational = 0; informational <= kMaxInformational; ++informational) {
      Parser parser;
      parser.header_limit(kMaxHeader);
      parser.body_limit(limits_.max_body);
      const error_code header_error = co_await read_header(parser);
      out.silent = out.silent && received() == 0;
      if (header_error) {
        out.result = fault_of(header_error);
        co_return out;
      }
      if (const auto fault = framing_error(parser.get())) {
        out.result = *fault;
        co_return out;
      }
      const int status = static_cast<int>(parser.get().result_int());
      restart_pace();
      if (status >= 100 && status < 200) continue;
      parser.eager(true);
      const error_code body_error = co_await read_body(parser);
      if (body_error) {
        out.result = fault_of(body_error);
        co_return out;
      }
      out.reusable = parser.get().keep_alive() && buffer_.size() == 0;
      out.result = answer_of(parser.get());
      boost::beast::get_lowest_layer(stream_).expires_never();
      co_return out;
    }
    out.result = TransportError{"BAD_HTTP", "too many 1xx answers"};
    co_return out;
  }

 private:
  using Parser = boost::beast::http::response_parser<boost::beast::http::string_body>;
  using error_code = boost::beast::error_code;
  using Clock = std::chrono::steady_clock;

  static constexpr int kMaxInformational = 10;
  static constexpr std::size_t kFirstRead = 16UL * 1024;
  static constexpr std::uint64_t kWithoutShare =
      64 * 1024;  ///< a body up to this takes nothing of the budget

  boost::asio::awaitable<error_code> read_header(Parser& parser) {
    error_code ec = co_await complete_status_line();
    if (ec) co_return ec;
    expire_when_due();
    auto header = co_await boost::beast::http::async_read_header(stream_, buffer_, parser, kAsTuple);
    consumed_ += std::get<1>(header);
    ec = std::get<0>(header);
    co_return ec;
  }

  /// Beast's parser wants the blank after the status that RFC 9112 asks for even where no reason follows.
  /// Some servers leave it out: it is put in.
  boost::asio::awaitable<error_code> complete_status_line() {
    constexpr std::size_t kStatusEnd = std::string_view("HTTP/1.1 200").size();
    while (buffer_.size() <= kStatusEnd) {
      auto read = co_await stream_.async_read_some(buffer_.prepare(kFirstRead), kAsTuple);
      const error_code ec = std::get<0>(read);
      buffer_.commit(std::get<1>(read));
      arrived(std::get<1>(read));
      if (ec == boost::asio::error::eof && buffer_.size() > 0)
        co_return error_code();  // the parser says what it is
      if (ec) co_return ec;
    }
    const std::string_view text(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    const bool blank_missing = text[kStatusEnd] == '\r' || text[kStatusEnd] == '\n';
    if (!text.starts_with("HTTP/1.") || !blank_missing) co_return error_code();
    std::string whole(text);
    whole.insert(kStatusEnd, 1, ' ');
    buffer_.consume(buffer_.size());
    buffer_.commit(boost::asio::buffer_copy(buffer_.prepare(whole.size()), boost::asio::buffer(whole)));
    co_return error_code();
  }

  boost::asio::awaitable<error_code> read_body(Parser& parser) {
    error_code ec;
    while (!ec && !parser.is_done()) {
      co_await take_memory(parser);
      expire_when_due();
      auto read = co_await boost::beast::http::async_read_some(stream_, buffer_, parser, kAsTuple);
      ec = std::get<0>(read);
      consumed_ += std::get<1>(read);
      arrived(std::get<1>(read));
    }
    co_return ec;
  }

  /// Before more is read than there is memory for. A string that grows is copied: without a length in the
  /// header, twice its size is taken.
  boost::asio::awaitable<void> take_memory(const Parser& parser) {
    if (!limits_.memory) co_return;
    const std::uint64_t left = parser.content_length_remaining().value_or(0);
    const std::uint64_t now = parser.get().body().size();
    const std::uint64_t needed = left > 0 ? now + std::min(left, limits_.max_body) : 2 * (now + kBuffer);
    if (needed <= kWithoutShare || needed <= limits_.memory->bytes()) co_return;
    boost::beast::get_lowest_layer(stream_).expires_never();
    const auto began = Clock::now();
    co_await limits_.memory->grow(left > 0 ? needed : 2 * needed);
    const auto waited = Clock::now() - began;
    deadline_ += waited;
    if (pace_) pace_->delayed(waited);
  }

  void arrived(std::size_t bytes) {
    if (bytes > 0 && !pace_) {
      pace_.emplace(Clock::now(), limits_.grace, limits_.min_throughput);
      paced_from_ = received() - bytes;
    }
    expire_when_due();
  }
  /// What follows may take its time to begin: a server may send a header before it has made the body.
  void restart_pace() { pace_.reset(); }
  std::uint64_t received() const { return consumed_ + buffer_.size(); }
  void expire_when_due() { boost::beast::get_lowest_layer(stream_).expires_at(std::min(deadline_, due())); }
  Deadline due() const { return pace_ ? pace_->due_after(received() - paced_from_) : Deadline::max(); }

  TransportError fault_of(error_code ec) const {
    if (ec == boost::beast::error::timeout && due() < deadline_)
      return {"TOO_SLOW", "the answer came at less than upstream.min_throughput"};
    return transport_error(ec, "reading the answer");
  }

  static HttpAnswer answer_of(boost::beast::http::response<boost::beast::http::string_body>& response) {
    using boost::beast::http::field;
    HttpAnswer answer;
    answer.status = static_cast<int>(response.result_int());
    answer.retry_after = std::string(response[field::retry_after]);
    answer.date = std::string(response[field::date]);
    answer.age = std::string(response[field::age]);
    answer.content_encoding = std::string(response[field::content_encoding]);
    answer.body = std::move(response.body());
    return answer;
  }

  Stream& stream_;
  boost::beast::flat_buffer& buffer_;
  const AnswerLimits& limits_;
  Deadline deadline_;
  std::optional<Pace> pace_;      ///< from the first byte of the header, and again of the body
  std::uint64_t paced_from_ = 0;  ///< bytes received before that
  std::uint64_t consumed_ = 0;    ///< bytes received that are not in the buffer any more
};

}  // namespace bankconnect::upstream
