// The daemon is killed with SIGKILL, or stopped, at critical moments.
#include <algorithm>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <thread>

#include "tests/integration/world.hpp"

namespace bankconnect::test {

BOOST_AUTO_TEST_SUITE(crash)

BOOST_AUTO_TEST_CASE(a_session_answered_201_survives_an_immediate_kill) {
  World world("");
  world.start_daemon();
  for (int i = 1; i <= 20; ++i) {
    BOOST_TEST(world.submit(session_id(i)) == 201);
    world.kill_daemon();
    world.start_daemon();
  }
  for (int i = 1; i <= 20; ++i)
    BOOST_TEST(world.request("GET", "/v1/sessions/" + session_id(i)).status == 200);
  BOOST_TEST(world.submit(session_id(20)) == 200);
}

BOOST_AUTO_TEST_CASE(initiate_takes_effect_once_when_the_daemon_is_killed_before_its_answer) {
  World world(
      session_entry(session_id(1), "slow_initiate") +
      "[scenario.slow_initiate]\nno_uploads = \"0s\"\nin_progress = \"0s\"\nprocessing = \"500ms\"\n"
      "[[scenario.slow_initiate.fault]]\ncall = \"initiate\"\nnth = [1]\nkind = \"slow\"\ndelay = \"10s\"\n");
  world.start_daemon();
  world.submit(session_id(1));
  BOOST_TEST_REQUIRE(eventually([&] { return world.initiates(session_id(1), "accepted") == 1; }));
  world.kill_daemon();
  world.start_daemon();
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST(world.initiates(session_id(1), "accepted") == 1);
  const auto processing = world.session(session_id(1)).at("processing").as_object();
  BOOST_TEST(!processing.at("requested_elsewhere").as_bool());
}

BOOST_AUTO_TEST_CASE(initiate_takes_effect_once_when_its_answer_is_lost) {
  World world(session_entry(session_id(1), "lost") +
              "[scenario.lost]\nno_uploads = \"0s\"\nin_progress = \"0s\"\nprocessing = \"500ms\"\n"
              "[[scenario.lost.fault]]\ncall = \"initiate\"\nnth = [1]\nkind = \"drop_after\"\n");
  world.start_daemon();
  world.submit(session_id(1));
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST(world.initiates(session_id(1), "accepted") == 1);
  BOOST_TEST(world.initiates(session_id(1), "duplicate") == 1);
  BOOST_TEST(!world.session(session_id(1)).at("processing").at("requested_elsewhere").as_bool());
}

BOOST_AUTO_TEST_CASE(after_repeated_kills_each_session_is_enriched_and_initiated_once_without_event_gaps) {
  std::string sessions;
  constexpr int kSessions = 40;
  for (int i = 1; i <= kSessions; ++i)
    sessions += session_entry(session_id(i), "plain");
  World world(
      sessions +
      "[scenario.plain]\nno_uploads = \"100ms\"\nin_progress = \"1500ms\"\nprocessing = \"1500ms\"\n");
  world.start_daemon();
  for (int i = 1; i <= kSessions; ++i)
    world.submit(session_id(i));
  for (int kill = 0; kill < 15; ++kill) {
    world.kill_daemon();
    world.start_daemon();
    eventually([] { return false; }, std::chrono::milliseconds(37 * (kill % 8)));
  }
  for (int i = 1; i <= kSessions; ++i) {
    BOOST_TEST(world.ending(session_id(i)) == "ENRICHED complete");
    BOOST_TEST(world.initiates(session_id(i), "accepted") == 1);
  }
  // The event log has no gap.
  const std::string events = world.request("GET", "/v1/events").body;
  std::uint64_t expected = 1;
  for (std::size_t begin = 0; begin < events.size(); begin = events.find('\n', begin) + 1) {
    const auto event = boost::json::parse(events.substr(begin, events.find('\n', begin) - begin)).as_object();
    BOOST_TEST_REQUIRE(event.at("seq").to_number<std::uint64_t>() == expected++);
  }
}

BOOST_AUTO_TEST_CASE(a_batch_interrupted_by_a_stop_is_answered_per_line_with_what_was_stored) {
  World world("");
  world.start_daemon();
  std::string ids;
  for (int i = 1; i <= 60'000; ++i)
    ids += session_id(i) + "\n";
  ctl::Reply reply;
  std::thread client([&] { reply = world.request("POST", "/v1/sessions", "text/plain", ids); });
  BOOST_TEST(eventually(
      [&] { return boost::json::serialize(world.status()).find("\"NO_UPLOADS\":0") == std::string::npos; }));
  BOOST_TEST(world.stop_daemon() == 0);
  client.join();
  std::uint64_t accepted = 0;
  for (std::size_t at = reply.body.find("accepted"); at != std::string::npos;
       at = reply.body.find("accepted", at + 1))
    ++accepted;
  BOOST_TEST(std::ranges::count(reply.body, '\n') == 60'000);
  world.start_daemon();
  BOOST_TEST(world.status().at("sessions").at("NO_UPLOADS").to_number<std::uint64_t>() == accepted);
}

BOOST_AUTO_TEST_CASE(a_clean_stop_waits_for_the_call_in_flight) {
  World world(session_entry(session_id(1), "slow") +
              "[scenario.slow]\nno_uploads = \"0s\"\nin_progress = \"0s\"\nprocessing = \"1h\"\n"
              "[[scenario.slow.fault]]\ncall = \"initiate\"\nkind = \"slow\"\ndelay = \"1s\"\n");
  world.start_daemon();
  world.submit(session_id(1));
  BOOST_TEST_REQUIRE(eventually([&] { return world.initiates(session_id(1), "accepted") == 1; }));
  BOOST_TEST(world.stop_daemon() == 0);
  world.start_daemon();
  BOOST_TEST(world.state(session_id(1)) == "PROCESSING");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
