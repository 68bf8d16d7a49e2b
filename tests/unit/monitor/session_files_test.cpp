// Session files are written from the records that the store handed out, within bounds, and otherwise from
// what is read from it.
#include <boost/test/unit_test.hpp>

#include "src/monitor/pending_records.hpp"
#include "tests/unit/monitor/monitored.hpp"

namespace bankconnect::test {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMiB = 1 << 20;

struct WithSessions : Monitored {
  WithSessions() { start(); }

  /// Stores a record whose reference tells it from others, and notifies the observer.
  void store(std::uint32_t number, const std::string& reference, std::size_t text_bytes = 0) {
    counters->stored(put(number, reference, text_bytes));
  }
  /// The same without notifying the observer.
  const SessionRecord& put(std::uint32_t number, const std::string& reference, std::size_t text_bytes = 0) {
    SessionRecord& record = reader.records[id_of(number)];
    record.id = id_of(number);
    record.reference = reference;
    record.uploaded_accounts = "[\"" + std::string(text_bytes, 'x') + "\"]";
    return record;
  }
  void erase(std::uint32_t number) {
    reader.records.erase(id_of(number));
    counters->erased(id_of(number), State::no_uploads);
  }
  std::string shown(std::uint32_t number, const char* field = "reference") {
    const std::string text = read(session_file(number));
    return text.empty() ? "" : boost::json::serialize(boost::json::parse(text).at(field));
  }
  bool all_written() {
    return eventually([&] { return reporter->idle(); });
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(session_files, WithSessions)

BOOST_AUTO_TEST_CASE(a_stored_record_is_written_without_reading_the_store) {
  store(1, "first");
  BOOST_TEST(all_written());
  BOOST_TEST(shown(1) == "\"first\"");
  BOOST_TEST(reader.reads.empty());
}

BOOST_AUTO_TEST_CASE(the_newest_of_several_stored_records_is_written) {
  store(1, "older");
  store(1, "newer");
  BOOST_TEST(all_written());
  BOOST_TEST(shown(1) == "\"newer\"");
  BOOST_TEST(reader.reads.empty());
}

BOOST_AUTO_TEST_CASE(a_record_stored_while_an_older_one_is_read_is_written_after_it) {
  put(1, "older");
  reader.slow = id_of(1);
  counters->changed(id_of(1));
  BOOST_REQUIRE(eventually([&] { return !reader.delayed.empty(); }));
  store(1, "newer");
  store(2, "other");
  BOOST_REQUIRE(eventually([&] { return fs::exists(session_file(2)); }));
  BOOST_TEST(!fs::exists(session_file(1)));
  reader.answer_delayed();
  BOOST_TEST(all_written());
  BOOST_TEST(shown(1) == "\"newer\"");
  BOOST_TEST(reader.reads.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_change_in_memory_keeps_the_stored_record) {
  store(1, "stored");
  counters->changed(id_of(1));
  BOOST_TEST(all_written());
  BOOST_TEST(shown(1) == "\"stored\"");
  BOOST_TEST(reader.reads.empty());
}

BOOST_AUTO_TEST_CASE(after_a_change_in_memory_the_session_is_read_from_the_store) {
  put(1, "stored");
  counters->changed(id_of(1));
  BOOST_TEST(all_written());
  BOOST_TEST(shown(1) == "\"stored\"");
  BOOST_TEST(reader.reads.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_stored_record_is_completed_from_memory_when_it_is_written) {
  store(1, "stored");
  follower.attempts = 7;
  BOOST_TEST(all_written());
  BOOST_TEST(shown(1, "attempts") == "7");
}

BOOST_AUTO_TEST_CASE(the_file_of_a_session_that_left_memory_shows_nothing_of_what_memory_knew) {
  SessionRecord record = put(1, "final");
  record.attempts = 7;
  record.next_poll_at = clock.now().wall;
  follower.in_memory = false;
  counters->stored(record);
  BOOST_TEST(all_written());
  BOOST_TEST(shown(1, "attempts") == "0");
  BOOST_TEST(shown(1, "next_poll_at") == "null");
}

BOOST_AUTO_TEST_CASE(beyond_the_bound_of_records_sessions_are_read_from_the_store) {
  constexpr std::uint32_t kSessions = monitor::PendingRecords::kMaxRecords + 100;
  for (std::uint32_t number = 1; number <= kSessions; ++number)
    store(number, "stored");
  BOOST_TEST(all_written());
  for (std::uint32_t number = 1; number <= kSessions; ++number)
    BOOST_TEST_REQUIRE(shown(number) == "\"stored\"");
  BOOST_TEST(reader.reads.size() == 100U);
}

BOOST_AUTO_TEST_CASE(beyond_the_bound_of_bytes_sessions_are_read_from_the_store) {
  for (std::uint32_t number = 1; number <= 4; ++number)
    store(number, "stored", 3 * kMiB);
  BOOST_TEST(all_written());
  for (std::uint32_t number = 1; number <= 4; ++number)
    BOOST_TEST(shown(number) == "\"stored\"");
  BOOST_TEST((reader.reads == std::vector{id_of(3), id_of(4)}));
}

BOOST_AUTO_TEST_CASE(written_records_make_space_for_others) {
  for (int round = 0; round < 5; ++round) {
    for (std::uint32_t number = 1; number <= 2; ++number)
      store(number, "round " + std::to_string(round), 3 * kMiB);
    BOOST_TEST(all_written());
    BOOST_TEST(shown(2) == "\"round " + std::to_string(round) + "\"");
  }
  BOOST_TEST(reader.reads.empty());
}

BOOST_AUTO_TEST_CASE(a_newer_record_that_is_too_large_to_be_held_supersedes_the_older_one) {
  store(1, "older");
  store(1, "newer", 2 * monitor::PendingRecords::kMaxBytes);
  BOOST_TEST(all_written());
  BOOST_TEST(shown(1) == "\"newer\"");
  BOOST_TEST(reader.reads.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_record_of_a_session_erased_before_it_was_written_is_not_written) {
  store(1, "stored");
  erase(1);
  BOOST_TEST(all_written());
  BOOST_TEST(!fs::exists(session_file(1)));
}

BOOST_AUTO_TEST_CASE(a_record_of_a_session_whose_file_is_removed_is_not_written) {
  store(1, "stored");
  reader.records.erase(id_of(1));
  bool removed = false;
  reporter->remove_file(id_of(1), [&](const Result<void>& result) { removed = result.has_value(); });
  BOOST_TEST(eventually([&] { return removed && reporter->idle(); }));
  BOOST_TEST(!fs::exists(session_file(1)));
  BOOST_TEST(reader.reads.size() == 2U);  // instead of writing the record, and after the removal
}

BOOST_AUTO_TEST_CASE(the_file_of_a_session_erased_while_it_is_read_is_removed) {
  put(1, "stored");
  reader.slow = id_of(1);
  counters->changed(id_of(1));
  BOOST_REQUIRE(eventually([&] { return !reader.delayed.empty(); }));
  erase(1);
  reader.answer_delayed();
  BOOST_TEST(all_written());
  BOOST_TEST(!fs::exists(session_file(1)));
}

BOOST_AUTO_TEST_CASE(a_session_submitted_again_after_its_erasure_has_a_file) {
  store(1, "erased");
  erase(1);
  store(1, "submitted again");
  BOOST_TEST(all_written());
  BOOST_TEST(shown(1) == "\"submitted again\"");
}

BOOST_AUTO_TEST_CASE(a_file_that_could_not_be_written_is_written_later_from_what_the_store_has) {
  fs::create_directories(session_file(1).string() + ".new");
  store(1, "stored");
  BOOST_TEST(all_written());
  BOOST_TEST(!fs::exists(session_file(1)));
  fs::remove(session_file(1).string() + ".new");
  BOOST_TEST(eventually([&] { return fs::exists(session_file(1)); }));
  BOOST_TEST(shown(1) == "\"stored\"");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
