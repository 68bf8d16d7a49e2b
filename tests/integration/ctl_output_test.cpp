// bankconnectctl when writing to its standard output fails.
#include <boost/test/unit_test.hpp>

#include "tests/integration/world.hpp"

namespace bankconnect::test {

namespace {

constexpr const char* kScenario =
    "[scenario.large]\nno_uploads = \"0s\"\nin_progress = \"0s\"\nprocessing = \"0s\"\n"
    "insights_size = \"300KiB\"\n";

struct LargeAnswer : World {
  LargeAnswer() : World(kScenario + session_entry(session_id(1), "large")) {
    start_daemon();
    submit(session_id(1));
    BOOST_TEST_REQUIRE(ending(session_id(1)) == "ENRICHED complete");
  }
  /// Runs it with `arguments` and this shell redirection of standard output; returns its standard error.
  RunResult ctl(const std::string& arguments, const std::string& redirection) const {
    return run("/bin/bash", {"-c", "set -o pipefail; " BANKCONNECTCTL " --socket " +
                                       (folder / "socket").string() + " " + arguments + " " + redirection});
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(ctl_output, LargeAnswer)

BOOST_AUTO_TEST_CASE(a_command_whose_output_meets_a_full_disk_exits_1_and_names_the_error) {
  const std::string id = session_id(1);
  for (const std::string& arguments :
       {"insights " + id, "session-status " + id, "show " + id, "--json show " + id, "watch " + id,
        std::string("list"), std::string("events"), std::string("events --follow"), std::string("status"),
        std::string("--help"), std::string("--version")}) {
    const RunResult ran = ctl(arguments, "> /dev/full");
    BOOST_TEST(ran.code == 1, arguments << " exits " << ran.code);
    BOOST_TEST(ran.output == "bankconnectctl: standard output: No space left on device\n", arguments);
  }
}

BOOST_AUTO_TEST_CASE(a_closed_pipe_ends_a_command_silently_with_exit_0) {
  const std::string id = session_id(1);
  for (const std::string& arguments :
       {"insights " + id, "watch " + id, "show " + id, std::string("events")}) {
    const RunResult ran = ctl(arguments, "| true");
    BOOST_TEST(ran.code == 0, arguments << " exits " << ran.code);
    BOOST_TEST(ran.output == "", arguments);
  }
}

BOOST_AUTO_TEST_CASE(a_follower_of_events_ends_with_its_reader_and_not_with_the_next_event) {
  const std::string command =
      BANKCONNECTCTL " --socket " + (folder / "socket").string() + " events --follow | grep -m1 ENRICHED";
  Process following("/bin/bash", {"-c", command}, folder / "followed");
  BOOST_TEST(following.wait(20s).value_or(-1) == 0);
  BOOST_TEST(read_file(folder / "followed").find("ENRICHED") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(insights_are_written_to_a_file_completely) {
  const RunResult ran = ctl("insights " + session_id(1), "> " + (folder / "insights").string());
  BOOST_TEST(ran.code == 0);
  BOOST_TEST(ran.output == "");
  BOOST_TEST(read_file(folder / "insights") ==
             request("GET", "/v1/sessions/" + session_id(1) + "/insights").body);
  BOOST_TEST(read_file(folder / "insights").size() == 300U * 1024);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
