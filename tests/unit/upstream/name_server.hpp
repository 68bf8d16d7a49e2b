// A fake name server: it counts look-ups, and answers when the test says so.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "src/upstream/resolver.hpp"

namespace bankconnect::test {

using upstream::Addresses;
using upstream::Deadline;
using upstream::TransportError;

inline Addresses at(const std::string& address, unsigned short port = 443) {
  return {{boost::asio::ip::make_address(address), port}};
}

struct FakeNameServer {
  std::size_t look_ups = 0;
  std::vector<std::function<void(boost::system::error_code, Addresses)>> waiting;

  upstream::LookUp look_up() {
    return [this](auto done) {
      ++look_ups;
      waiting.push_back(std::move(done));
    };
  }
  void answer(const Addresses& addresses) { finish({}, addresses); }
  void fail() { finish(boost::asio::error::host_not_found, {}); }

 private:
  void finish(boost::system::error_code ec, const Addresses& addresses) {
    for (const auto& done : std::exchange(waiting, {}))
      done(ec, addresses);
  }
};

}  // namespace bankconnect::test
