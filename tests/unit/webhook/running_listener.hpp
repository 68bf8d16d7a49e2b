// A webhook listener on a Unix socket in a thread of its own, with a real follower in a world that the test
// moves: nothing is committed before it says so.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>

#include "bankconnect/webhook.hpp"
#include "tests/support/fake_world.hpp"
#include "tests/unit/net/running_server.hpp"

namespace bankconnect::test {

struct WebhookAnswer {
  int status = 0;  ///< 0: none came
  std::string head;
  std::string body;
};

class RunningListener {
 public:
  explicit RunningListener(WebhookOptions options = {}, const Policy& policy = {}) : world(policy) {
    listener_ = std::make_unique<WebhookListener>(
        WebhookListener::World{loop_, world.clock, *world.follower, world.observer}, std::move(options));
    listener_->serve(std::get<int>(net::listen_unix(path, 0600, "")));
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~RunningListener() {
    on_loop([this] {
      listener_->stop();
      world.settle();  // whoever waits for a commit lives on the loop
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
  /// Waits until so many writes wait for their commit; false when that takes more than five seconds.
  bool comes_to_wait(std::size_t writes) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (on_loop_get<std::size_t>([this] { return world.store.waiting(); }) != writes) {
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
  /// Sends bytes on a connection of its own; what waits for a commit meanwhile is committed.
  WebhookAnswer exchange(const std::string& bytes) {
    Client client(path);
    client.send(bytes);
    return answer_to(client);
  }
  WebhookAnswer post(const std::string& body, const std::string& fields = kJson) {
    return exchange(request(body, fields));
  }
  WebhookAnswer answer_to(Client& client) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!client.readable(1) && std::chrono::steady_clock::now() < end)
      commit();
    WebhookAnswer answer;
    answer.head = client.read_until("\r\n\r\n");
    if (answer.head.size() < 12) return answer;
    answer.status = std::stoi(answer.head.substr(9, 3));
    const auto length = answer.head.find("Content-Length: ");
    if (length == std::string::npos) return answer;
    answer.body = client.read_exactly(std::stoul(answer.head.substr(length + 16)));
    return answer;
  }
  /// The webhooks that were noted so far.
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
