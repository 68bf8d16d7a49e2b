// Backups: consistent copies of the database, made while it is written.
#include <sqlite3.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "tests/support/print.hpp"
#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/random_values.hpp"

namespace bankconnect::test {
namespace {

namespace fs = std::filesystem;

std::string ask(const std::string& path, const char* sql) {
  sqlite3* handle = nullptr;
  BOOST_REQUIRE(sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  BOOST_REQUIRE(sqlite3_prepare_v2(handle, sql, -1, &statement, nullptr) == SQLITE_OK);
  std::string answer;
  if (sqlite3_step(statement) == SQLITE_ROW)
    answer = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  sqlite3_finalize(statement);
  sqlite3_close(handle);
  return answer;
}

std::size_t files_in(const fs::path& dir) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(dir), fs::directory_iterator()));
}

struct Running {
  Running() : store(dir / "db") { fs::create_directory(dir / "copies"); }

  NewSession submit_one() {
    const NewSession session = new_session(random.id());
    store.submit({session});
    return session;
  }

  TempDir dir;
  OpenStore store;
  Random random{9};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(backup, Running)

BOOST_AUTO_TEST_CASE(a_backup_made_during_writes_is_complete_and_consistent) {
  const NewSession session = submit_one();
  for (int i = 0; i < 12; ++i) {
    SessionWrite write = step_to(submit_one(), State::processing);
    write.payload(Call::session_status) = payload_of(random.bytes(400'000));
    store.write(write);
  }
  std::optional<Result<void>> done;
  store.store->backup(dir / "copies/copy", [&](Result<void> result) { done = std::move(result); });
  int writes = 0;
  while (!done) {
    store.write(step_to(session, ++writes % 2 == 0 ? State::no_uploads : State::in_progress));
  }
  BOOST_REQUIRE(done->has_value());
  BOOST_TEST(writes > 1);
  BOOST_TEST(ask(dir / "copies/copy", "PRAGMA integrity_check") == "ok");
  BOOST_TEST(ask(dir / "copies/copy", "SELECT count(*) = max(seq) FROM events") == "1");
  BOOST_TEST(files_in(dir / "copies") == 1U);
  const OpenStore copy(dir / "copies/copy");
  BOOST_TEST(copy.counts[static_cast<std::size_t>(State::processing)] == 12U);
}

BOOST_AUTO_TEST_CASE(only_the_owner_can_access_a_backup) {
  BOOST_REQUIRE(store.backup(dir / "copies/copy").has_value());
  const auto perms = fs::status(dir / "copies/copy").permissions();
  BOOST_TEST(((perms & (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none));
}

BOOST_AUTO_TEST_CASE(a_backup_does_not_overwrite_an_existing_file) {
  std::ofstream(dir / "copies/copy") << "precious";
  const auto refused = store.backup(dir / "copies/copy");
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST(refused.error().code == ErrorCode::bad_request);
  BOOST_TEST(refused.error().message.find("exists") != std::string::npos);
  BOOST_TEST(fs::file_size(dir / "copies/copy") == 8U);
}

BOOST_AUTO_TEST_CASE(a_backup_does_not_overwrite_an_existing_part_file) {
  std::ofstream(dir / "copies/copy.part") << "precious";
  BOOST_TEST(store.backup(dir / "copies/copy").has_error());
  BOOST_TEST(fs::file_size(dir / "copies/copy.part") == 8U);
}

BOOST_AUTO_TEST_CASE(a_backup_to_a_name_of_the_databases_own_files_is_refused) {
  for (const char* const suffix :
       {"-journal", "-wal", ".lock", ".bankconnectd-restored", ".bankconnectd-backup"}) {
    const auto refused = store.backup((dir / "db") + suffix);
    BOOST_REQUIRE(refused.has_error());
    BOOST_TEST(refused.error().code == ErrorCode::bad_request);
  }
  BOOST_TEST(store.backup(dir / "copies/../db-journal").has_error());
}

BOOST_AUTO_TEST_CASE(the_half_made_copy_of_a_killed_daemon_is_removed_by_the_next_start) {
  const std::string other = dir / "other";
  { const OpenStore created(other); }
  std::ofstream(other + ".bankconnectd-backup") << (dir / "copies/copy");
  std::ofstream(dir / "copies/copy.part") << "half";
  std::ofstream(dir / "copies/unrelated.part") << "precious";
  OpenStore next(other);
  BOOST_TEST(!fs::exists(dir / "copies/copy.part"));
  BOOST_TEST(fs::exists(dir / "copies/unrelated.part"));
  BOOST_TEST(!fs::exists(other + ".bankconnectd-backup"));
  BOOST_TEST(next.backup(dir / "copies/copy").has_value());
  BOOST_TEST(!fs::exists(other + ".bankconnectd-backup"));
}

BOOST_AUTO_TEST_CASE(a_file_that_names_no_backup_is_left_as_it_is) {
  const std::string other = dir / "other";
  for (const std::string& content :
       {std::string("somebody's own"), "/" + std::string(5000, 'x'), std::string()}) {
    std::ofstream(other + ".bankconnectd-backup", std::ios::trunc) << content;
    const OpenStore opened(other);
    BOOST_TEST(fs::file_size(other + ".bankconnectd-backup") == content.size());
  }
}

BOOST_AUTO_TEST_CASE(a_relative_backup_path_is_refused) {
  const auto refused = store.backup("copy");
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST(refused.error().code == ErrorCode::bad_request);
}

BOOST_AUTO_TEST_CASE(a_backup_into_a_missing_folder_is_refused_and_names_it) {
  const auto refused = store.backup(dir / "nowhere/copy");
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST(refused.error().message.find("nowhere") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_backup_that_cannot_be_finished_leaves_no_file) {
  std::optional<Result<void>> done;
  store.store->backup(dir / "copies/copy", [&](Result<void> result) { done = std::move(result); });
  // In order with it: once this is answered the backup has begun.
  store.wait<Result<std::optional<SessionRecord>>>(
      [this](auto loaded) { store.store->load(random.id(), loaded); });
  std::ofstream(dir / "copies/copy") << "taken";
  store.loop.run_until([&] { return done.has_value(); });
  if (done->has_error()) {
    BOOST_TEST(done->error().code == ErrorCode::backup_failed);
    BOOST_TEST(fs::file_size(dir / "copies/copy") == 5U);
    BOOST_TEST(files_in(dir / "copies") == 1U);
  }
}

BOOST_AUTO_TEST_CASE(closing_completes_a_running_backup_and_leaves_no_partial_file) {
  for (int i = 0; i < 20; ++i) {
    SessionWrite write = step_to(submit_one(), State::processing);
    write.payload(Call::session_status) = payload_of(random.bytes(1'000'000));
    store.write(write);
  }
  std::optional<Result<void>> done;
  store.store->backup(dir / "copies/copy", [&](Result<void> result) { done = std::move(result); });
  store.store->close();
  BOOST_TEST(store.loop.run_until([&] { return done.has_value(); }, std::chrono::seconds(1)));
  if (done && done->has_error()) BOOST_TEST(files_in(dir / "copies") == 0U);
}

BOOST_AUTO_TEST_CASE(an_erasure_during_a_backup_reaches_the_copy) {
  std::vector<NewSession> sessions;
  for (int i = 0; i < 30; ++i) {
    sessions.push_back(new_session(random.id(), random.letters(150)));
    store.submit({sessions.back()});
    SessionWrite write = step_to(sessions.back(), State::processing);
    write.payload(Call::session_status) = payload_of(random.bytes(300'000));
    store.write(write);
  }
  std::optional<Result<void>> done;
  store.store->backup(dir / "copies/copy", [&](Result<void> result) { done = std::move(result); });
  BOOST_REQUIRE(store.erase(sessions[3].id).has_value());
  store.loop.run_until([&] { return done.has_value(); });
  std::ifstream file(dir / "copies/copy", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  BOOST_TEST(bytes.find(sessions[3].reference) == std::string::npos);
  BOOST_TEST(bytes.find(sessions[4].reference) != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
