// A webhook listener on a Unix socket in its own thread, with a follower in a FakeWorld: nothing is committed
// before the test says so.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>

#include "bankconnect/listen.hpp"
#include "bankconnect/webhook.hpp"
#include "tests/support/fake_world.hpp"
#include "tests/unit/net/running_server.hpp"

namespace bankconnect::test {

struct WebhookResponse {
  int status = 0;  ///< 0: there was no response
  std::string head;
  std::string body;
};

class RunningListener {
 public:
  explicit RunningListener(const WebhookConfig& config = {}, std::vector<std::string> secrets = {},
                           const FollowOptions& options = without_rate_limit())
      : world({}, options) {
    listener_ = std::make_unique<WebhookListener>(
        WebhookListener::Dependencies{loop_, world.clock, *world.follower, world.observer}, config,
        std::move(secrets));
    listener_->serve(std::get<int>(net::listen_unix(path, 0600, "")));
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~RunningListener() {
    on_loop([this] {
      listener_->stop();
      world.settle();  // ends the requests that wait for a commit
    });
    work_.reset();
    loop_.stop();
    thread_.join();
  }

  void on_loop(std::function<void()> work) {
    std::promise<void> done;
    boost::asio::post(loop_, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  template <class T>
  T on_loop_get(std::function<T()> work) {
    T out{};
    on_loop([&] { out = work(); });
    return out;
  }
  void commit() {
    on_loop([this] { world.settle(); });
  }
  /// Waits until `count` writes wait for their commit; false when that takes more than five seconds.
  bool reaches_waiting(std::size_t count) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (on_loop_get<std::size_t>([this] { return world.store.waiting(); }) != count) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }
  void with_listener(const std::function<void(WebhookListener&)>& work) {
    on_loop([&] { work(*listener_); });
  }

  static std::string request(const std::string& body, const std::string& fields = kJson,
                             const std::string& target = "/webhooks/bankconnect") {
    return "POST " + target + " HTTP/1.1\r\nHost: x\r\n" + fields +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  /// Sends bytes on a new connection and reads one response.
  WebhookResponse exchange(const std::string& bytes) {
    Client client(path);
    client.send(bytes);
    return read_response(client);
  }
  WebhookResponse post(const std::string& body, const std::string& fields = kJson) {
    return exchange(request(body, fields));
  }
  /// Commits writes until the response arrives.
  WebhookResponse read_response(Client& client) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!client.readable(1) && std::chrono::steady_clock::now() < end)
      commit();
    WebhookResponse response;
    response.head = client.read_until("\r\n\r\n");
    if (response.head.size() < 12) return response;
    response.status = std::stoi(response.head.substr(9, 3));
    const auto length = response.head.find("Content-Length: ");
    if (length == std::string::npos) return response;
    response.body = client.read_exactly(std::stoul(response.head.substr(length + 16)));
    return response;
  }
  /// The webhooks that were reported to the observer.
  std::vector<WebhookSeen> seen() {
    return on_loop_get<std::vector<WebhookSeen>>([this] { return world.observer.webhooks; });
  }
  WebhookSeen last_seen() {
    const auto all = seen();
    return all.empty() ? WebhookSeen{} : all.back();
  }

  static constexpr const char* kJson = "Content-Type: application/json\r\n";

 private:
  TempDir dir_;

 public:
  const std::string path = dir_ / "socket";
  FakeWorld world;  ///< loop thread only

 private:
  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ =
      boost::asio::make_work_guard(loop_);
  std::unique_ptr<WebhookListener> listener_;
  std::thread thread_;
};

inline const std::string kAccepted = "{\"status\":\"accepted\"}";

inline std::string webhook_for(std::uint32_t session,
                               const std::string& event_name = "enrichment_completed") {
  return "{\"event_name\":\"" + event_name + "\",\"session_id\":\"" + id_of(session).text() + "\"}";
}

}  // namespace bankconnect::test
