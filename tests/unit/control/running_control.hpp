// A control server on a Unix socket in its own thread, with a SQLite store and a follower. BankConnect never
// answers.
#pragma once

#include <boost/asio/thread_pool.hpp>
#include <boost/json.hpp>
#include <deque>
#include <future>
#include <sstream>
#include <thread>
#include <utility>

#include "bankconnect/control.hpp"
#include "bankconnect/listen.hpp"
#include "bankconnect/payload.hpp"
#include "bankconnect/store_sqlite.hpp"
#include "tests/support/ignoring_observer.hpp"
#include "tests/unit/control/counting_reader.hpp"
#include "tests/unit/net/running_server.hpp"

namespace bankconnect::test {

namespace json = boost::json;

struct HttpResponse {
  int status = 0;
  std::string headers;
  std::string body;

  std::string header(const std::string& name) const {
    const auto begin = headers.find("\r\n" + name + ": ");
    if (begin == std::string::npos) return "";
    const auto value = begin + name.size() + 4;
    return headers.substr(value, headers.find("\r\n", value) - value);
  }
  json::object object() const { return json::parse(body).as_object(); }
  std::string error_code() const { return std::string(object().at("error").at("code").as_string()); }
  std::vector<json::object> lines() const {
    std::vector<json::object> out;
    std::istringstream text(body);
    for (std::string line; std::getline(text, line);)
      out.push_back(json::parse(line).as_object());
    return out;
  }
};

inline std::string text_of(const json::value& value) {
  return std::string(value.as_string());
}

/// The content of a chunked body.
inline std::string decode_chunks(std::string_view body) {
  std::string out;
  for (;;) {
    const auto end = body.find("\r\n");
    if (end == std::string_view::npos) return out;
    const std::size_t size = std::stoul(std::string(body.substr(0, end)), nullptr, 16);
    if (size == 0 || body.size() < end + 2 + size) return out;
    out += body.substr(end + 2, size);
    body.remove_prefix(end + 2 + size + 2);
  }
}

inline HttpResponse parse_response(const std::string& raw) {
  HttpResponse response;
  const auto end = raw.find("\r\n\r\n");
  if (end == std::string::npos) return response;
  response.status = std::stoi(raw.substr(9, 3));
  response.headers = raw.substr(0, end);
  response.body = raw.substr(end + 4);
  if (response.headers.find("chunked") != std::string::npos) response.body = decode_chunks(response.body);
  return response;
}

class RunningControl {
 public:
  explicit RunningControl(std::chrono::milliseconds commit_timeout = std::chrono::seconds(60),
                          std::uint64_t max_payload_bytes = 256ULL << 20) {
    open_store();
    follower_ =
        make_follower({}, {}, {surroundings_, *store, surroundings_, surroundings_, surroundings_}, 1);
    control_ = std::make_unique<ControlServer>(ControlServer::Dependencies{
        .loop = loop_,
        .worker = worker_,
        .follower = *follower_,
        .store = *reader_,
        .log = surroundings_,
        .status = [] { return std::string("{\"health\":\"ok\"}"); },
        .backup = [this](std::string to, Done<void> done) { store->backup(std::move(to), std::move(done)); },
        .resume = [this](Done<void> done) { follower_->resume(std::move(done)); },
        .register_webhook =
            [this](const Done<RegistrationAnswer>& done) {
              boost::asio::post(loop_, [this, done] { done(registration); });
            },
        .remove_file =
            [this](const SessionId& id, const Done<void>& done) {
              files_removed.push_back(id.text());
              boost::asio::post(loop_, [done] { done({}); });
            },
        .commit_timeout = commit_timeout,
        .max_payload_bytes = max_payload_bytes});
    control_->serve(std::get<int>(net::listen_unix(path, 0600, "")));
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~RunningControl() { teardown(); }
  /// Called by Boost.Test before any destructor: the loop ends while the fixture is still whole.
  void teardown() {
    if (std::exchange(torn_down_, true)) return;
    on_loop([this] {
      control_->stop();
      loop_.stop();
    });
    thread_.join();
    store->close();
    worker_.join();
  }

  void on_loop(std::function<void()> work) {
    std::promise<void> done;
    boost::asio::post(loop_, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  std::uint32_t connections() {
    std::uint32_t count = 0;
    on_loop([&] { count = control_->connections(); });
    return count;
  }
  /// Waits until `count` connections are open; false when that takes more than five seconds.
  bool reaches_connections(std::uint32_t count) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (connections() != count) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();
    }
    return true;
  }
  void stop() {
    on_loop([this] { control_->stop(); });
  }
  /// How often the server has read a single session from the store.
  int session_reads() const { return reader_->session_reads(); }

  std::string raw(const std::string& method, const std::string& target, const std::string& type = "",
                  const std::string& body = "") const {
    std::string out = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    if (!type.empty()) out += "Content-Type: " + type + "\r\n";
    return out + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  HttpResponse call(const std::string& method, const std::string& target, const std::string& type = "",
                    const std::string& body = "") const {
    Client client(path);
    client.send(raw(method, target, type, body));
    return parse_response(client.read_all());
  }
  HttpResponse get(const std::string& target) const { return call("GET", target); }
  HttpResponse submit(const std::string& object) const {
    return call("POST", "/v1/sessions", "application/json", object);
  }
  HttpResponse submit_id(const std::string& id) const { return submit("{\"session_id\":\"" + id + "\"}"); }

  /// Writes to the store directly, past the follower, a step of the stored submission.
  void write(SessionWrite write) {
    std::promise<bool> done;
    store->session(write.id, [this, &write, &done](const Result<std::optional<SessionRecord>>& stored) {
      write.durable.submitted_at = (*stored)->durable.submitted_at;
      store->write(std::move(write), [&done](Committed, const Written& written) {
        done.set_value(written.record.has_value());
      });
    });
    BOOST_TEST_REQUIRE(done.get_future().get());
  }
  StoredWebhook store_webhook(Webhook webhook) {
    std::promise<StoredWebhook> done;
    WebhookWrite write;
    write.webhook = std::move(webhook);
    store->store_webhook(std::move(write), [&](Result<StoredWebhook> stored) { done.set_value(*stored); });
    return done.get_future().get();
  }
  Swept sweep(Wall before) {
    std::promise<Swept> done;
    store->sweep(as_elapsed(before), before, 1000, [&](Result<Swept> swept) { done.set_value(*swept); });
    return done.get_future().get();
  }

 private:
  TempDir dir_;

 public:
  const std::string path = dir_ / "socket";
  std::string in_folder(const std::string& name) const { return dir_ / name; }
  std::unique_ptr<SqliteStore> store;
  // Written on the loop's thread; read them while no request is under way.
  std::vector<std::string> files_removed;
  std::vector<std::string> changes_logged;
  /// The result of registering the webhook.
  Result<RegistrationAnswer> registration = Error{ErrorCode::webhook_not_configured, "no URL"};

 private:
  void open_store() {
    SqliteOptions options;
    options.path = dir_ / "db";
    options.post = [this](std::function<void()> work) { boost::asio::post(loop_, std::move(work)); };
    options.on_failure = [](const Error& error) { throw std::runtime_error(error.message); };
    auto opened = open_sqlite_store(std::move(options));
    store = std::move(opened->store);
    opened->recovery.reset();
    reader_ = std::make_unique<CountingReader>(*store);
  }

  /// What the server is connected to. A member, so that no virtual table of a test changes while the loop
  /// runs.
  class Surroundings final : public UpstreamPort,
                             public Clock,
                             public Alarm,
                             public IgnoringObserver,
                             public Log {
   public:
    explicit Surroundings(RunningControl& owner) : owner_(owner) {}
    Moment now() const override { return SystemClock().now(); }
    void set(Steady) override {}
    void ask(const Question&, std::function<void(Answer)>) override {}
    void fetch_report(const ReportLink&, std::function<void(ReportAnswer)>) override {}
    void transitioned(const EventRecord& event) override { owner_.control_->event_committed(event); }
    void erased(const SessionId& id, State) override { owner_.control_->session_erased(id); }
    void write(LogLevel, std::string_view event, std::string_view,
               std::initializer_list<LogField> fields) override {
      if (event != "control") return;
      for (const LogField& field : fields)
        if (field.key == "command")
          owner_.changes_logged.emplace_back(std::get<std::string_view>(field.value));
    }

   private:
    RunningControl& owner_;
  };

  Surroundings surroundings_{*this};
  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ =
      boost::asio::make_work_guard(loop_);
  boost::asio::thread_pool worker_{1};
  std::unique_ptr<CountingReader> reader_;
  std::unique_ptr<Follower> follower_;
  std::unique_ptr<ControlServer> control_;
  std::thread thread_;
  bool torn_down_ = false;
};

/// A distinct session id for each number, as text.
inline std::string uuid(std::uint32_t number) {
  char text[37];
  std::snprintf(text, sizeof text, "%08x-1234-4abc-8def-0123456789ab", number);
  return text;
}

/// With one session submitted.
struct OneSession : RunningControl {
  explicit OneSession(std::chrono::milliseconds commit_timeout = std::chrono::seconds(60))
      : RunningControl(commit_timeout) {
    submit_id(uuid(1));
  }
  const std::string one = "/v1/sessions/" + uuid(1);
  const std::string unknown = "/v1/sessions/" + uuid(99);
};

}  // namespace bankconnect::test
