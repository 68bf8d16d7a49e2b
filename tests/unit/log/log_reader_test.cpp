// A log whose reader is slow, or does not read at all.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "bankconnect/log.hpp"
#include "tests/support/fake_world.hpp"

namespace bankconnect::test {

namespace {

namespace json = boost::json;

/// A log, and the other end of where it writes.
struct LogAndReader {
  LogAndReader() : LogAndReader({-1, -1}) {}
  explicit LogAndReader(std::array<int, 2> given) : ends(given) {
    if (ends[0] < 0) BOOST_REQUIRE(::pipe(ends.data()) == 0);
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    log = make_log_to(ends[1], LogFormat::json, LogLevel::info, clock);
  }
  ~LogAndReader() {
    ::close(ends[0]);
    ::close(ends[1]);
  }

  void write(int count, const std::string& message = "") {
    for (int i = 0; i < count; ++i)
      log->info("counted", message, {{"number", ++number}});
  }
  /// Reads what is there, at most `most` bytes.
  std::size_t read(std::size_t most = SIZE_MAX) {
    std::size_t size = 0;
    char buffer[4096];
    while (size < most) {
      const ssize_t taken = ::read(ends[0], buffer, std::min(sizeof buffer, most - size));
      if (taken <= 0) break;
      text.append(buffer, static_cast<std::size_t>(taken));
      size += static_cast<std::size_t>(taken);
    }
    return size;
  }
  /// What was read, line by line; checks that each is complete.
  std::vector<json::object> lines() const {
    std::vector<json::object> out;
    BOOST_TEST((text.empty() || text.back() == '\n'));
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      boost::system::error_code ec;
      const json::value value = json::parse(line, ec);
      BOOST_TEST_REQUIRE(!ec, "not a line: " << line.substr(0, 200));
      out.push_back(value.as_object());
    }
    return out;
  }
  /// Numbers rise by one; where some are missing, the line before gives how many.
  void every_missing_line_is_counted() const {
    std::int64_t expected = 1;
    for (const json::object& line : lines()) {
      if (line.at("event").as_string() == "lines_not_logged") {
        expected += line.at("count").as_int64();
      } else {
        BOOST_TEST_REQUIRE(line.at("number").as_int64() == expected++);
      }
    }
    BOOST_TEST(expected == number + 1);
  }
  std::ptrdiff_t gaps() const {
    const auto all = lines();
    return std::ranges::count_if(
        all, [](const json::object& line) { return line.at("event").as_string() == "lines_not_logged"; });
  }

  std::array<int, 2> ends;
  FakeClock clock;
  std::unique_ptr<LineLog> log;
  std::int64_t number = 0;
  std::string text;
};

std::array<int, 2> sockets() {
  std::array<int, 2> ends{};
  BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  return ends;
}

struct OverSocket : LogAndReader {
  OverSocket() : LogAndReader(sockets()) {}
};

void a_stalled_reader_does_not_block_the_writer(LogAndReader& fixture) {
  const auto began = std::chrono::steady_clock::now();
  fixture.write(10'000);
  BOOST_TEST((std::chrono::steady_clock::now() - began < std::chrono::seconds(3)));
  BOOST_TEST(fixture.read() > 0U);
  BOOST_TEST(fixture.gaps() == 0);
  fixture.write(1);
  fixture.read();
  BOOST_TEST(fixture.gaps() == 1);
  const auto lines = fixture.lines();
  BOOST_TEST(lines.back().at("number").as_int64() == 10'001);
  const json::object& said = lines.at(lines.size() - 2);
  BOOST_TEST(said.at("event").as_string() == "lines_not_logged");
  BOOST_TEST(said.at("level").as_string() == "warning");
  BOOST_TEST(said.at("count").as_int64() > 0);
  fixture.every_missing_line_is_counted();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(log_reader, LogAndReader)

BOOST_AUTO_TEST_CASE(a_stalled_reader_of_a_pipe_does_not_block_the_writer) {
  a_stalled_reader_does_not_block_the_writer(*this);
}

BOOST_FIXTURE_TEST_CASE(a_stalled_reader_of_a_socket_does_not_block_the_writer, OverSocket) {
  a_stalled_reader_does_not_block_the_writer(*this);
}

BOOST_AUTO_TEST_CASE(each_gap_is_logged_once) {
  for (int gap = 1; gap <= 3; ++gap) {
    write(3000);
    read();
    write(5);
    read();
    BOOST_TEST(gaps() == gap);
  }
  every_missing_line_is_counted();
}

BOOST_AUTO_TEST_CASE(long_lines_are_complete_however_little_is_read_at_once) {
  for (int i = 0; i < 300; ++i) {
    write(1, std::string(static_cast<std::size_t>(i % 7) * 3000, 'x'));
    read(1000);
  }
  for (int i = 0; i < 20; ++i) {
    read();
    write(1);
  }
  read();
  BOOST_TEST(gaps() > 0);
  every_missing_line_is_counted();
}

BOOST_AUTO_TEST_CASE(lines_lost_to_signals_and_a_pausing_reader_are_counted) {
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = [](int) {};  // interrupts: no SA_RESTART
  ::sigaction(SIGALRM, &action, &before);
  std::atomic<bool> done{false};
  sigset_t alarm;
  sigset_t mask;
  sigemptyset(&alarm);
  sigaddset(&alarm, SIGALRM);
  ::pthread_sigmask(SIG_BLOCK, &alarm, &mask);
  std::thread reader([&] {
    while (!done || read() > 0) {
      read(20'000);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  const itimerval every{{0, 1000}, {0, 1000}};
  ::setitimer(ITIMER_REAL, &every, nullptr);
  write(300, std::string(5000, 'x'));
  const itimerval never{};
  ::setitimer(ITIMER_REAL, &never, nullptr);
  done = true;
  reader.join();
  ::sigaction(SIGALRM, &before, nullptr);
  write(1);
  read();
  every_missing_line_is_counted();
}

BOOST_AUTO_TEST_CASE(writing_without_a_reader_neither_blocks_nor_fails) {
  void (*before)(int) = std::signal(SIGPIPE, SIG_IGN);
  ::close(ends[0]);
  ends[0] = -1;
  write(1000, std::string(5000, 'x'));
  std::signal(SIGPIPE, before);
}

BOOST_AUTO_TEST_CASE(a_file_receives_every_line) {
  char name[] = "/tmp/bankconnect-log-XXXXXX";
  const int fd = ::mkstemp(name);
  BOOST_REQUIRE(fd >= 0);
  ::unlink(name);
  LogAndReader file({fd, ::dup(fd)});
  file.write(5000, std::string(5000, 'x'));
  ::lseek(fd, 0, SEEK_SET);
  file.read();
  BOOST_TEST(file.gaps() == 0);
  file.every_missing_line_is_counted();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
