// What a coroutine waits for: an operation of Asio without exceptions, and a call that answers by callback.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace bankconnect {

/// Completion token: the operation's error code and results come as a tuple; nothing is thrown.
inline constexpr auto kAsTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

/// Calls `start(callback)`; the callback's value is the result. The callback comes on the loop's thread,
/// once.
template <class T, class Start>
boost::asio::awaitable<T> await_callback(Start start) {
  namespace asio = boost::asio;
  auto initiate = [](auto handler, Start begin) {
    auto waiting = std::make_shared<decltype(handler)>(std::move(handler));
    begin([waiting](T value) {
      auto resumed = std::move(*waiting);
      std::move(resumed)(std::move(value));
    });
  };
  T value = co_await asio::async_initiate<const asio::use_awaitable_t<>, void(T)>(initiate,
                                                                                  asio::use_awaitable, start);
  co_return value;
}

/// `done`, but called with `late` when it was not called within `timeout` from now; the value that comes
/// after that is dropped.
template <class T>
std::function<void(T)> answered_within(boost::asio::io_context& loop, std::chrono::milliseconds timeout,
                                       T late, std::function<void(T)> done) {
  struct Waiting {
    explicit Waiting(boost::asio::io_context& on) : timer(on) {}
    boost::asio::steady_timer timer;
    std::function<void(T)> to_call;
    void end(T value) {
      timer.cancel();
      if (auto first = std::exchange(to_call, nullptr)) first(std::move(value));
    }
  };
  auto waiting = std::make_shared<Waiting>(loop);
  waiting->to_call = std::move(done);
  waiting->timer.expires_after(timeout);
  waiting->timer.async_wait([waiting, late = std::move(late)](const boost::system::error_code& ec) {
    if (!ec) waiting->end(late);
  });
  return [waiting](T value) { waiting->end(std::move(value)); };
}

/// As `await_callback`, but after `timeout` the result is `late`.
template <class T, class Start>
boost::asio::awaitable<T> await_callback_for(boost::asio::io_context& loop, std::chrono::milliseconds timeout,
                                             T late, Start start) {
  auto limited = [&loop, timeout, late = std::move(late), start = std::move(start)](auto done) {
    start(answered_within<T>(loop, timeout, late, std::move(done)));
  };
  T value = co_await await_callback<T>(std::move(limited));
  co_return value;
}

}  // namespace bankconnect
