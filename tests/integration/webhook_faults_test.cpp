// Webhooks as the internet brings them: lost, doubled, late, early, out of order, wrong. Whatever happens to
// them, each session ends as it should and is initiated once.
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/integration/webhook_world.hpp"

namespace bankconnect::test {

namespace {

constexpr const char* kCompletion = "SESSION_REQUIREMENT_COMPLETION_NOTIFICATION";

/// A session's plan, and what befalls its webhooks.
std::string scenario(const std::string& name, const std::string& fault) {
  return "[scenario." + name + "]\nno_uploads = \"0s\"\nin_progress = \"400ms\"\nprocessing = \"400ms\"\n" +
         (fault.empty() ? "" : "[[scenario." + name + ".webhook_fault]]\n" + fault + "\n");
}

struct FaultyWorld : WebhookWorld {
  FaultyWorld(const std::string& fault, const std::string& grace)
      : WebhookWorld(scenario("spared", "") + scenario("struck", fault)) {
    configure("webhook", "grace = \"" + grace + "\"");
    configure("polling", "safety_interval = \"400ms\"");
    start();
  }

  void ends_well(const std::string& id) const {
    BOOST_TEST(ending(id) == "ENRICHED complete");
    BOOST_TEST_REQUIRE(logged_to_the_end(id));
    BOOST_TEST(initiates(id, "accepted") == 1);
    BOOST_TEST(initiates(id, "accepted_early") == 0);
    BOOST_TEST(initiates(id, "duplicate") == 0);
  }
  /// The session's life from its creation on.
  void lives(const std::string& id, const std::string& name = "struck") {
    create_and_submit(id, name);
    ends_well(id);
  }
  bool degrades() const {
    return eventually([this] { return channel() == "degraded"; }, 5s);
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

BOOST_AUTO_TEST_CASE(a_lost_webhook_is_missed_logged_and_degrades_the_channel_until_the_next_one_comes) {
  FaultyWorld world("event = \"completion\"\nkind = \"lost\"", "300ms");
  world.lives(session_id(1));
  BOOST_TEST(world.degrades());
  BOOST_TEST(world.missed() == 1);
  const std::string log = world.daemon_log();
  const auto said = log.find("\"webhook_missed\"");
  BOOST_TEST_REQUIRE(said != std::string::npos, log);
  const auto line = log.substr(log.rfind('\n', said) + 1, log.find('\n', said) - log.rfind('\n', said));
  BOOST_TEST(line.find(session_id(1)) != std::string::npos, line);
  const auto status = world.status();
  BOOST_TEST(status.at("health").as_string() == "degraded");
  BOOST_TEST(status.at("problems").as_array().at(0).at("code").as_string() == "WEBHOOKS_MISSING");

  world.lives(session_id(2), "spared");
  BOOST_TEST(world.channel() == "healthy");
  BOOST_TEST(world.status().at("health").as_string() == "ok");
  BOOST_TEST(world.missed() == 1);
}

BOOST_AUTO_TEST_CASE(a_lost_enrichment_is_found_by_the_safety_poll) {
  FaultyWorld world("event = \"enrichment\"\nkind = \"lost\"", "300ms");
  world.lives(session_id(1));
  BOOST_TEST(world.degrades());
  BOOST_TEST(world.missed() == 1);
}

BOOST_AUTO_TEST_CASE(a_doubled_webhook_is_one_row_that_counts_two) {
  FaultyWorld world("event = \"completion\"\nkind = \"doubled\"", "5s");
  world.lives(session_id(1));
  BOOST_TEST(eventually([&] { return world.count_of(session_id(1), kCompletion) == 2; }, 5s));
  BOOST_TEST(world.webhooks(session_id(1)).size() == 2U);  // and the enrichment
  BOOST_TEST(world.received("duplicate") == 1);
  BOOST_TEST(world.channel() == "healthy");
}

BOOST_AUTO_TEST_CASE(a_webhook_that_comes_a_little_after_a_poll_found_its_news_is_not_missed) {
  FaultyWorld world("event = \"completion\"\nkind = \"late\"\ndelay = \"400ms\"", "2s");
  world.lives(session_id(1));
  BOOST_TEST(eventually([&] { return world.channel() == "healthy"; }, 5s));
  BOOST_TEST(world.missed() == 0);
}

BOOST_AUTO_TEST_CASE(a_webhook_that_comes_later_than_grace_is_missed_and_stored_all_the_same,
                     *boost::unit_test::label("slow")) {
  FaultyWorld world("event = \"completion\"\nkind = \"late\"\ndelay = \"1500ms\"", "200ms");
  world.lives(session_id(1));
  BOOST_TEST(world.missed() == 1);
  BOOST_TEST(eventually([&] { return world.count_of(session_id(1), kCompletion) == 1; }, 5s));
}

BOOST_AUTO_TEST_CASE(an_early_webhook_initiates_nothing_before_the_answers_agree) {
  FaultyWorld world("event = \"completion\"\nkind = \"early\"\ndelay = \"400ms\"", "5s");
  world.lives(session_id(1));
  BOOST_TEST(world.missed() == 0);
  BOOST_TEST(world.channel() == "healthy");
}

BOOST_AUTO_TEST_CASE(webhooks_before_the_submission_are_kept_and_count_with_it) {
  FaultyWorld world("event = \"completion\"\nkind = \"before_submission\"", "5s");
  world.create(session_id(1), "struck");
  BOOST_TEST_REQUIRE(eventually([&] { return world.webhooks(session_id(1)).size() == 1U; }));
  BOOST_TEST(world.webhooks(session_id(1)).front().at("result").as_string() == "kept");
  BOOST_TEST(world.calls(session_id(1)).empty());
  BOOST_TEST(world.submit(session_id(1)) == 201);
  BOOST_TEST(world.webhooks(session_id(1)).front().at("result").as_string() == "accepted");
  world.ends_well(session_id(1));
  BOOST_TEST(world.missed() == 0);
}

BOOST_AUTO_TEST_CASE(a_completion_that_was_announced_before_the_submission_proves_the_channel) {
  FaultyWorld world(
      "event = \"completion\"\nkind = \"before_submission\"\n[[scenario.struck.webhook_fault]]\n"
      "event = \"enrichment\"\nkind = \"lost\"",
      "5s");
  world.create(session_id(1), "struck");
  BOOST_TEST_REQUIRE(eventually([&] { return world.webhooks(session_id(1)).size() == 1U; }));
  world.submit(session_id(1));
  BOOST_TEST(world.has_been(session_id(1), "PROCESSING"));
  BOOST_TEST(world.channel() == "healthy");
}

BOOST_AUTO_TEST_CASE(a_completion_that_the_enrichment_overtook_disturbs_nothing) {
  FaultyWorld world("event = \"completion\"\nkind = \"reordered\"", "5s");
  world.lives(session_id(1));
  BOOST_TEST(eventually([&] { return world.webhooks(session_id(1)).size() == 2U; }));
  BOOST_TEST(world.missed() == 0);
}

BOOST_AUTO_TEST_CASE(what_a_webhook_claims_is_not_believed) {
  FaultyWorld world("kind = \"contradicting\"\nclaim = \"accounts\"\n" +
                        scenario("turned_round", "kind = \"contradicting\"\nclaim = \"status\"") +
                        scenario("misnamed", "kind = \"contradicting\"\nclaim = \"event\""),
                    "5s");
  world.create_and_submit(session_id(1), "struck");
  world.create_and_submit(session_id(2), "turned_round");
  world.create_and_submit(session_id(3), "misnamed");
  for (const int number : {1, 2, 3}) {
    world.ends_well(session_id(number));
    BOOST_TEST(world.session(session_id(number)).at("accounts").as_array().size() == 1U);
  }
  BOOST_TEST(world.missed() == 0);
}

BOOST_AUTO_TEST_CASE(a_webhook_about_another_session_is_none_about_this_one) {
  FaultyWorld world("event = \"completion\"\nkind = \"contradicting\"\nclaim = \"session\"", "300ms");
  world.lives(session_id(1));
  BOOST_TEST(world.degrades());
  BOOST_TEST(world.missed() == 1);
  BOOST_TEST(world.received("kept") == 1);
}

BOOST_AUTO_TEST_CASE(webhooks_without_the_right_secret_are_refused_leave_nothing_and_are_missed) {
  FaultyWorld world("kind = \"wrong_secret\"\n" + scenario("secretless", "kind = \"no_secret\""), "300ms");
  world.create_and_submit(session_id(1), "struck");
  world.create_and_submit(session_id(2), "secretless");
  for (const int number : {1, 2}) {
    world.ends_well(session_id(number));
    BOOST_TEST(world.webhooks(session_id(number)).empty());
  }
  BOOST_TEST(eventually([&] { return world.missed() == 4; }, 5s));
  BOOST_TEST(world.degrades());
  BOOST_TEST(world.received("UNAUTHORIZED") == 4);
  int refused = 0;
  for (const Logged& one : world.requests())
    refused += one.call == "webhook" && one.http_status == 401 ? 1 : 0;
  BOOST_TEST(refused == 4);
}

BOOST_AUTO_TEST_CASE(an_event_nobody_knows_is_a_hint_all_the_same) {
  FaultyWorld world("event = \"completion\"\nkind = \"unknown_event\"", "5s");
  world.lives(session_id(1));
  BOOST_TEST(world.count_of(session_id(1), "SESSION_REVIEW_NOTIFICATION") == 1);
  BOOST_TEST(world.channel() == "healthy");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
