// Which webhooks a session sends, and how faults alter them.
#define BOOST_TEST_DYN_LINK
#include "src/sandbox/webhook_plan.hpp"

#include <boost/test/unit_test.hpp>

#include "src/sandbox/ids.hpp"
#include "tests/unit/sandbox/webhook_fixture.hpp"

using namespace bankconnect::sandbox;
using namespace std::chrono_literals;

namespace {

std::string error_of(const std::string& keys) {
  try {
    WebhookFixture fixture(WebhookFixture::fault(keys));
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "no error";
}

bool is_refused(const std::string& keys, const std::string& about) {
  return error_of(keys).find(about) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(webhook_plan)

BOOST_AUTO_TEST_CASE(every_key_of_a_webhook_fault_is_read) {
  const WebhookFixture fixture(
      "webhook_body = \"2024\"\nspelling = { completion_event = \"SESSION_COMPLETION_NOTIFICATION\" }\n" +
          WebhookFixture::fault(
              "event = \"completion\"\nnth = [2]\nshare = 50\nfrom = \"1s\"\nuntil = \"9s\"\n"
              "kind = \"contradicting\"\nclaim = \"status\"\ndelay = \"7s\""),
      "[[webhook_fault]]\nkind = \"lost\"");
  const Scenario& scenario = *fixture.session.scenario;
  const WebhookFault& fault = scenario.webhook_faults.at(0);
  BOOST_TEST((scenario.webhook_body == WebhookBody::older));
  BOOST_TEST(scenario.spelling.completion_event == "SESSION_COMPLETION_NOTIFICATION");
  BOOST_TEST((fault.trigger.event == WebhookEvent::completion));
  BOOST_TEST((fault.trigger.nth == std::vector<int>{2}));
  BOOST_TEST(fault.trigger.share == 50);
  BOOST_TEST((fault.trigger.from == 1s && fault.trigger.until == 9s));
  BOOST_TEST((fault.action.kind == WebhookFaultKind::contradicting));
  BOOST_TEST((fault.action.claim == Claim::status));
  BOOST_TEST((fault.action.delay == 7s));
  BOOST_TEST((fixture.file.webhook_faults.at(0).action.kind == WebhookFaultKind::lost));
}

BOOST_AUTO_TEST_CASE(an_error_in_a_webhook_fault_names_what_is_accepted) {
  BOOST_TEST(is_refused("event = \"expiry\"", "webhook_fault.kind: is missing; use \"lost\""));
  BOOST_TEST(is_refused("kind = \"gone\"", "\"gone\" is not known; use \"lost\""));
  BOOST_TEST(is_refused("kind = \"lost\"\nevent = \"upload\"", "use \"completion\", \"expiry\" or"));
  BOOST_TEST(is_refused("kind = \"lost\"\nshare = 0", "from 1 to 100"));
  BOOST_TEST(is_refused("kind = \"lost\"\ncall = \"any\"", "unknown key \"call\""));
  BOOST_TEST(is_refused("kind = \"before_submission\"\nnth = [1]", "leave out nth, from and until"));
  BOOST_TEST(is_refused("kind = \"reordered\"\nevent = \"enrichment\"", "nothing follows enrichment"));
}

BOOST_AUTO_TEST_CASE(without_faults_a_webhook_is_due_when_the_status_changes) {
  WebhookFixture fixture;
  fixture.session.history.requested = kStart + 10s;
  const auto webhooks = fixture.webhooks();
  BOOST_TEST(webhooks.size() == 2U);
  BOOST_TEST((webhooks[0].due == kStart + 3s));
  BOOST_TEST(!webhooks[0].fault_action.has_value());
  BOOST_TEST((webhooks[0].state.upload_status == UploadStatus::completed));
  BOOST_TEST((webhooks[0].state.processing == Processing::processing));
  BOOST_TEST((webhooks[1].due == kStart + 13s));
  BOOST_TEST((webhooks[1].state.processing == Processing::completed));
}

BOOST_AUTO_TEST_CASE(late_and_early_change_the_due_time_and_not_the_reported_state) {
  const WebhookFixture late(WebhookFixture::fault("kind = \"late\"\ndelay = \"1m\""));
  BOOST_TEST((late.webhooks().at(0).due == kStart + 63s));
  BOOST_TEST((late.webhooks().at(0).event.at == kStart + 3s));
  const WebhookFixture early(WebhookFixture::fault("kind = \"early\""));
  BOOST_TEST((early.webhooks().at(0).due == kStart + 1s));
  BOOST_TEST((early.webhooks().at(0).state.upload_status == UploadStatus::completed));
}

BOOST_AUTO_TEST_CASE(a_webhook_trigger_selects_by_event_number_and_time) {
  const std::string reopened = "reopened = { after = \"2s\", for = \"4s\" }\n";
  const WebhookFixture second(reopened + WebhookFixture::fault("kind = \"lost\"\nnth = [2]"));
  BOOST_TEST(!second.webhooks().at(0).fault_action.has_value());
  BOOST_TEST(has_fault(second.webhooks().at(1), WebhookFaultKind::lost));
  const WebhookFixture outage(reopened + WebhookFixture::fault("kind = \"lost\"\nuntil = \"9s\""));
  BOOST_TEST(has_fault(outage.webhooks().at(0), WebhookFaultKind::lost));
  BOOST_TEST(!outage.webhooks().at(1).fault_action.has_value());
  const WebhookFixture other(WebhookFixture::fault("kind = \"lost\"\nevent = \"enrichment\""));
  BOOST_TEST(!other.webhooks().at(0).fault_action.has_value());
}

BOOST_AUTO_TEST_CASE(a_share_selects_the_same_sessions_every_time) {
  WebhookFixture fixture(WebhookFixture::fault("kind = \"lost\"\nshare = 20"));
  int affected = 0;
  for (int i = 0; i < 1000; ++i) {
    fixture.session.id = derived_uuid(std::to_string(i));
    const bool first = has_fault(fixture.webhooks().at(0), WebhookFaultKind::lost);
    BOOST_TEST(first == has_fault(fixture.webhooks().at(0), WebhookFaultKind::lost));
    affected += int{first};
  }
  BOOST_TEST(affected > 150);
  BOOST_TEST(affected < 250);
}

BOOST_AUTO_TEST_CASE(a_fault_of_the_scenario_takes_precedence_over_a_common_one) {
  const std::string common = "[[webhook_fault]]\nkind = \"lost\"";
  BOOST_TEST(has_fault(WebhookFixture("", common).webhooks().at(0), WebhookFaultKind::lost));
  const WebhookFixture own(WebhookFixture::fault("kind = \"doubled\""), common);
  BOOST_TEST(has_fault(own.webhooks().at(0), WebhookFaultKind::doubled));
}

BOOST_AUTO_TEST_CASE(a_webhook_sent_before_submission_is_not_planned_again) {
  WebhookFixture fixture(WebhookFixture::fault("kind = \"before_submission\"\nevent = \"completion\""));
  fixture.session.history.requested = kStart + 10s;
  const auto premature = premature_webhooks(fixture.session, fixture.common());
  BOOST_TEST(premature.size() == 1U);
  BOOST_TEST((premature[0].due == kStart));
  BOOST_TEST(premature[0].state.uploads_since.has_value());
  const auto planned = fixture.webhooks();
  BOOST_TEST(planned.size() == 1U);
  BOOST_TEST((planned[0].event.type == WebhookEvent::enrichment));
  const WebhookFixture any(WebhookFixture::fault("kind = \"before_submission\""));
  BOOST_TEST(premature_webhooks(any.session, any.common()).size() == 3U);
}

BOOST_AUTO_TEST_CASE(enrichment_is_never_reordered) {
  WebhookFixture fixture(WebhookFixture::fault("kind = \"reordered\""));
  fixture.session.history.requested = kStart + 10s;
  BOOST_TEST(has_fault(fixture.webhooks().at(0), WebhookFaultKind::reordered));
  BOOST_TEST(!fixture.webhooks().at(1).fault_action.has_value());
}

BOOST_AUTO_TEST_SUITE_END()
