// Session files that a crash or a full disk left unwritten are written later.
#include <boost/test/unit_test.hpp>

#include "src/monitor/file_writer.hpp"
#include "tests/unit/monitor/monitored.hpp"

namespace bankconnect::test {

namespace fs = std::filesystem;

namespace {

/// Three sessions, each with an event of its own.
struct ThreeSessions : Monitored {
  ThreeSessions() {
    for (std::uint32_t number = 1; number <= 3; ++number) {
      reader.records[id_of(number)].id = id_of(number);
      EventRecord event;
      event.seq = reader.store.last_event_seq = number;
      event.id = id_of(number);
      reader.log.push_back(event);
    }
  }
  void previous_run_reached(std::uint64_t through) {
    BOOST_TEST(monitor::make_directory((path / "status").string()).has_value());
    const std::string status = "{\"files_through\": " + std::to_string(through) + "}";
    BOOST_TEST(
        monitor::write_file_atomically((path / "status" / "status.json").string(), status).has_value());
  }
  std::uint64_t watermark() { return status().at("files_through").to_number<std::uint64_t>(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(write_watermark, ThreeSessions)

BOOST_AUTO_TEST_CASE(files_that_a_crash_left_unwritten_are_written_at_the_start) {
  previous_run_reached(1);
  start();
  BOOST_TEST(eventually([&] { return watermark() == 3; }));
  BOOST_TEST((fs::exists(session_file(2)) && fs::exists(session_file(3))));
  BOOST_TEST(!fs::exists(session_file(1)));
}

BOOST_AUTO_TEST_CASE(without_a_watermark_every_session_has_its_file_written) {
  start();
  BOOST_TEST(eventually([&] {
    return fs::exists(session_file(1)) && fs::exists(session_file(2)) && fs::exists(session_file(3));
  }));
}

BOOST_AUTO_TEST_CASE(events_that_cannot_be_read_at_the_start_are_read_a_little_later) {
  reader.unreadable_pages = 1;
  previous_run_reached(1);
  start();
  BOOST_TEST(eventually([&] { return watermark() == 3; }));
  BOOST_TEST((fs::exists(session_file(2)) && fs::exists(session_file(3))));
}

BOOST_AUTO_TEST_CASE(with_a_watermark_beyond_the_newest_event_every_file_is_written) {
  previous_run_reached(1000);
  start();
  BOOST_TEST(eventually([&] { return fs::exists(session_file(1)); }));
}

BOOST_AUTO_TEST_CASE(the_watermark_waits_for_a_file_that_cannot_be_written_and_advances_once_it_can) {
  fs::create_directories(session_file(2) / "in the way");
  start();
  BOOST_TEST(eventually([&] { return fs::exists(session_file(3)); }));
  BOOST_TEST(watermark() == 0U);
  fs::remove_all(session_file(2));
  BOOST_TEST(eventually([&] { return watermark() == 3; }));
  BOOST_TEST(fs::is_regular_file(session_file(2)));
}

BOOST_AUTO_TEST_CASE(a_new_event_advances_the_watermark_once_its_file_is_written) {
  start();
  BOOST_TEST(eventually([&] { return watermark() == 3; }));
  seq = 3;
  counters->transitioned(event(State::no_uploads, State::in_progress));
  BOOST_TEST(watermark() == 3U);
  BOOST_TEST(eventually([&] { return watermark() == 4; }));
}

BOOST_AUTO_TEST_CASE(the_watermark_waits_for_an_earlier_file_though_later_ones_are_written) {
  start();
  BOOST_TEST(eventually([&] { return watermark() == 3; }));
  reader.slow = id_of(1);
  counters->changed(id_of(1));
  seq = 3;
  counters->transitioned(event(State::no_uploads, State::in_progress));
  BOOST_REQUIRE(eventually([&] { return !reader.delayed.empty(); }));
  for (std::uint32_t number = 2; number <= 3; ++number)
    counters->stored(reader.records.at(id_of(number)));
  BOOST_TEST(!eventually([&] { return watermark() == 4; }));
  reader.answer_delayed();
  BOOST_TEST(eventually([&] { return watermark() == 4; }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
