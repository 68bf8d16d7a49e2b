// Registering the webhook address at BankConnect: by command, and at the start.
#include <algorithm>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/integration/webhook_world.hpp"

namespace bankconnect::test {

namespace {

const std::string kQuick =
    "[scenario.quick]\nno_uploads = \"0s\"\nin_progress = \"300ms\"\nprocessing = \"300ms\"\n";

struct RegistrationWorld : WebhookWorld {
  explicit RegistrationWorld(const std::string& scenarios = kQuick) : WebhookWorld(scenarios) {
    configure("webhook", "public_url = \"" + webhook_url() + "\"");
  }
  RunResult register_webhook() const {
    return run(BANKCONNECTCTL, {"--socket", folder / "socket", "register-webhook"});
  }
  /// `webhooks.registered` of the status: null, or what was registered.
  boost::json::value registered() const { return status().at("webhooks").at("registered"); }
  /// Waits until the status shows this result; the status may lag by a second.
  bool status_shows(const std::string& result) const {
    return eventually(
        [&] {
          const auto shown = registered();
          return shown.is_object() && shown.at("result").as_string() == result;
        },
        8s);
  }
  std::int64_t update_webhook_calls() const {
    const auto all = requests();
    return std::ranges::count(all, "update_webhook", &Logged::call);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(registration)

BOOST_AUTO_TEST_CASE(register_webhook_makes_webhooks_arrive_and_the_status_show_the_registration) {
  RegistrationWorld world;
  world.start_daemon();
  BOOST_TEST(world.registered().is_null());
  const RunResult ran = world.register_webhook();
  BOOST_TEST(ran.code == 0);
  BOOST_TEST(ran.output.find("success") != std::string::npos, ran.output);
  BOOST_TEST_REQUIRE(world.status_shows("accepted"));
  const auto shown = world.registered();
  BOOST_TEST(shown.at("webhook_url").as_string() == world.webhook_url());
  BOOST_TEST(shown.at("webhook_mode").to_number<int>() == 1);
  BOOST_TEST(shown.at("at").as_string().ends_with("Z"));
  world.create_and_submit(session_id(1), "quick");
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST(eventually([&] { return world.webhooks(session_id(1)).size() == 2U; }));
}

BOOST_AUTO_TEST_CASE(a_webhook_mode_that_lists_events_delivers_only_those_events) {
  RegistrationWorld world;
  world.configure("webhook", "mode = [\"ENRICHMENT_NOTIFICATION\"]");
  world.start_daemon();
  BOOST_TEST(world.register_webhook().code == 0);
  world.create_and_submit(session_id(1), "quick");
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST_REQUIRE(eventually([&] { return world.webhooks(session_id(1)).size() == 1U; }));
  BOOST_TEST(world.webhooks(session_id(1)).front().at("event_name").as_string() == "ENRICHMENT_NOTIFICATION");
}

BOOST_AUTO_TEST_CASE(the_registration_is_still_shown_after_a_kill) {
  RegistrationWorld world;
  world.start_daemon();
  BOOST_TEST(world.register_webhook().code == 0);
  world.kill_daemon();
  world.start_daemon();
  BOOST_TEST(world.status_shows("accepted"));
  BOOST_TEST(eventually([&] { return world.update_webhook_calls() == 1; }));
}

BOOST_AUTO_TEST_CASE(a_start_registers_no_webhook_by_default) {
  RegistrationWorld world;
  world.start_daemon();
  world.create_and_submit(session_id(1), "quick");
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST(world.update_webhook_calls() == 0);
}

BOOST_AUTO_TEST_CASE(register_webhook_without_a_public_url_is_refused) {
  WebhookWorld world("");
  world.start_daemon();
  const RunResult ran = run(BANKCONNECTCTL, {"--socket", world.folder / "socket", "register-webhook"});
  BOOST_TEST(ran.code == 1);
  BOOST_TEST(ran.output.find("webhook.public_url") != std::string::npos, ran.output);
}

BOOST_AUTO_TEST_CASE(a_registration_refused_upstream_is_reported_by_the_command_and_the_status) {
  RegistrationWorld world;
  write_file(world.folder / "api-key", "a-wrong-key\n");
  world.start_daemon();
  const RunResult ran = world.register_webhook();
  BOOST_TEST(ran.code == 1);
  BOOST_TEST(ran.output.find("ACCESS_DENIED") != std::string::npos, ran.output);
  BOOST_TEST(world.status_shows("ACCESS_DENIED"));
  BOOST_TEST(world.registered().at("http_status").to_number<int>() == 403);
}

BOOST_AUTO_TEST_CASE(register_on_start_retries_until_upstream_can_be_reached,
                     *boost::unit_test::label("slow")) {
  RegistrationWorld world;
  world.configure("webhook", "register_on_start = true");
  world.stop_sandbox();
  world.start_daemon();
  BOOST_TEST(eventually([&] { return world.registered().is_object(); }));
  BOOST_TEST(world.update_webhook_calls() == 0);
  world.start_sandbox();
  BOOST_TEST(eventually([&] { return world.update_webhook_calls() == 1; }));
  BOOST_TEST(world.status_shows("accepted"));
  world.create_and_submit(session_id(1), "quick");
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST(eventually([&] { return world.webhooks(session_id(1)).size() == 2U; }));
}

BOOST_AUTO_TEST_CASE(register_on_start_does_not_retry_a_refusal) {
  RegistrationWorld world("[[fault]]\ncall = \"update_webhook\"\nkind = \"status\"\nstatus = 400\n" + kQuick);
  world.configure("webhook", "register_on_start = true");
  world.start_daemon();
  BOOST_TEST(eventually([&] { return world.update_webhook_calls() == 1; }));
  BOOST_TEST(eventually([&] { return world.registered().is_object(); }));
  BOOST_TEST(world.registered().at("http_status").to_number<int>() == 400);
  // Sessions are followed nevertheless.
  world.create_and_submit(session_id(1), "quick");
  BOOST_TEST(world.ending(session_id(1)) == "ENRICHED complete");
  BOOST_TEST(world.update_webhook_calls() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
