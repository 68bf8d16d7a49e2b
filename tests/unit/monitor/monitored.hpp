// A monitor with a folder, a store and a log of the test's own.
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

class FakeArchive final : public Archive {
 public:
  explicit FakeArchive(boost::asio::io_context& loop) : loop_(loop) {}
  void session(SessionId id, std::function<void(Result<std::optional<SessionRecord>>)> done) override {
    const auto found = records.find(id);
    boost::asio::post(
        loop_, [record = found == records.end() ? std::optional<SessionRecord>() : found->second, done] {
          done(record);
        });
  }
  void sessions(SessionQuery, std::function<void(Result<SessionPage>)>) override {}
  void payload(SessionId, Call, std::function<void(Result<std::optional<Payload>>)>) override {}
  void events(std::uint64_t after, std::uint32_t limit,
              std::function<void(Result<EventPage>)> done) override {
    if (unreadable_pages > 0) {
      --unreadable_pages;
      boost::asio::post(loop_, [done] { done(Error{"STORE_UNAVAILABLE", "not now"}); });
      return;
    }
    EventPage page;
    for (const EventRecord& event : log)
      if (event.seq > after && page.events.size() < limit) page.events.push_back(event);
    boost::asio::post(loop_, [page, done] { done(page); });
  }
  void hints(HintQuery, std::function<void(Result<HintPage>)>) override {}
  void backup(std::string, std::function<void(Result<void>)>) override {}
  void facts(std::function<void(Result<StoreFacts>)> done) override {
    boost::asio::post(loop_, [facts = store, done] { done(facts); });
  }
  std::map<SessionId, SessionRecord> records;
  std::vector<EventRecord> log;
  int unreadable_pages = 0;
  StoreFacts store;

 private:
  boost::asio::io_context& loop_;
};

/// Keeps the lines and writes none.
class KeptLog final : public Log {
 public:
  struct Line {
    LogLevel level = LogLevel::info;
    std::string event;
    std::map<std::string, std::string> fields;  ///< but the empty ones, which are not written
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
    monitor->stop();
    worker.join();
    std::filesystem::remove_all(path);
  }
  void start() {
    monitor = std::make_unique<Monitor>(Monitor::World{loop, worker, clock, archive, log},
                                        Monitor::Options{"1.2.3", (path / "status").string(), counts});
    monitor->start([](SessionRecord& record) { record.attempts = 3; }, [this] { return followed; });
  }
  /// Lets the loop work until it holds.
  bool eventually(const std::function<bool()>& holds) {
    for (int i = 0; i < 500 && !holds(); ++i) {
      loop.restart();
      loop.run_for(10ms);
    }
    return holds();
  }
  boost::json::object status() { return boost::json::parse(monitor->status_json()).as_object(); }
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
  FakeArchive archive{loop};
  KeptLog log;
  Followed followed;
  std::array<std::uint64_t, kAllStates.size()> counts{};
  std::uint64_t seq = 0;
  std::unique_ptr<Monitor> monitor;
};

}  // namespace bankconnect::test
