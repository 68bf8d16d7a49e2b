// Files that a crash or a full disk left unwritten are written later.
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
      archive.records[id_of(number)].id = id_of(number);
      EventRecord event;
      event.seq = archive.store.last_event_seq = number;
      event.id = id_of(number);
      archive.log.push_back(event);
    }
  }
  void run_before_came_to(std::uint64_t through) {
    BOOST_TEST(monitor::make_directory((path / "status").string()).has_value());
    const std::string status = "{\"files_through\": " + std::to_string(through) + "}";
    BOOST_TEST(monitor::write_whole((path / "status" / "status.json").string(), status).has_value());
  }
  fs::path file(std::uint32_t number) const {
    return path / "status" / "sessions" / (id_of(number).text() + ".json");
  }
  std::uint64_t mark() { return status().at("files_through").to_number<std::uint64_t>(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(file_mark, ThreeSessions)

BOOST_AUTO_TEST_CASE(what_a_crash_left_unwritten_is_written_at_the_start) {
  run_before_came_to(1);
  start();
  BOOST_TEST(eventually([&] { return mark() == 3; }));
  BOOST_TEST((fs::exists(file(2)) && fs::exists(file(3))));
  BOOST_TEST(!fs::exists(file(1)));
}

BOOST_AUTO_TEST_CASE(without_a_mark_every_session_has_its_file_written) {
  start();
  BOOST_TEST(eventually([&] { return fs::exists(file(1)) && fs::exists(file(2)) && fs::exists(file(3)); }));
}

BOOST_AUTO_TEST_CASE(events_that_cannot_be_read_at_the_start_are_read_a_little_later) {
  archive.unreadable_pages = 1;
  run_before_came_to(1);
  start();
  BOOST_TEST(eventually([&] { return mark() == 3; }));
  BOOST_TEST((fs::exists(file(2)) && fs::exists(file(3))));
}

BOOST_AUTO_TEST_CASE(the_mark_of_a_newer_database_than_this_one_is_not_believed) {
  run_before_came_to(1000);
  start();
  BOOST_TEST(eventually([&] { return fs::exists(file(1)); }));
}

BOOST_AUTO_TEST_CASE(the_mark_waits_for_a_file_that_cannot_be_written_and_goes_on_when_it_can) {
  fs::create_directories(file(2) / "in the way");
  start();
  BOOST_TEST(eventually([&] { return fs::exists(file(3)); }));
  BOOST_TEST(mark() == 0U);
  fs::remove_all(file(2));
  BOOST_TEST(eventually([&] { return mark() == 3; }));
  BOOST_TEST(fs::is_regular_file(file(2)));
}

BOOST_AUTO_TEST_CASE(a_new_event_moves_the_mark_once_its_file_is_written) {
  start();
  BOOST_TEST(eventually([&] { return mark() == 3; }));
  seq = 3;
  monitor->transitioned(event(State::no_uploads, State::in_progress));
  BOOST_TEST(mark() == 3U);
  BOOST_TEST(eventually([&] { return mark() == 4; }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
