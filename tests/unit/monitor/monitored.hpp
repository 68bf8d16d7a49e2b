// Counters and a reporter with a directory, a store, a follower and a log of the test's own.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "bankconnect/monitor.hpp"
#include "tests/support/fake_world.hpp"

namespace bankconnect::test {

class FakeReader final : public StoreReader {
 public:
  explicit FakeReader(boost::asio::io_context& loop) : loop_(loop) {}
  void session(SessionId id, Done<std::optional<SessionRecord>> done) override {
    reads.push_back(id);
    const auto found = records.find(id);
    auto answer = [record = found == records.end() ? std::optional<SessionRecord>() : found->second, done] {
      done(record);
    };
    if (id == slow) {
      delayed.push_back(std::move(answer));
    } else {
      boost::asio::post(loop_, std::move(answer));
    }
  }
  /// Answers the reads of the slow session, with what was stored when they were made.
  void answer_delayed() {
    slow = std::nullopt;
    for (auto& answer : std::exchange(delayed, {}))
      boost::asio::post(loop_, std::move(answer));
  }
  void sessions(SessionQuery, Done<SessionPage>) override {}
  void payload(SessionId, Call, Done<std::optional<Payload>>) override {}
  void report(SessionId, ReportName, Done<std::optional<Payload>>) override {}
  void events(EventQuery query, Done<EventPage> done) override {
    if (unreadable_pages > 0) {
      --unreadable_pages;
      boost::asio::post(loop_, [done] { done(Error{ErrorCode::store_unavailable, "not now"}); });
      return;
    }
    EventPage page;
    for (const EventRecord& event : log)
      if (event.seq > query.after && page.events.size() < query.limit) page.events.push_back(event);
    boost::asio::post(loop_, [page, done] { done(page); });
  }
  void webhooks(WebhookQuery, Done<WebhookPage>) override {}
  void facts(Done<StoreFacts> done) override {
    boost::asio::post(loop_, [facts = store, done] { done(facts); });
  }
  WriteDelay write_delay() const override { return delay; }
  std::map<SessionId, SessionRecord> records;
  WriteDelay delay;
  std::vector<SessionId> reads;   ///< sessions that were read, in order
  std::optional<SessionId> slow;  ///< reads of it are answered by `answer_delayed`
  std::vector<std::function<void()>> delayed;
  std::vector<EventRecord> log;
  int unreadable_pages = 0;
  StoreFacts store;

 private:
  boost::asio::io_context& loop_;
};

/// Shows what a test sets and does nothing.
class FakeFollower final : public Follower {
 public:
  void restore(const SessionRecord&) override {}
  void submit(const std::vector<Submission>&, Done<std::vector<Submitted>>) override {}
  void command(const SessionId&, Command, Done<std::optional<SessionRecord>>) override {}
  void resume(Done<void>) override {}
  void take_webhook(Webhook, Done<StoredWebhook>) override {}
  void erase(const SessionId&, Done<void>) override {}
  void drop_expired(const SessionId&) override {}
  void run() override {}
  void retry_upstream() override {}
  void stop() override {}
  bool idle() const override { return true; }
  void fill_in(SessionRecord& record) const override {
    if (in_memory) record.attempts = attempts;
  }
  Followed followed() const override { return shown; }

  Followed shown;
  bool in_memory = true;
  std::uint16_t attempts = 3;
};

/// Keeps the lines and writes none.
class RecordingLog final : public Log {
 public:
  struct Line {
    LogLevel level = LogLevel::info;
    std::string event;
    std::map<std::string, std::string> fields;  ///< without the empty ones, which are not written
  };
  void write(LogLevel level, std::string_view event, std::string_view,
             std::initializer_list<LogField> fields) override {
    Line line{level, std::string(event), {}};
    for (const LogField& field : fields) {
      const auto* number = std::get_if<std::int64_t>(&field.value);
      std::string text =
          number ? std::to_string(*number) : std::string(std::get<std::string_view>(field.value));
      if (!text.empty()) line.fields[std::string(field.key)] = std::move(text);
    }
    lines.push_back(std::move(line));
  }
  std::vector<std::string> events() const {
    std::vector<std::string> names;
    for (const Line& line : lines)
      names.push_back(line.event);
    return names;
  }
  std::vector<Line> lines;
};

struct Monitored {
  Monitored() {
    std::string name = (std::filesystem::temp_directory_path() / "bankconnect-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Monitored() {
    reporter->stop();
    worker.join();
    std::filesystem::remove_all(path);
  }
  void start() {
    counters = std::make_unique<ActivityCounters>(log, clock, counts);
    reporter = std::make_unique<StatusReporter>(
        StatusReporter::Dependencies{loop, worker, clock, reader, log, *counters, follower}, "1.2.3",
        (path / "status").string());
    reporter->start();
  }
  /// Runs the loop until `holds` is true.
  bool eventually(const std::function<bool()>& holds) {
    for (int i = 0; i < 500 && !holds(); ++i) {
      loop.restart();
      loop.run_for(10ms);
    }
    return holds();
  }
  boost::json::object status() { return boost::json::parse(reporter->status_json()).as_object(); }
  std::filesystem::path session_file(std::uint32_t number) const {
    return path / "status" / "sessions" / (id_of(number).text() + ".json");
  }
  static std::string read(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  EventRecord event(std::optional<State> from, State to) {
    EventRecord record;
    record.seq = ++seq;
    record.id = id_of(1);
    record.transition.from = from;
    record.transition.to = to;
    return record;
  }

  std::filesystem::path path;
  boost::asio::io_context loop;
  boost::asio::thread_pool worker{1};
  FakeClock clock;
  FakeReader reader{loop};
  FakeFollower follower;
  RecordingLog log;
  StateCounts counts{};
  std::uint64_t seq = 0;
  std::unique_ptr<ActivityCounters> counters;
  std::unique_ptr<StatusReporter> reporter;
};

}  // namespace bankconnect::test
