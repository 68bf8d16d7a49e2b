// Log lines: fields, and no value that can forge a line.
#include <unistd.h>

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "bankconnect/log.hpp"
#include "tests/support/fake_world.hpp"

namespace bankconnect::test {

namespace {

/// What a log writes to a pipe.
struct Written {
  Written() { BOOST_REQUIRE(::pipe(ends) == 0); }
  ~Written() { ::close(ends[0]); }

  std::unique_ptr<LineLog> log(LogFormat format, LogLevel level = LogLevel::info) {
    return make_log_to(ends[1], format, level, clock);
  }
  std::string text() {
    ::close(ends[1]);
    std::string out;
    char buffer[4096];
    for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;)
      out.append(buffer, static_cast<std::size_t>(n));
    return out;
  }

  int ends[2]{};
  FakeClock clock;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(log, Written)

BOOST_AUTO_TEST_CASE(a_text_line_has_its_time_level_event_and_fields) {
  log(LogFormat::text)->info("transition", "", {{"from", "NO_UPLOADS"}, {"to", "IN_PROGRESS"}, {"seq", 7}});
  BOOST_TEST(text() == "2026-01-01T00:00:00.000Z info transition from=NO_UPLOADS to=IN_PROGRESS seq=7\n");
}

BOOST_AUTO_TEST_CASE(a_json_line_is_an_object_with_time_level_event_fields_and_message) {
  log(LogFormat::json)->warning("call_failed", "why", {{"http_status", 503}, {"code", "HTTP_503"}});
  const auto line = boost::json::parse(text()).as_object();
  BOOST_TEST(line.at("time").as_string() == "2026-01-01T00:00:00.000Z");
  BOOST_TEST(line.at("level").as_string() == "warning");
  BOOST_TEST(line.at("event").as_string() == "call_failed");
  BOOST_TEST(line.at("http_status").as_int64() == 503);
  BOOST_TEST(line.at("message").as_string() == "why");
}

BOOST_AUTO_TEST_CASE(a_value_cannot_begin_a_new_line) {
  for (const auto format : {LogFormat::text, LogFormat::json}) {
    Written written;
    written.log(format)->info("control", "", {{"command", "x\n2026-01-01 info faked a=b"}});
    const std::string said = written.text();
    BOOST_TEST(said.find('\n') == said.size() - 1, said);
  }
}

BOOST_AUTO_TEST_CASE(empty_fields_are_left_out) {
  log(LogFormat::text)->info("transition", "", {{"reason", ""}, {"seq", 1}});
  BOOST_TEST(text().find("reason") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(lines_below_the_level_are_not_written_and_the_level_can_change) {
  const auto lines = log(LogFormat::text, LogLevel::warning);
  lines->info("quiet", "");
  lines->set_level(LogLevel::debug);
  lines->write(LogLevel::debug, "loud", "", {});
  BOOST_TEST(text().find("loud") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(levels_and_formats_have_the_documented_names) {
  BOOST_TEST((parse_log_level("warning") == LogLevel::warning));
  BOOST_TEST(!parse_log_level("WARN").has_value());
  BOOST_TEST((parse_log_format("auto") == LogFormat::automatic));
  BOOST_TEST(!parse_log_format("syslog").has_value());
  BOOST_TEST(to_string(LogFormat::automatic) == "auto");
  BOOST_TEST(to_string(LogFormat::journal) == "journal");
  BOOST_TEST(to_string(LogLevel::error) == "error");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
