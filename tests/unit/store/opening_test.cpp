// Which files the store takes, which it refuses, and what it says then.
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>

#include "tests/unit/store/open_store.hpp"
#include "tests/unit/store/random_values.hpp"

namespace bankconnect::test {
namespace {

namespace fs = std::filesystem;

std::optional<StoreOpenError> refusal(const std::string& path) {
  StoreOptions options;
  options.path = path;
  options.post = [](const std::function<void()>&) {};
  auto opened = Store::open(std::move(options));
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

/// It can be opened, and what is read at the start shows the damage.
void is_unreadable(const std::string& path, const std::string& says) {
  OpenStore store(path);
  BOOST_CHECK_EXCEPTION(store.store->recover([](const SessionRecord&) {}), StoreUnreadable,
                        [&](const StoreUnreadable& error) {
                          const std::string what = error.what();
                          BOOST_TEST_MESSAGE(what);
                          return what.find(says) != std::string::npos && what.find(path) != std::string::npos;
                        });
}

/// Runs `test` as a user without privileges, in a process of its own; its exit code is the number of
/// failures.
template <class Test>
void as_nobody(const fs::path& dir, Test test) {
  fs::permissions(dir, fs::perms::others_read | fs::perms::others_exec, fs::perm_options::add);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(100);
    ::_exit(test() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(opening)

BOOST_AUTO_TEST_CASE(a_second_instance_is_told_so) {
  const TempDir dir;
  const OpenStore store(dir / "db");
  const auto error = refusal(dir / "db");
  BOOST_REQUIRE(error.has_value());
  BOOST_TEST((error->failure == OpenFailure::locked_by_another_instance));
  BOOST_TEST(error->message.find(dir / "db") != std::string::npos, error->message);
}

BOOST_AUTO_TEST_CASE(a_second_instance_is_told_so_under_another_name_of_the_file) {
  const TempDir dir;
  const OpenStore store(dir / "db");
  fs::create_symlink(dir / "db", dir / "alias");
  const auto error = refusal(dir / "alias");
  BOOST_REQUIRE(error.has_value());
  BOOST_TEST((error->failure == OpenFailure::locked_by_another_instance));
}

BOOST_AUTO_TEST_CASE(the_database_is_nobody_elses_to_read) {
  const TempDir dir;
  const OpenStore store(dir / "db");
  for (const char* file : {"db", "db-wal", "db-shm", "db.lock"}) {
    const auto perms = fs::status(dir / file).permissions();
    BOOST_TEST(((perms & (fs::perms::group_all | fs::perms::others_all)) == fs::perms::none), file);
  }
}

BOOST_AUTO_TEST_CASE(garbage_is_refused_and_left_alone) {
  const TempDir dir;
  const std::string garbage = Random(1).bytes(20'000);
  write_file(dir / "db", garbage);
  is_unusable(dir / "db", "not a database");
  BOOST_TEST((read_file(dir / "db") == garbage));
}

BOOST_AUTO_TEST_CASE(a_damaged_table_is_noticed_at_the_start) {
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
  const std::string noise = random.bytes(bytes.size() - 4096);
  bytes.replace(4096, noise.size(), noise);
  write_file(dir / "db", bytes);
  is_unreadable(dir / "db", "malformed");
}

BOOST_AUTO_TEST_CASE(a_state_this_program_does_not_know_is_noticed_at_the_start) {
  const TempDir dir;
  {
    OpenStore store(dir / "db");
    store.submit({new_session(Random(3).id())});
  }
  execute(dir / "db", "UPDATE sessions SET state = 77");
  is_unreadable(dir / "db", "77");
}

BOOST_AUTO_TEST_CASE(another_programs_database_is_refused_and_left_alone) {
  const TempDir dir;
  execute(dir / "db", "CREATE TABLE recipes (name TEXT)");
  const std::string before = read_file(dir / "db");
  is_unusable(dir / "db", "another program");
  BOOST_TEST((read_file(dir / "db") == before));
}

BOOST_AUTO_TEST_CASE(a_newer_version_is_refused_and_left_alone) {
  const TempDir dir;
  { const OpenStore store(dir / "db"); }
  execute(dir / "db", "PRAGMA user_version = 900; PRAGMA journal_mode = DELETE");
  const std::string before = read_file(dir / "db");
  is_unusable(dir / "db", "newer version");
  BOOST_TEST((read_file(dir / "db") == before));
}

BOOST_AUTO_TEST_CASE(a_folder_is_no_database) {
  const TempDir dir;
  fs::create_directory(dir / "db");
  is_unusable(dir / "db", "directory");
}

BOOST_AUTO_TEST_CASE(a_missing_folder_is_named) {
  const TempDir dir;
  is_unusable(dir / "nowhere/db", "No such file");
}

BOOST_AUTO_TEST_CASE(a_refused_file_is_not_locked) {
  const TempDir dir;
  write_file(dir / "db", "garbage, and not little of it: " + Random(1).bytes(600));
  BOOST_REQUIRE(refusal(dir / "db").has_value());
  fs::remove(dir / "db");
  BOOST_TEST(!refusal(dir / "db").has_value());
}

BOOST_AUTO_TEST_CASE(a_read_only_file_and_a_read_only_folder_are_named) {
  const TempDir dir;
  { const OpenStore store(dir / "db"); }
  fs::permissions(dir / "db", fs::perms::others_read, fs::perm_options::replace);
  fs::permissions(dir / "db.lock", fs::perms::all, fs::perm_options::replace);
  as_nobody(dir.path(), [&] {
    const auto file = refusal(dir / "db");
    const auto folder = refusal(dir / "other");
    return file && file->message.find("Permission denied") != std::string::npos && folder &&
           folder->message.find("Permission denied") != std::string::npos;
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
