// Which files the store opens, which it refuses, and with which message.
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>

#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/random_values.hpp"

namespace bankconnect::test {
namespace {

namespace fs = std::filesystem;

/// What the store posts is not run.
auto open_without_loop(const std::string& path) {
  SqliteOptions options;
  options.path = path;
  options.post = [](const std::function<void()>&) {};
  return open_sqlite_store(std::move(options));
}

std::optional<StoreOpenError> refusal(const std::string& path) {
  auto opened = open_without_loop(path);
  if (opened.has_value()) return std::nullopt;
  return opened.error();
}

void execute(const std::string& path, const char* sql) {
  sqlite3* handle = nullptr;
  BOOST_REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  BOOST_REQUIRE(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(handle);
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void is_unusable(const std::string& path, const std::string& says) {
  const auto error = refusal(path);
  BOOST_REQUIRE(error.has_value());
  BOOST_TEST((error->failure == OpenFailure::damaged_or_unusable));
  BOOST_TEST(error->message.find(says) != std::string::npos, error->message);
  BOOST_TEST(error->message.find(path) != std::string::npos, error->message);
}

/// The file can be opened, and recovery finds the damage.
void is_unreadable(const std::string& path, const std::string& says) {
  const auto opened = open_without_loop(path);
  BOOST_REQUIRE(opened.has_value());
  const auto names_both = [&](const StoreUnreadable& error) {
    const std::string what = error.what();
    BOOST_TEST_MESSAGE(what);
    return what.find(says) != std::string::npos && what.find(path) != std::string::npos;
  };
  BOOST_CHECK_EXCEPTION(opened->recovery->each_live([](const SessionRecord&) {}), StoreUnreadable,
                        names_both);
  BOOST_CHECK_EXCEPTION(opened->recovery->count_states(), StoreUnreadable, names_both);
}

template <class Test>
void in_another_process(Test test) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(test() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

/// Runs `test` as a user without privileges, in a child process.
template <class Test>
void as_unprivileged_user(const fs::path& dir, Test test) {
  fs::permissions(dir, fs::perms::others_read | fs::perms::others_exec, fs::perm_options::add);
  in_another_process([&test] {
    const bool unprivileged = ::geteuid() != 0 || (::setgid(65534) == 0 && ::setuid(65534) == 0);
    return unprivileged && test();
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(opening)

BOOST_AUTO_TEST_CASE(a_second_instance_is_refused_as_locked) {
  const TempDir dir;
  const OpenStore store(dir / "db");
  const auto error = refusal(dir / "db");
  BOOST_REQUIRE(error.has_value());
  BOOST_TEST((error->failure == OpenFailure::locked_by_another_instance));
  BOOST_TEST(error->message.find(dir / "db") != std::string::npos, error->message);
}

BOOST_AUTO_TEST_CASE(a_second_instance_is_refused_as_locked_through_a_symbolic_link) {
  const TempDir dir;
  const OpenStore store(dir / "db");
  fs::create_symlink(dir / "db", dir / "alias");
  const auto error = refusal(dir / "alias");
  BOOST_REQUIRE(error.has_value());
  BOOST_TEST((error->failure == OpenFailure::locked_by_another_instance));
}

BOOST_AUTO_TEST_CASE(only_the_owner_can_access_the_database_files) {
  const TempDir dir;
  const OpenStore store(dir / "db");
  for (const char* file : {"db", "db-wal", "db-shm", "db.lock"}) {
    const auto perms = fs::status(dir / file).permissions();
    BOOST_TEST(((perms & (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none), file);
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_database_is_refused_and_unchanged) {
  const TempDir dir;
  const std::string garbage = Random(1).bytes(20'000);
  write_file(dir / "db", garbage);
  is_unusable(dir / "db", "not a database");
  BOOST_TEST((read_file(dir / "db") == garbage));
}

BOOST_AUTO_TEST_CASE(recovery_reports_a_damaged_table) {
  const TempDir dir;
  Random random(2);
  {
    OpenStore store(dir / "db");
    std::vector<NewSession> sessions;
    for (int i = 0; i < 500; ++i)
      sessions.push_back(new_session(random.id(), random.letters(100)));
    store.submit(sessions);
  }
  std::string bytes = read_file(dir / "db");
  // Opening reads the tables' first pages.
  constexpr std::size_t kFirstPages = 32UL * 4096;
  const std::string noise = random.bytes(bytes.size() - kFirstPages);
  bytes.replace(kFirstPages, noise.size(), noise);
  write_file(dir / "db", bytes);
  is_unreadable(dir / "db", "malformed");
}

BOOST_AUTO_TEST_CASE(recovery_reports_an_unknown_state) {
  const TempDir dir;
  {
    OpenStore store(dir / "db");
    store.submit({new_session(Random(3).id())});
  }
  execute(dir / "db", "UPDATE sessions SET state = 77");
  is_unreadable(dir / "db", "77");
}

BOOST_AUTO_TEST_CASE(another_programs_database_is_refused_and_unchanged) {
  const TempDir dir;
  execute(dir / "db", "CREATE TABLE recipes (name TEXT)");
  const std::string before = read_file(dir / "db");
  is_unusable(dir / "db", "another program");
  BOOST_TEST((read_file(dir / "db") == before));
}

BOOST_AUTO_TEST_CASE(a_database_of_a_newer_version_is_refused_and_unchanged) {
  const TempDir dir;
  { const OpenStore store(dir / "db"); }
  execute(dir / "db", "PRAGMA user_version = 900; PRAGMA journal_mode = DELETE");
  const std::string before = read_file(dir / "db");
  is_unusable(dir / "db", "newer version");
  BOOST_TEST((read_file(dir / "db") == before));
}

BOOST_AUTO_TEST_CASE(opening_a_folder_is_refused) {
  const TempDir dir;
  fs::create_directory(dir / "db");
  is_unusable(dir / "db", "directory");
}

BOOST_AUTO_TEST_CASE(opening_in_a_missing_folder_is_refused_and_names_the_path) {
  const TempDir dir;
  is_unusable(dir / "nowhere/db", "No such file");
}

BOOST_AUTO_TEST_CASE(a_refused_file_is_left_unlocked) {
  const TempDir dir;
  write_file(dir / "db", "not a database: " + Random(1).bytes(600));
  BOOST_REQUIRE(refusal(dir / "db").has_value());
  fs::remove(dir / "db");
  BOOST_TEST(!refusal(dir / "db").has_value());
}

BOOST_AUTO_TEST_CASE(a_database_without_one_of_its_tables_is_refused_and_left_unlocked) {
  const TempDir dir;
  { const OpenStore store(dir / "db"); }
  execute(dir / "db", "DROP TABLE payloads");
  is_unusable(dir / "db", "payloads");
  is_unusable(dir / "db", "payloads");
}

BOOST_AUTO_TEST_CASE(opening_without_permission_for_the_file_or_its_folder_says_so) {
  const TempDir dir;
  { const OpenStore store(dir / "db"); }
  fs::permissions(dir / "db", fs::perms::others_read, fs::perm_options::replace);
  fs::permissions(dir / "db.lock", fs::perms::all, fs::perm_options::replace);
  as_unprivileged_user(dir.path(), [&] {
    const auto file = refusal(dir / "db");
    const auto folder = refusal(dir / "other");
    return file && file->message.find("Permission denied") != std::string::npos && folder &&
           folder->message.find("Permission denied") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(a_second_instance_is_refused_when_the_lock_file_was_removed_or_the_name_is_a_hard_link) {
  const TempDir dir;
  const OpenStore store(dir / "db");
  in_another_process([&] {
    fs::create_hard_link(dir / "db", dir / "link");
    const auto through_link = refusal(dir / "link");
    fs::remove(dir / "db.lock");
    const auto without_lock_file = refusal(dir / "db");
    const auto is_locked = [](const std::optional<StoreOpenError>& error) {
      return error && error->failure == OpenFailure::locked_by_another_instance;
    };
    return is_locked(through_link) && is_locked(without_lock_file);
  });
}

BOOST_AUTO_TEST_CASE(nothing_is_acknowledged_once_a_file_of_the_database_was_removed_or_replaced) {
  Random random(5);
  for (const char* file : {"db", "db-wal"}) {
    for (const bool replaced : {false, true}) {
      const TempDir dir;
      OpenStore store(dir / "db");
      BOOST_TEST(store.submit({new_session(random.id())}).has_value());
      fs::rename(dir / file, dir / "elsewhere");
      if (replaced) fs::copy_file(dir / "elsewhere", dir / file);
      const auto lost = store.submit({new_session(random.id())});
      BOOST_REQUIRE(lost.has_error());
      BOOST_TEST((lost.error().code == ErrorCode::store_unavailable));
      BOOST_TEST(lost.error().message.find("replaced") != std::string::npos, lost.error().message);
      BOOST_TEST(store.loop.run_until([&] { return store.failure.has_value(); }));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_database_that_was_closed_was_not_left_open) {
  const TempDir dir;
  for (int i = 0; i < 2; ++i) {
    const auto opened = open_without_loop(dir / "db");
    BOOST_TEST_REQUIRE(opened.has_value());
    BOOST_TEST(!opened->left_open);
  }
}

BOOST_AUTO_TEST_CASE(a_database_whose_daemon_was_killed_was_left_open_once) {
  const TempDir dir;
  const pid_t child = ::fork();
  if (child == 0) {
    const auto opened = open_without_loop(dir / "db");
    ::_exit(opened.has_value() ? 0 : 1);
  }
  int status = 0;
  BOOST_TEST_REQUIRE(::waitpid(child, &status, 0) == child);
  BOOST_TEST_REQUIRE(status == 0);
  BOOST_TEST(open_without_loop(dir / "db")->left_open);
  BOOST_TEST(!open_without_loop(dir / "db")->left_open);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
