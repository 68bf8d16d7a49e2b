// Faults of the environment: configuration, files, sockets, disk, clock. Each has a clear message and exit
// code or answer.
#include <glob.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <filesystem>

#include "tests/integration/world.hpp"
#include "tests/unit/store_sqlite/small_disk.hpp"

namespace bankconnect::test {

namespace {

/// Path of the library that fakes the wall clock; empty where it is not installed.
std::string faketime_library() {
  glob_t found{};
  const bool any = ::glob("/usr/lib/*/faketime/libfaketimeMT.so.1", 0, nullptr, &found) == 0;
  std::string path = any ? found.gl_pathv[0] : "";
  ::globfree(&found);
  return path;
}

boost::test_tools::assertion_result can_set_clock(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result can =
      std::string_view(BANKCONNECT_SANITIZED).empty() && !faketime_library().empty();
  if (!can) can.message() << "setting the clock needs libfaketime, which does not work with sanitizers";
  return can;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(trouble)

BOOST_AUTO_TEST_CASE(an_unknown_configuration_key_is_reported_with_its_place_and_the_nearest_key) {
  World world("");
  world.configure("polling", "progres_interval = \"2s\"");
  const std::string said = world.start_and_expect_exit(78);
  BOOST_TEST(said.find("config.toml:") != std::string::npos, said);
  BOOST_TEST(said.find("did you mean polling.progress_interval?") != std::string::npos, said);
}

BOOST_AUTO_TEST_CASE(check_config_prints_the_effective_values_and_no_secret) {
  World world("");
  world.start_daemon();
  const RunResult ran = run(BANKCONNECTD, {"--config", world.folder / "config.toml", "--check-config",
                                           "--set", "polling.progress_interval=7s"});
  BOOST_TEST(ran.code == 0);
  BOOST_TEST(ran.output.find("progress_interval = \"7s\"") != std::string::npos, ran.output);
  BOOST_TEST(ran.output.find("sandbox-api-key") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_unknown_command_line_option_exits_2) {
  BOOST_TEST(run(BANKCONNECTD, {"--configg", "x"}).code == 2);
  BOOST_TEST(run(BANKCONNECTD, {"--version"}).code == 0);
}

BOOST_AUTO_TEST_CASE(a_second_instance_on_the_same_database_exits_75_and_the_first_goes_on) {
  World world("");
  world.start_daemon();
  const RunResult second = run(BANKCONNECTD, {"--config", world.folder / "config.toml"});
  BOOST_TEST(second.code == 75);
  BOOST_TEST(second.output.find("another bankconnectd uses this database") != std::string::npos,
             second.output);
  BOOST_TEST(world.submit(session_id(1)) == 201);
}

BOOST_AUTO_TEST_CASE(a_database_that_is_gone_is_a_problem_and_the_files_of_the_earlier_one_stay) {
  World world("");
  world.start_daemon();
  BOOST_TEST(world.submit(session_id(1)) == 201);
  const std::filesystem::path file = world.folder / "status/sessions" / (session_id(1) + ".json");
  BOOST_TEST(eventually([&file] { return std::filesystem::exists(file); }));
  world.kill_daemon();
  std::filesystem::remove(world.folder / "db");
  world.start_daemon();
  BOOST_TEST(world.daemon_log().find("\"database_created\"") != std::string::npos);
  BOOST_TEST(world.daemon_log().find("-wal.left") != std::string::npos);
  BOOST_TEST(boost::json::serialize(world.status()).find("DATABASE_CREATED") != std::string::npos);
  BOOST_TEST(std::filesystem::exists(file));
}

BOOST_AUTO_TEST_CASE(a_second_daemon_with_the_same_status_folder_exits_75) {
  World world("");
  world.start_daemon();
  const RunResult second = run(BANKCONNECTD, {"--config", world.folder / "config.toml", "--set",
                                              "store.path=" + (world.folder / "other-db").string()});
  BOOST_TEST(second.code == 75);
  BOOST_TEST(second.output.find("another bankconnectd writes its files there") != std::string::npos,
             second.output);
}

BOOST_AUTO_TEST_CASE(a_database_that_is_deleted_while_in_use_ends_the_daemon_before_it_acknowledges) {
  World world("");
  world.start_daemon();
  BOOST_TEST(world.submit(session_id(1)) == 201);
  std::filesystem::remove(world.folder / "db");
  // It ends whether or not its refusal is on its way by then: a connection that is cut off is no
  // acknowledgement.
  int answer = 0;
  try {
    answer = world.submit(session_id(2));
  } catch (const ctl::NoConnection&) {
    answer = 0;
  }
  BOOST_TEST(answer != 201);
  BOOST_TEST(world.daemon().wait().value_or(-1) == 74);
}

BOOST_AUTO_TEST_CASE(a_control_socket_that_was_removed_is_made_anew_within_seconds) {
  World world("");
  world.start_daemon();
  std::filesystem::remove(world.folder / "socket");
  BOOST_TEST(eventually([&world] { return std::filesystem::exists(world.folder / "socket"); }));
  BOOST_TEST(world.submit(session_id(1)) == 201);
}

BOOST_AUTO_TEST_CASE(a_regular_file_at_the_socket_path_is_reported_and_not_overwritten) {
  World world("");
  write_file(world.folder / "socket", "precious");
  const std::string said = world.start_and_expect_exit(78);
  BOOST_TEST(said.find("is not a socket") != std::string::npos, said);
  BOOST_TEST(read_file(world.folder / "socket") == "precious");
}

BOOST_AUTO_TEST_CASE(the_control_socket_has_the_configured_mode) {
  World world("");
  world.configure("control", "mode = \"0600\"");
  world.start_daemon();
  struct stat status {};
  BOOST_TEST_REQUIRE(::stat((world.folder / "socket").c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 0777) == 0600U);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_a_database_is_reported_and_not_overwritten) {
  World world("");
  write_file(world.folder / "db", std::string(8192, 'x'));
  const std::string said = world.start_and_expect_exit(74);
  BOOST_TEST(said.find("not a database") != std::string::npos, said);
  BOOST_TEST(read_file(world.folder / "db") == std::string(8192, 'x'));
}

BOOST_AUTO_TEST_CASE(a_database_of_another_program_is_refused_with_exit_74) {
  World world("");
  sqlite3* other = nullptr;
  BOOST_TEST_REQUIRE(sqlite3_open((world.folder / "db").c_str(), &other) == SQLITE_OK);
  sqlite3_exec(other, "CREATE TABLE theirs (x)", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  BOOST_TEST(world.start_and_expect_exit(74).find("another program") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_database_on_a_read_only_file_system_is_reported_with_exit_74,
                     *boost::unit_test::precondition(can_mount)) {
  World world("");
  world.start_daemon();
  BOOST_TEST_REQUIRE(world.stop_daemon() == 0);
  // Root ignores file permissions; only a read-only file system refuses its writes.
  const auto folder = world.folder.path();
  BOOST_TEST_REQUIRE(::mount(folder.c_str(), folder.c_str(), nullptr, MS_BIND, nullptr) == 0);
  const bool read_only =
      ::mount(nullptr, folder.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0;
  Folder elsewhere;
  Process process(BANKCONNECTD, {"--config", world.folder / "config.toml"}, elsewhere / "log");
  const auto code = process.wait();
  ::umount(folder.c_str());
  BOOST_TEST_REQUIRE(read_only);
  BOOST_TEST(code.value_or(-1) == 74);
  BOOST_TEST(read_file(elsewhere / "log").find("Read-only file system") != std::string::npos,
             read_file(elsewhere / "log"));
}

BOOST_AUTO_TEST_CASE(an_unwritable_status_folder_is_reported_as_a_problem_and_sessions_still_end) {
  World world("[scenario.complete]\nno_uploads = \"0s\"\nin_progress = \"0s\"\nprocessing = \"0s\"\n" +
              session_entry(session_id(1), "complete"));
  write_file(world.folder / "taken", "");
  world.configure("status", "dir = \"" + (world.folder / "taken").string() + "\"");
  world.start_daemon();
  world.submit(session_id(1));
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  const auto problems = world.status().at("problems").as_array();
  BOOST_TEST_REQUIRE(problems.size() == 1U);
  BOOST_TEST(boost::json::value_to<std::string>(problems[0].at("code")) == "STATUS_FILES_UNWRITABLE");
}

BOOST_AUTO_TEST_CASE(a_full_disk_refuses_submissions_serves_reads_and_recovers_when_space_is_freed,
                     *boost::unit_test::precondition(can_mount)) {
  World world("[scenario.complete]\nno_uploads = \"0s\"\nin_progress = \"0s\"\nprocessing = \"0s\"\n" +
              session_entry(session_id(1), "complete"));
  SmallDisk small("size=2m");
  world.start_daemon();
  BOOST_TEST_REQUIRE(world.stop_daemon() == 0);
  const std::string config = read_file(world.folder / "config.toml");
  const auto begin = config.find("[store]");
  write_file(world.folder / "config.toml", config.substr(0, begin) + "[store]\npath = \"" + small / "db" +
                                               "\"\n" + config.substr(config.find('[', begin + 1)));
  Process daemon(BANKCONNECTD, {"--config", world.folder / "config.toml"}, world.folder / "full.log");
  BOOST_TEST_REQUIRE(eventually([&] {
    try {
      return world.request("GET", "/v1/status").status == 200;
    } catch (const ctl::NoConnection&) {
      return false;
    }
  }));
  BOOST_TEST(world.submit(session_id(2)) == 201);
  small.fill();
  BOOST_TEST(eventually([&] {
    return world.request("POST", "/v1/sessions", "text/plain", session_id(3) + "\n").status == 503;
  }));
  BOOST_TEST(world.request("GET", "/v1/sessions/" + session_id(2)).status == 200);
  BOOST_TEST(eventually([&] {
    return boost::json::serialize(world.status().at("problems")).find("DISK_FULL") != std::string::npos;
  }));
  small.make_room();
  BOOST_TEST(eventually([&] { return world.submit(session_id(1)) == 201; }));
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
}

BOOST_AUTO_TEST_CASE(a_wall_clock_set_a_day_forward_or_back_is_logged_and_fails_no_session,
                     *boost::unit_test::precondition(can_set_clock)) {
  World world(
      session_entry(session_id(1), "slow") + session_entry(session_id(2), "slow") +
      "[scenario.slow]\nno_uploads = \"0s\"\nin_progress = \"2s\"\nprocessing = \"2s\"\nexpires_in = \"\"\n");
  const auto clock = world.folder / "clock";
  // Replaces the file atomically: faketime ends a program that reads an empty file.
  const auto set_clock = [&](const std::string& by) {
    write_file(world.folder / "clock.new", by);
    std::filesystem::rename(world.folder / "clock.new", clock);
  };
  set_clock("+0");
  world.start_daemon({{"LD_PRELOAD", faketime_library()},
                      {"FAKETIME_TIMESTAMP_FILE", clock},
                      {"FAKETIME_DONT_FAKE_MONOTONIC", "1"},
                      {"FAKETIME_NO_CACHE", "1"},
                      {"WATCHDOG_USEC", "900000"}});
  world.submit(session_id(1));
  set_clock("+1d");
  BOOST_TEST(eventually([&] { return world.daemon_log().find("clock_jumped") != std::string::npos; }));
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  world.submit(session_id(2));
  set_clock("-1d");
  BOOST_TEST(world.ending(session_id(2)) == "ENRICHED complete");
  BOOST_TEST(world.initiates(session_id(1), "accepted") == 1);
  BOOST_TEST(world.initiates(session_id(2), "accepted") == 1);
}

BOOST_AUTO_TEST_CASE(incomplete_requests_on_the_socket_do_not_block_other_clients) {
  World world("");
  world.start_daemon();
  std::vector<int> halves;
  for (int i = 0; i < 50; ++i) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, (world.folder / "socket").c_str(), sizeof address.sun_path - 1);
    BOOST_TEST_REQUIRE(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    const std::string half = "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Le";
    BOOST_TEST(::send(fd, half.data(), half.size(), MSG_NOSIGNAL) > 0);
    halves.push_back(fd);
  }
  BOOST_TEST(world.submit(session_id(1)) == 201);
  for (const int fd : halves)
    ::close(fd);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
