// Every final state of a session.
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <map>

#include "tests/integration/world.hpp"

namespace bankconnect::test {

namespace {

constexpr const char* kQuick = "no_uploads = \"200ms\"\nin_progress = \"300ms\"\nprocessing = \"500ms\"\n";

/// A fault of the scenario's sessions.
std::string fault(const std::string& scenario, const std::string& keys) {
  return "[[scenario." + scenario + ".fault]]\n" + keys;
}

std::string scenario(const std::string& name, const std::string& keys) {
  return "[scenario." + name + "]\n" + kQuick + keys + "\n";
}

struct Ending {
  std::string scenario;
  std::string keys;
  std::string ending;
  int accepted;  ///< initiate calls BankConnect accepted
};

const std::vector<Ending>& every_ending() {
  static const std::vector<Ending> all = {
      {"complete", "", "ENRICHED complete", 1},
      {"partial", "accounts = [{bank=\"axis\"}, {bank=\"hdfc\", outcome=\"failed\"}]", "ENRICHED partial", 1},
      {"all_failed", "accounts = [{bank=\"axis\", outcome=\"failed\"}]", "FAILED ACCOUNTS_FAILED", 1},
      {"progress_failed", "progress_end = \"failed\"", "FAILED ACCOUNTS_FAILED", 1},
      {"no_insights", "insights_available = false\naccounts = [{bank=\"axis\", outcome=\"failed\"}]",
       "FAILED ACCOUNTS_FAILED", 1},
      {"insights_unsaid", "insights_available = \"absent\"", "ENRICHED complete", 1},
      {"large", "insights_size = \"12MiB\"", "ENRICHED complete", 1},
      {"expired_with_statements", "then = \"expired\"", "ENRICHED complete", 1},
      {"expired_refused",
       "then = \"expired\"\ninitiate = {status = 400, code = \"SESSION_EXPIRED\", message = \"\"}", "EXPIRED",
       0},
      {"expired_empty", "then = \"no_uploads\"\nexpires_in = \"700ms\"", "EXPIRED", 0},
      {"deleted", "deleted_after = \"300ms\"", "FAILED SESSION_DELETED", 0},
      {"unparsable", "initiate = \"unparsable\"", "FAILED UNPARSABLE_STATEMENTS", 0},
      {"already_requested", "initiate = \"already_requested\"", "ENRICHED complete", 0},
      {"duplicate_as_400", "initiate = \"already_requested\"\nduplicate_status = 400", "ENRICHED complete",
       0},
      {"refused", "initiate = {status = 422, code = \"PLAN_ODDITY\", message = \"\"}", "FAILED REFUSED", 0},
      {"found_late", "found_after = \"500ms\"", "ENRICHED complete", 1},
      {"forgetful", "forgets_request = 1", "ENRICHED complete", 2},
      {"stalls", "stalls = \"1s\"", "ENRICHED complete", 1},
      {"beside_data",
       fault("beside_data", "call = \"insights\"\nkind = \"beside_data\"\ncode = \"STATEMENT_MISSING\""),
       "ENRICHED partial", 1},
      {"late_accounts", fault("late_accounts", "call = \"insights\"\nfirst = 2\nkind = \"no_accounts\""),
       "ENRICHED complete", 1},
      {"cached", fault("cached", "call = \"upload_status\"\nfirst = 2\nkind = \"cached\""),
       "ENRICHED complete", 1},
      {"not_strict", fault("not_strict", "kind = \"not_strict\""), "ENRICHED complete", 1},
      {"gzipped", fault("gzipped", "kind = \"gzip\""), "ENRICHED complete", 1},
      {"spelt_oddly",
       "[scenario.spelt_oddly.spelling]\nno_uploads = \"NO UPLOAD\"\nin_progress = \"In Progress\"\n"
       "completed = \"completed\"\nprogress_completed = \"COMPLETED\"",
       "ENRICHED complete", 1},
  };
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(endings)

BOOST_AUTO_TEST_CASE(each_scenario_leads_to_its_final_state_and_number_of_accepted_initiates) {
  std::string file;
  for (const Ending& ending : every_ending())
    file += scenario(ending.scenario, ending.keys);
  std::string sessions;
  int number = 0;
  for (const Ending& ending : every_ending())
    sessions += session_entry(session_id(++number), ending.scenario);
  World world(sessions + file);
  world.configure("polling", "not_found_grace = \"5s\"");
  world.start_daemon();
  for (int i = 1; i <= number; ++i)
    BOOST_TEST(world.submit(session_id(i)) == 201);
  // An id that does not exist at BankConnect.
  BOOST_TEST(world.submit(session_id(999)) == 201);

  for (int i = 1; i <= number; ++i) {
    const Ending& ending = every_ending()[static_cast<std::size_t>(i - 1)];
    BOOST_TEST(world.ending(session_id(i)) == ending.ending, ending.scenario);
  }
  BOOST_TEST(world.ending(session_id(999)) == "FAILED SESSION_NOT_FOUND");
  BOOST_TEST(world.stop_daemon() == 0);

  for (int i = 1; i <= number; ++i) {
    const Ending& ending = every_ending()[static_cast<std::size_t>(i - 1)];
    BOOST_TEST(world.initiates(session_id(i), "accepted") == ending.accepted, ending.scenario);
    BOOST_TEST(world.initiates(session_id(i), "accepted_early") == 0, ending.scenario);
  }
}

// Doubted answers are asked again after 30 s.
BOOST_AUTO_TEST_CASE(one_answer_that_contradicts_the_others_ends_no_session,
                     *boost::unit_test::label("slow")) {
  const auto quick = [](const std::string& name, const std::string& times) {
    return "[scenario." + name + "]\nno_uploads = \"0s\"\n" + times + "\n";
  };
  World world(session_entry(session_id(1), "expired_once") + session_entry(session_id(2), "denied_once") +
              session_entry(session_id(3), "behind") +
              quick("expired_once", "in_progress = \"2s\"\nprocessing = \"0s\"") +
              fault("expired_once", "call = \"upload_status\"\nnth = [4]\nkind = \"expired_early\"\n") +
              quick("denied_once", "in_progress = \"0s\"\nprocessing = \"0s\"\ninsights_available = true") +
              fault("denied_once", "call = \"session_status\"\nnth = [1]\nkind = \"insights_denied\"\n") +
              quick("behind", "in_progress = \"0s\"\nprocessing = \"2s\"") +
              fault("behind",
                    "call = \"progress\"\nevery = 3\nkind = \"status\"\nstatus = 400\n"
                    "code = \"PROCESSING_NOT_REQUESTED\"\n"));
  world.start_daemon();
  for (int i = 1; i <= 3; ++i)
    world.submit(session_id(i));
  for (int i = 1; i <= 3; ++i)
    BOOST_TEST(world.ending(session_id(i), 90s) == "ENRICHED complete", i);
}

BOOST_AUTO_TEST_CASE(a_session_reopened_while_it_settles_is_initiated_once_and_not_early) {
  World world(session_entry(session_id(1), "two_banks") +
              scenario("two_banks", "reopened = {after = \"250ms\", for = \"300ms\"}"));
  // Longer than `after` and `for` together: initiate follows the second COMPLETED even if the first is
  // seen late.
  world.configure("processing", "settle = \"600ms\"");
  world.start_daemon();
  world.submit(session_id(1));
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST(world.stop_daemon() == 0);
  BOOST_TEST(world.initiates(session_id(1), "accepted") == 1);
  BOOST_TEST(world.initiates(session_id(1), "accepted_early") == 0);
}

BOOST_AUTO_TEST_CASE(large_insights_are_stored_and_served_at_their_full_size) {
  World world(session_entry(session_id(1), "big") + scenario("big", "insights_size = \"3MiB\""));
  world.start_daemon();
  world.submit(session_id(1));
  BOOST_TEST_REQUIRE(world.ending(session_id(1)) == "ENRICHED complete");
  const ctl::Reply insights = world.request("GET", "/v1/sessions/" + session_id(1) + "/insights");
  BOOST_TEST(insights.status == 200);
  BOOST_TEST(insights.body.size() == 3U << 20);
  BOOST_TEST(insights.body.find(session_id(1)) != std::string::npos);
  const auto record = world.session(session_id(1));
  BOOST_TEST(record.at("payloads").at("insights").at("bytes").to_number<std::size_t>() ==
             insights.body.size());
}

BOOST_AUTO_TEST_CASE(account_numbers_are_masked_in_answers_log_and_status_files) {
  World world(session_entry(session_id(1), "numbered") +
              scenario("numbered", "accounts = [{bank = \"axis\", number = \"924010040573135\"}]"));
  world.configure("log", "level = \"debug\"");
  world.start_daemon();
  world.submit(session_id(1));
  BOOST_TEST_REQUIRE(world.ending(session_id(1)) == "ENRICHED complete");
  const std::string shown = boost::json::serialize(world.session(session_id(1)));
  BOOST_TEST(shown.find("XXXX3135") != std::string::npos);
  BOOST_TEST(shown.find("924010040573135") == std::string::npos);
  BOOST_TEST(world.daemon_log().find("924010040573135") == std::string::npos);
  const auto file = world.folder / ("status/sessions/" + session_id(1) + ".json");
  BOOST_TEST(eventually([&] { return read_file(file).find("ENRICHED") != std::string::npos; }));
  BOOST_TEST(read_file(file).find("924010040573135") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_session_processing_longer_than_stalled_after_is_flagged_stalled) {
  World world(session_entry(session_id(1), "slow") + scenario("slow", "stalls = \"1h\""));
  world.configure("polling", "stalled_after = \"1s\"\nprocessing_timeout = \"1h\"");
  world.start_daemon();
  world.submit(session_id(1));
  BOOST_TEST(eventually([&] { return world.session(session_id(1)).at("stalled").as_bool(); }));
  BOOST_TEST(world.state(session_id(1)) == "PROCESSING");
}

BOOST_AUTO_TEST_CASE(processing_without_an_end_fails_with_processing_timeout) {
  World world(session_entry(session_id(1), "endless") + scenario("endless", "progress_end = \"never\""));
  world.configure("polling", "stalled_after = \"1s\"\nprocessing_timeout = \"1s\"");
  world.start_daemon();
  world.submit(session_id(1));
  BOOST_TEST(world.ending(session_id(1), 60s) == "FAILED PROCESSING_TIMEOUT");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
