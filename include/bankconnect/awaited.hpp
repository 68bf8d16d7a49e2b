// A call that answers by callback, as something a coroutine waits for.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

namespace bankconnect {

/// Calls `start(callback)`; the callback's value is the result. The callback comes on the loop's thread,
/// once.
template <class T, class Start>
boost::asio::awaitable<T> awaited(Start start) {
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

}  // namespace bankconnect
