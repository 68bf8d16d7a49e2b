// Faults, outages and refused accounts at BankConnect.
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <csignal>

#include "tests/integration/world.hpp"

namespace bankconnect::test {

namespace {

std::string health(const World& world) {
  return boost::json::value_to<std::string>(world.status().at("health"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(outage)

BOOST_AUTO_TEST_CASE(one_fault_of_any_kind_at_any_call_still_ends_enriched_with_one_initiate) {
  const std::vector<std::string> kinds = {
      "kind = \"status\"\nstatus = 500\nshape = \"html\"",
      "kind = \"status\"\nstatus = 503\nretry_after = \"1\"",
      "kind = \"status\"\nstatus = 429\nshape = \"detail\"\nretry_after = \"1\"",
      "kind = \"status\"\nstatus = 502\nshape = \"empty\"",
      "kind = \"status\"\nstatus = 504\neffect = true",
      "kind = \"drop\"",
      "kind = \"drop_after\"",
      "kind = \"reset\"",
      "kind = \"html\"",
      "kind = \"truncated\"",
      "kind = \"bad_json\"",
      "kind = \"wrong_session\"",
      "kind = \"stall\"",
      "kind = \"slow_body\"\ndelay = \"400ms\"",
      "kind = \"informational\"",
      "kind = \"close\"",
      "kind = \"chunked\"",
  };
  const std::vector<std::string> calls = {"upload_status", "initiate", "progress", "session_status",
                                          "insights"};
  std::string file;
  std::vector<std::string> names;
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    for (const std::string& call : calls) {
      const std::string name = call + "_" + std::to_string(k);
      names.push_back(name);
      file += "[scenario." + name +
              "]\nno_uploads = \"0s\"\nin_progress = \"0s\"\nprocessing = \"300ms\"\n[[scenario." + name +
              ".fault]]\ncall = \"" + call + "\"\nnth = [1]\n" + kinds[k] + "\n";
    }
  }
  std::string sessions;
  for (std::size_t i = 0; i < names.size(); ++i)
    sessions += session_entry(session_id(static_cast<int>(i)), names[i]);
  World world(sessions + file);
  world.configure("upstream", "request_timeout = \"1s\"\nmax_requests_per_second = 0");
  world.start_daemon();
  for (std::size_t i = 0; i < names.size(); ++i)
    world.submit(session_id(static_cast<int>(i)));
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string id = session_id(static_cast<int>(i));
    BOOST_TEST(world.ending(id, 90s) == "ENRICHED complete", names[i]);
    BOOST_TEST(world.initiates(id, "accepted") == 1, names[i]);
  }
}

BOOST_AUTO_TEST_CASE(an_answer_over_max_response_size_is_refused_and_fetched_again) {
  World world(
      session_entry(session_id(1), "huge") +
      "[scenario.huge]\nno_uploads = \"0s\"\nin_progress = \"0s\"\nprocessing = \"0s\"\n"
      "[[scenario.huge.fault]]\ncall = \"insights\"\nnth = [1]\nkind = \"oversize\"\nsize = \"2MiB\"\n");
  world.configure("upstream", "max_response_size = \"1MiB\"");
  world.start_daemon();
  world.submit(session_id(1));
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST(world.daemon_log().find("RESPONSE_TOO_LARGE") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_refused_account_pauses_calls_fails_no_session_and_recovers_with_a_reloaded_key) {
  World world("[scenario.complete]\nno_uploads = \"0s\"\nin_progress = \"0s\"\nprocessing = \"0s\"\n" +
              session_entry(session_id(1), "complete"));
  write_file(world.folder / "api-key", "a-wrong-key\n");
  world.start_daemon();
  world.submit(session_id(1));
  BOOST_TEST(eventually([&] { return health(world) == "paused"; }));
  const auto problems = world.status().at("problems").as_array();
  BOOST_TEST_REQUIRE(problems.size() == 1U);
  BOOST_TEST(boost::json::value_to<std::string>(problems[0].at("code")) == "UPSTREAM_ACCOUNT_REFUSED");
  BOOST_TEST(world.state(session_id(1)) == "NO_UPLOADS");
  write_file(world.folder / "api-key", "sandbox-api-key\n");
  world.daemon().signal(SIGHUP);
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST(health(world) == "ok");
  BOOST_TEST(world.daemon_log().find("a-wrong-key") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(sessions_submitted_during_an_outage_are_enriched_after_it) {
  std::string sessions;
  for (int i = 1; i <= 30; ++i)
    sessions += session_entry(session_id(i), "quick");
  World world(sessions +
              "[scenario.quick]\nno_uploads = \"0s\"\nin_progress = \"0s\"\nprocessing = \"0s\"\n");
  world.start_daemon();
  world.stop_sandbox();
  for (int i = 1; i <= 30; ++i)
    BOOST_TEST(world.submit(session_id(i)) == 201);
  BOOST_TEST(eventually([&] { return health(world) == "degraded"; }));
  world.start_sandbox();
  for (int i = 1; i <= 30; ++i)
    BOOST_TEST(world.ending(session_id(i), 60s) == "ENRICHED complete");
  BOOST_TEST(health(world) == "ok");
}

BOOST_AUTO_TEST_CASE(a_404_from_a_wrong_base_path_pauses_calls_and_fails_no_session) {
  World world("[[fault]]\nkind = \"status\"\nstatus = 404\nshape = \"html\"\n" +
              session_entry(session_id(1), "complete"));
  world.start_daemon();
  world.submit(session_id(1));
  BOOST_TEST(eventually([&] { return health(world) == "paused"; }));
  BOOST_TEST(world.state(session_id(1)) == "NO_UPLOADS");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
