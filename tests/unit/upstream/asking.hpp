// The real client on an event loop of its own, and one way to ask it something.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "bankconnect/upstream.hpp"
#include "tests/unit/upstream/reading.hpp"
#include "tests/unit/upstream/test_server.hpp"

namespace bankconnect::test {

class StoppedClock final : public Clock {
 public:
  Moment now() const override { return {Steady(std::chrono::hours(5)), kNow}; }
};

struct Asking {
  boost::asio::io_context loop{1};
  boost::asio::thread_pool worker{1};
  StoppedClock clock;
  UpstreamOptions options;
  std::unique_ptr<TestServer> server;
  std::unique_ptr<UpstreamClient> client;

  Asking() {
    options.user_agent = "bankconnectd/test";
    options.request_timeout = std::chrono::seconds(20);
  }

  void serve(std::vector<Script> scripts, boost::asio::ssl::context* tls = nullptr) {
    server = std::make_unique<TestServer>(loop, std::move(scripts), tls);
  }

  void start_client(const std::string& host = "127.0.0.1", const std::string& scheme = "http") {
    options.base_url = scheme + "://" + host + ":" + server->port() + "/bank-connect/v1";
    client =
        std::make_unique<UpstreamClient>(loop, worker, clock, options, Credentials{"the-key", "the-hash"});
  }

  /// Serves `scripts` and talks to it over plain HTTP.
  void against(std::vector<Script> scripts) {
    serve(std::move(scripts));
    start_client();
  }

  Answer ask(Call call, Steady not_after = kNever) {
    std::optional<Answer> answer;
    client->ask({kSession, call, not_after}, [&](Answer a) { answer = std::move(a); });
    if (answer) throw std::logic_error("answered from inside ask()");
    wait_until([&] { return answer.has_value(); });
    return std::move(*answer);
  }

  RegistrationAnswer register_webhook(const std::string& url, const std::string& mode = "1") {
    std::optional<RegistrationAnswer> answer;
    client->register_webhook(url, mode, [&](RegistrationAnswer a) { answer = std::move(a); });
    wait_until([&] { return answer.has_value(); });
    return std::move(*answer);
  }

  template <class Condition>
  void wait_until(Condition condition) {
    loop.restart();
    while (!condition()) {
      if (loop.run_one() == 0) throw std::logic_error("nothing is left to happen");
    }
  }

  /// Lets everything that is ready happen.
  void settle() {
    loop.restart();
    while (loop.poll() > 0) {
    }
  }
};

inline const std::string kProcessing = R"({"session_progress":"processing"})";

}  // namespace bankconnect::test
