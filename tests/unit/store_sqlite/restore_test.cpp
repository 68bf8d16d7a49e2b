// Copies that are put back: checked, put in place whole, and marked, so that nothing is initiated at once.
#include <sqlite3.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "tests/support/print.hpp"
#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/random_values.hpp"

namespace bankconnect::test {
namespace {

namespace fs = std::filesystem;

const std::string kSuffix = ".replaced";

/// A database with one session, and a copy of it from before the second one.
struct Copied {
  TempDir dir;
  Random random{11};
  NewSession first = new_session(random.id());
  NewSession second = new_session(random.id());

  Copied() {
    OpenStore store(dir / "db");
    store.submit({first});
    BOOST_REQUIRE(store.backup(dir / "copy").has_value());
    store.submit({second});
  }
  auto restore() { return restore_sqlite_store(dir / "copy", dir / "db", kSuffix); }
  std::string message() { return restore().error().message; }
};

void execute_on(const std::string& path, const char* sql) {
  sqlite3* handle = nullptr;
  BOOST_REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  BOOST_REQUIRE(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(handle);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(restoring, Copied)

BOOST_AUTO_TEST_CASE(the_copy_takes_the_place_of_the_database_which_is_kept_under_another_name) {
  const auto restored = restore();
  BOOST_REQUIRE(restored.has_value());
  BOOST_TEST(restored->sessions == 1U);
  BOOST_TEST(restored->live == 1U);
  BOOST_TEST(restored->newest_event == 1U);
  BOOST_TEST(restored->replaced == (dir / "db") + kSuffix);
  {
    OpenStore store(dir / "db");
    BOOST_TEST(store.session(first.id).has_value());
    BOOST_TEST(!store.session(second.id).has_value());
  }
  OpenStore replaced((dir / "db") + kSuffix);
  BOOST_TEST(replaced.session(second.id).has_value());
}

BOOST_AUTO_TEST_CASE(a_write_ahead_log_that_stayed_behind_is_not_mixed_into_the_copy) {
  std::ofstream((dir / "db") + "-wal") << "of the database before";
  std::ofstream((dir / "db") + "-shm") << "likewise";
  BOOST_REQUIRE(restore().has_value());
  BOOST_TEST(!fs::exists((dir / "db") + "-wal"));
  BOOST_TEST(!fs::exists((dir / "db") + "-shm"));
  BOOST_TEST(OpenStore(dir / "db").session(first.id).has_value());
}

BOOST_AUTO_TEST_CASE(a_copy_is_put_where_no_database_was) {
  const std::string elsewhere = dir / "new/folder/db";
  const auto restored = restore_sqlite_store(dir / "copy", elsewhere, kSuffix);
  BOOST_REQUIRE(restored.has_value());
  BOOST_TEST(restored->replaced.empty());
  BOOST_TEST(OpenStore(elsewhere).session(first.id).has_value());
}

BOOST_AUTO_TEST_CASE(the_copy_stays_as_it_is) {
  BOOST_REQUIRE(restore().has_value());
  BOOST_REQUIRE(restore_sqlite_store(dir / "copy", dir / "second", kSuffix).has_value());
}

BOOST_AUTO_TEST_CASE(a_database_in_use_is_not_replaced) {
  const OpenStore running(dir / "db");
  const auto refused = restore();
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST((refused.error().failure == OpenFailure::locked_by_another_instance));
}

BOOST_AUTO_TEST_CASE(what_is_no_whole_copy_is_refused_and_nothing_is_changed) {
  const auto refused = [this](const std::string& copy) {
    const auto result = restore_sqlite_store(copy, dir / "db", kSuffix);
    BOOST_REQUIRE(result.has_error());
    BOOST_TEST((result.error().failure == OpenFailure::damaged_or_unusable));
    BOOST_TEST(!fs::exists((dir / "db") + kSuffix));
    BOOST_TEST(!fs::exists((dir / "db") + ".bankconnectd-restoring"));
    return result.error().message;
  };
  BOOST_TEST(refused(dir / "missing").find("no such file") != std::string::npos);
  BOOST_TEST(refused(dir / "db").find("the database itself") != std::string::npos);
  std::ofstream(dir / "text")
      << "no database, and long enough to have a header of a hundred bytes, as every database "
         "has, and more";
  BOOST_TEST(!refused(dir / "text").empty());
  std::ofstream(dir / "empty") << "";
  BOOST_TEST(refused(dir / "empty").find("no database of bankconnectd") != std::string::npos);
  execute_on(dir / "other", "CREATE TABLE a (b)");
  BOOST_TEST(refused(dir / "other").find("another program") != std::string::npos);
  fs::copy_file(dir / "copy", dir / "with-log");
  std::ofstream((dir / "with-log") + "-wal") << "belongs to it";
  BOOST_TEST(refused(dir / "with-log").find("stands alone") != std::string::npos);
  fs::copy_file(dir / "copy", dir / "damaged");
  {
    std::fstream file(dir / "damaged", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096 + 8);
    file << std::string(2000, '\xff');
  }
  BOOST_TEST(!refused(dir / "damaged").empty());
}

BOOST_AUTO_TEST_CASE(a_restored_copy_is_paused_until_it_is_resumed) {
  BOOST_REQUIRE(restore().has_value());
  {
    OpenStore store(dir / "db");
    BOOST_TEST(store.restored);
    BOOST_TEST(store.recovered.at(0).durable.restored);
  }
  {
    OpenStore store(dir / "db");
    BOOST_TEST(store.restored);
    BOOST_TEST(store.resume().has_value());
  }
  OpenStore store(dir / "db");
  BOOST_TEST(!store.restored);
  // What happened before the copy is still not known.
  BOOST_TEST(store.recovered.at(0).durable.restored);
}

BOOST_AUTO_TEST_CASE(a_new_database_is_not_paused) {
  BOOST_TEST(!OpenStore(dir / "new").restored);
  BOOST_TEST(!OpenStore(dir / "db").restored);
}

BOOST_AUTO_TEST_CASE(a_log_that_went_back_makes_a_restored_copy_of_another_name) {
  const std::string before = OpenStore(dir / "db").facts().log_id;
  {
    SqliteOptions options;
    options.path = dir / "db";
    options.post = [](const std::function<void()>&) {};
    auto opened = open_sqlite_store(std::move(options));
    BOOST_REQUIRE(opened.has_value());
    BOOST_TEST(opened->recovery->log_position().log_id == before);
    BOOST_TEST(opened->recovery->log_position().newest == 2U);
    opened->recovery->mark_restored();
    BOOST_TEST(opened->recovery->restored());
    opened->recovery.reset();
  }
  OpenStore store(dir / "db");
  BOOST_TEST(store.restored);
  BOOST_TEST(store.facts().log_id != before);
}

BOOST_AUTO_TEST_CASE(what_an_interrupted_restore_began_is_not_mixed_into_the_next_one) {
  fs::copy_file(dir / "db", (dir / "db") + ".bankconnectd-restoring");
  for (const char* const beside : {"-journal", "-wal", "-shm"})
    std::ofstream((dir / "db") + ".bankconnectd-restoring" + beside) << std::string(5000, 'x');
  BOOST_REQUIRE(restore().has_value());
  OpenStore store(dir / "db");
  BOOST_TEST(store.session(first.id).has_value());
  BOOST_TEST(!store.session(second.id).has_value());
  BOOST_TEST(!fs::exists((dir / "db") + ".bankconnectd-restoring"));
}

BOOST_AUTO_TEST_CASE(a_restore_that_was_interrupted_once_the_copy_was_whole_is_finished_by_the_next_start) {
  fs::copy_file(dir / "copy", (dir / "db") + ".bankconnectd-restored");
  fs::rename(dir / "db", (dir / "db") + kSuffix);
  std::ofstream((dir / "db") + "-wal") << "of the database before";
  OpenStore store(dir / "db");
  BOOST_TEST(store.restored);
  BOOST_TEST(fs::exists((dir / "db") + ".left-wal"));
  BOOST_TEST(store.session(first.id).has_value());
}

BOOST_AUTO_TEST_CASE(a_restore_that_was_interrupted_before_the_switch_is_undone_by_the_next_start) {
  fs::copy_file(dir / "copy", (dir / "db") + ".bankconnectd-restored");
  std::ofstream((dir / "db") + ".bankconnectd-restoring") << "a part";
  OpenStore store(dir / "db");
  BOOST_TEST(!store.restored);
  BOOST_TEST(store.session(second.id).has_value());
  BOOST_TEST(!fs::exists((dir / "db") + ".bankconnectd-restored"));
  BOOST_TEST(!fs::exists((dir / "db") + ".bankconnectd-restoring"));
}

BOOST_AUTO_TEST_CASE(a_wrong_copy_leaves_what_an_interrupted_restore_can_be_finished_with) {
  fs::copy_file(dir / "copy", (dir / "db") + ".bankconnectd-restored");
  fs::rename(dir / "db", (dir / "db") + kSuffix);
  std::ofstream(dir / "text") << "no database";
  BOOST_TEST(restore_sqlite_store(dir / "text", dir / "db", ".other").has_error());
  OpenStore store(dir / "db");
  BOOST_TEST(store.session(first.id).has_value());
}

BOOST_AUTO_TEST_CASE(what_an_interrupted_restore_left_is_no_copy_to_restore) {
  for (const char* const own : {".bankconnectd-restoring", ".bankconnectd-restored"}) {
    fs::copy_file(dir / "copy", (dir / "db") + own);
    BOOST_TEST(restore_sqlite_store((dir / "db") + own, dir / "db", kSuffix).has_error());
    BOOST_TEST(fs::exists((dir / "db") + own));
    fs::remove((dir / "db") + own);
  }
}

BOOST_AUTO_TEST_CASE(the_log_of_a_killed_daemon_goes_with_its_database) {
  const fs::path crashed = dir / "crashed";
  {
    OpenStore store(dir / "db");
    store.submit({new_session(random.id())});
    fs::copy_file(dir / "db", crashed);
    fs::copy_file((dir / "db") + "-wal", crashed.string() + "-wal");
  }
  BOOST_REQUIRE(restore_sqlite_store(dir / "copy", crashed.string(), kSuffix).has_value());
  OpenStore replaced(crashed.string() + kSuffix);
  BOOST_TEST(replaced.recovered.size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_log_went_back_when_the_status_files_know_more_or_of_another_log) {
  const LogPosition now{"a", "", 10, 3};
  BOOST_TEST(!went_back({"a", "", 10, 3}, now));
  BOOST_TEST(!went_back({"a", "", 4, 1}, now));
  BOOST_TEST(!went_back({"", "", 99, 99}, now));
  BOOST_TEST(went_back({"a", "", 11, 3}, now));
  BOOST_TEST(went_back({"a", "", 10, 4}, now));
  BOOST_TEST(went_back({"b", "", 1, 0}, now));
  // A restored log has another name than the status files of the daemon before.
  BOOST_TEST(!went_back({"b", "", 99, 9}, {"a", "b", 10, 3}));
  // A new database is none that went back.
  BOOST_TEST(!went_back({"b", "", 99, 9}, {"a", "", 0, 0}));
}

BOOST_AUTO_TEST_CASE(operators_commands_and_erasures_are_counted_in_the_log) {
  OpenStore store(dir / "db");
  const std::uint64_t before = store.facts().commands;
  SessionWrite write = step_to(first, State::no_uploads);
  store.write(write);
  BOOST_TEST(store.facts().commands == before);
  write.by_command = true;
  store.write(write);
  BOOST_TEST(store.facts().commands == before + 1);
  store.erase(first.id);
  BOOST_TEST(store.facts().commands == before + 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
