// Queued writes share a commit, and complete after it.
#include <sqlite3.h>

#include <boost/test/unit_test.hpp>

#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/random_values.hpp"

namespace bankconnect::test {
namespace {

/// Reads a count through another connection.
std::int64_t rows_seen_from_outside(const std::string& path, const char* sql) {
  sqlite3* handle = nullptr;
  BOOST_REQUIRE(sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  BOOST_REQUIRE(sqlite3_prepare_v2(handle, sql, -1, &statement, nullptr) == SQLITE_OK);
  const std::int64_t rows = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
  sqlite3_finalize(statement);
  sqlite3_close(handle);
  return rows;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(commit)

BOOST_AUTO_TEST_CASE(queued_submissions_share_a_commit) {
  const TempDir dir;
  OpenStore store(dir / "db");
  Random random(1);
  constexpr std::uint64_t kWrites = 1000;
  std::uint64_t answered = 0;
  for (std::uint64_t i = 0; i < kWrites; ++i) {
    store.store->submit({new_session(random.id())},
                        [&](const Result<std::vector<Submitted>>&) { ++answered; });
  }
  store.loop.run_until([&] { return answered == kWrites; });
  const std::uint64_t commits = store.facts().commits;
  BOOST_TEST_MESSAGE(kWrites << " submissions in " << commits << " commits");
  BOOST_TEST(commits < kWrites / 4);
}

BOOST_AUTO_TEST_CASE(writes_complete_in_the_order_in_which_they_were_queued) {
  const TempDir dir;
  OpenStore store(dir / "db");
  Random random(2);
  std::vector<int> answered;
  for (int i = 0; i < 700; ++i) {
    store.store->submit({new_session(random.id())},
                        [&, i](const Result<std::vector<Submitted>>&) { answered.push_back(i); });
  }
  store.loop.run_until([&] { return answered.size() == 700; });
  BOOST_TEST(std::is_sorted(answered.begin(), answered.end()));
}

BOOST_AUTO_TEST_CASE(a_completed_submission_is_visible_to_another_process) {
  const TempDir dir;
  OpenStore store(dir / "db");
  Random random(3);
  for (int i = 1; i <= 20; ++i) {
    store.submit({new_session(random.id())});
    BOOST_REQUIRE(rows_seen_from_outside(dir / "db", "SELECT count(*) FROM sessions") == i);
  }
}

BOOST_AUTO_TEST_CASE(closing_commits_queued_submissions) {
  const TempDir dir;
  Random random(4);
  {
    OpenStore store(dir / "db");
    for (int i = 0; i < 600; ++i) {
      store.store->submit({new_session(random.id())}, [](const Result<std::vector<Submitted>>&) {});
    }
    store.store->close();
  }
  const OpenStore store(dir / "db");
  BOOST_TEST(store.counts[0] == 600U);
}

BOOST_AUTO_TEST_CASE(another_process_that_writes_delays_writes_and_loses_none) {
  const TempDir dir;
  OpenStore store(dir / "db");
  Random random(5);
  const NewSession session = new_session(random.id());
  store.submit({session});
  sqlite3* foreign = nullptr;
  BOOST_REQUIRE(sqlite3_open((dir / "db").c_str(), &foreign) == SQLITE_OK);
  BOOST_REQUIRE(sqlite3_exec(foreign, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);

  std::optional<EventRecord> event;
  bool refused = false;
  store.store->write(step_to(session, State::in_progress),
                     [&](Committed, Written written) { event = std::move(written.event); });
  store.store->submit({new_session(random.id())},
                      [&](const Result<std::vector<Submitted>>& result) { refused = result.has_error(); });
  BOOST_TEST(store.loop.run_until([&] { return refused; }),
             "a submission is refused rather than kept waiting");
  BOOST_TEST(!event.has_value());

  sqlite3_exec(foreign, "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_close(foreign);
  BOOST_TEST(store.loop.run_until([&] { return event.has_value(); }));
  BOOST_TEST(!store.failure.has_value());
  BOOST_TEST((store.session(session.id)->durable.state == State::in_progress));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
