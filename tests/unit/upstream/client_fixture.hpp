// The real client on an event loop of its own, with calls that wait for the answer.
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

struct ClientFixture {
  boost::asio::io_context loop{1};
  boost::asio::thread_pool worker{1};
  StoppedClock clock;
  UpstreamConfig config;
  std::unique_ptr<TestServer> server;
  std::unique_ptr<UpstreamClient> client;

  ClientFixture() { config.request_timeout = std::chrono::seconds(20); }

  void serve(std::vector<Script> scripts, boost::asio::ssl::context* tls = nullptr) {
    server = std::make_unique<TestServer>(loop, std::move(scripts), tls);
  }

  void start_client(const std::string& host = "127.0.0.1", const std::string& scheme = "http") {
    config.base_url =
        parse_base_url(scheme + "://" + host + ":" + server->port() + "/bank-connect/v1").value();
    client = make_upstream_client(loop, worker, clock, config, "bankconnectd/test", {"the-key", "the-hash"});
  }

  /// Serves `scripts` and starts a client of that server, over plain HTTP.
  void against(std::vector<Script> scripts) {
    serve(std::move(scripts));
    start_client();
  }

  Answer ask(Call call, Elapsed not_after = kNoLimit) {
    std::optional<Answer> answer;
    client->ask(question(call, not_after), [&](Answer a) { answer = std::move(a); });
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
      if (loop.run_one() == 0) throw std::logic_error("the loop has nothing left to run");
    }
  }

  /// Runs all handlers that are ready.
  void settle() {
    loop.restart();
    while (loop.poll() > 0) {
    }
  }
};

inline const std::string kProcessing = R"({"session_progress":"processing"})";
inline const Reply kFine{http(200, kProcessing)};

}  // namespace bankconnect::test
