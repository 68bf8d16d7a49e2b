// Webhooks that are lost, doubled, late, early, out of order or wrong. In every case each session is enriched
// and initiated once.
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/integration/webhook_world.hpp"

namespace bankconnect::test {

namespace {

constexpr const char* kCompletion = "SESSION_REQUIREMENT_COMPLETION_NOTIFICATION";

/// A session plan whose webhooks have this fault, or none.
std::string scenario(const std::string& name, const std::string& fault) {
  return "[scenario." + name + "]\nno_uploads = \"0s\"\nin_progress = \"400ms\"\nprocessing = \"400ms\"\n" +
         (fault.empty() ? "" : "[[scenario." + name + ".webhook_fault]]\n" + fault + "\n");
}

struct FaultyWorld : WebhookWorld {
  FaultyWorld(const std::string& fault, const std::string& grace)
      : WebhookWorld(scenario("faultless", "") + scenario("faulty", fault)) {
    configure("webhook", "grace = \"" + grace + "\"");
    configure("polling", "safety_interval = \"400ms\"");
    start();
  }

  void check_enriched_once(const std::string& id) const {
    BOOST_TEST(ending(id) == "ENRICHED complete");
    BOOST_TEST_REQUIRE(last_call_is_logged(id));
    BOOST_TEST(initiates(id, "accepted") == 1);
    BOOST_TEST(initiates(id, "accepted_early") == 0);
    BOOST_TEST(initiates(id, "duplicate") == 0);
  }
  /// Creates and submits the session and checks how it ends.
  void follow_to_end(const std::string& id, const std::string& name = "faulty") {
    create_and_submit(id, name);
    check_enriched_once(id);
  }
  bool becomes_degraded() const {
    return eventually([this] { return webhook_health() == "degraded"; }, 5s);
  }
  std::int64_t count_of(const std::string& id, const std::string& event) const {
    for (const auto& one : webhooks(id)) {
      if (one.at("event_name").as_string() == event) return one.at("count").to_number<std::int64_t>();
    }
    return 0;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(webhook_faults)

BOOST_AUTO_TEST_CASE(a_lost_webhook_is_counted_logged_and_degrades_health_until_the_next_one_arrives) {
  FaultyWorld world("event = \"completion\"\nkind = \"lost\"", "300ms");
  world.follow_to_end(session_id(1));
  BOOST_TEST(world.becomes_degraded());
  BOOST_TEST(world.webhooks_missed() == 1);
  const std::string log = world.daemon_log();
  const auto said = log.find("\"webhook_missed\"");
  BOOST_TEST_REQUIRE(said != std::string::npos, log);
  const auto line = log.substr(log.rfind('\n', said) + 1, log.find('\n', said) - log.rfind('\n', said));
  BOOST_TEST(line.find(session_id(1)) != std::string::npos, line);
  const auto status = world.status();
  BOOST_TEST(status.at("health").as_string() == "degraded");
  BOOST_TEST(status.at("problems").as_array().at(0).at("code").as_string() == "WEBHOOKS_MISSING");

  world.follow_to_end(session_id(2), "faultless");
  BOOST_TEST(world.webhook_health() == "healthy");
  BOOST_TEST(world.status().at("health").as_string() == "ok");
  BOOST_TEST(world.webhooks_missed() == 1);
}

BOOST_AUTO_TEST_CASE(the_safety_poll_finds_an_enrichment_whose_webhook_was_lost) {
  FaultyWorld world("event = \"enrichment\"\nkind = \"lost\"", "300ms");
  world.follow_to_end(session_id(1));
  BOOST_TEST(world.becomes_degraded());
  BOOST_TEST(world.webhooks_missed() == 1);
}

BOOST_AUTO_TEST_CASE(a_webhook_sent_twice_is_stored_once_with_count_two) {
  FaultyWorld world("event = \"completion\"\nkind = \"doubled\"", "5s");
  world.follow_to_end(session_id(1));
  BOOST_TEST(eventually([&] { return world.count_of(session_id(1), kCompletion) == 2; }, 5s));
  BOOST_TEST(world.webhooks(session_id(1)).size() == 2U);  // completion and enrichment
  BOOST_TEST(world.received("duplicate") == 1);
  BOOST_TEST(world.webhook_health() == "healthy");
}

BOOST_AUTO_TEST_CASE(a_webhook_within_grace_after_the_poll_is_not_counted_as_missed) {
  FaultyWorld world("event = \"completion\"\nkind = \"late\"\ndelay = \"400ms\"", "2s");
  world.follow_to_end(session_id(1));
  BOOST_TEST(eventually([&] { return world.webhook_health() == "healthy"; }, 5s));
  BOOST_TEST(world.webhooks_missed() == 0);
}

BOOST_AUTO_TEST_CASE(a_webhook_later_than_grace_is_counted_as_missed_and_still_stored,
                     *boost::unit_test::label("slow")) {
  FaultyWorld world("event = \"completion\"\nkind = \"late\"\ndelay = \"1500ms\"", "200ms");
  world.follow_to_end(session_id(1));
  BOOST_TEST(world.webhooks_missed() == 1);
  BOOST_TEST(eventually([&] { return world.count_of(session_id(1), kCompletion) == 1; }, 5s));
}

BOOST_AUTO_TEST_CASE(an_early_webhook_does_not_initiate_before_upload_status_is_completed) {
  FaultyWorld world("event = \"completion\"\nkind = \"early\"\ndelay = \"400ms\"", "5s");
  world.follow_to_end(session_id(1));
  BOOST_TEST(world.webhooks_missed() == 0);
  BOOST_TEST(world.webhook_health() == "healthy");
}

BOOST_AUTO_TEST_CASE(webhooks_before_the_submission_are_kept_and_accepted_with_it) {
  FaultyWorld world("event = \"completion\"\nkind = \"before_submission\"", "5s");
  world.create(session_id(1), "faulty");
  BOOST_TEST_REQUIRE(eventually([&] { return world.webhooks(session_id(1)).size() == 1U; }));
  BOOST_TEST(world.webhooks(session_id(1)).front().at("result").as_string() == "kept");
  BOOST_TEST(world.calls(session_id(1)).empty());
  BOOST_TEST(world.submit(session_id(1)) == 201);
  BOOST_TEST(world.webhooks(session_id(1)).front().at("result").as_string() == "accepted");
  world.check_enriched_once(session_id(1));
  BOOST_TEST(world.webhooks_missed() == 0);
}

BOOST_AUTO_TEST_CASE(a_completion_webhook_before_the_submission_makes_webhook_health_healthy) {
  FaultyWorld world(
      "event = \"completion\"\nkind = \"before_submission\"\n[[scenario.faulty.webhook_fault]]\n"
      "event = \"enrichment\"\nkind = \"lost\"",
      "5s");
  world.create(session_id(1), "faulty");
  BOOST_TEST_REQUIRE(eventually([&] { return world.webhooks(session_id(1)).size() == 1U; }));
  world.submit(session_id(1));
  BOOST_TEST(world.enters(session_id(1), "PROCESSING"));
  BOOST_TEST(world.webhook_health() == "healthy");
}

BOOST_AUTO_TEST_CASE(a_completion_webhook_after_the_enrichment_webhook_is_harmless) {
  FaultyWorld world("event = \"completion\"\nkind = \"reordered\"", "5s");
  world.follow_to_end(session_id(1));
  BOOST_TEST(eventually([&] { return world.webhooks(session_id(1)).size() == 2U; }));
  BOOST_TEST(world.webhooks_missed() == 0);
}

BOOST_AUTO_TEST_CASE(false_claims_in_webhooks_change_neither_accounts_nor_the_final_state) {
  FaultyWorld world("kind = \"contradicting\"\nclaim = \"accounts\"\n" +
                        scenario("false_status", "kind = \"contradicting\"\nclaim = \"status\"") +
                        scenario("false_event", "kind = \"contradicting\"\nclaim = \"event\""),
                    "5s");
  world.create_and_submit(session_id(1), "faulty");
  world.create_and_submit(session_id(2), "false_status");
  world.create_and_submit(session_id(3), "false_event");
  for (const int number : {1, 2, 3}) {
    world.check_enriched_once(session_id(number));
    BOOST_TEST(world.session(session_id(number)).at("accounts").as_array().size() == 1U);
  }
  BOOST_TEST(world.webhooks_missed() == 0);
}

BOOST_AUTO_TEST_CASE(a_webhook_that_names_another_session_counts_as_missed_for_this_one) {
  FaultyWorld world("event = \"completion\"\nkind = \"contradicting\"\nclaim = \"session\"", "300ms");
  world.follow_to_end(session_id(1));
  BOOST_TEST(world.becomes_degraded());
  BOOST_TEST(world.webhooks_missed() == 1);
  BOOST_TEST(world.received("kept") == 1);
}

BOOST_AUTO_TEST_CASE(webhooks_with_a_wrong_or_missing_secret_get_401_are_not_stored_and_count_as_missed) {
  FaultyWorld world("kind = \"wrong_secret\"\n" + scenario("no_secret_sent", "kind = \"no_secret\""),
                    "300ms");
  world.create_and_submit(session_id(1), "faulty");
  world.create_and_submit(session_id(2), "no_secret_sent");
  for (const int number : {1, 2}) {
    world.check_enriched_once(session_id(number));
    BOOST_TEST(world.webhooks(session_id(number)).empty());
  }
  BOOST_TEST(eventually([&] { return world.webhooks_missed() == 4; }, 5s));
  BOOST_TEST(world.becomes_degraded());
  BOOST_TEST(world.received("UNAUTHORIZED") == 4);
  int refused = 0;
  for (const Logged& one : world.requests())
    refused += one.call == "webhook" && one.http_status == 401 ? 1 : 0;
  BOOST_TEST(refused == 4);
}

BOOST_AUTO_TEST_CASE(a_webhook_with_an_unknown_event_name_is_still_a_hint) {
  FaultyWorld world("event = \"completion\"\nkind = \"unknown_event\"", "5s");
  world.follow_to_end(session_id(1));
  BOOST_TEST(world.count_of(session_id(1), "SESSION_REVIEW_NOTIFICATION") == 1);
  BOOST_TEST(world.webhook_health() == "healthy");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
