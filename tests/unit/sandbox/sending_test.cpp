// What faults make of the webhooks of a session, before any is sent.
#define BOOST_TEST_DYN_LINK
#include "src/sandbox/sending.hpp"

#include <boost/test/unit_test.hpp>

#include "src/sandbox/identity.hpp"
#include "tests/unit/sandbox/webhook_life.hpp"

using namespace bankconnect::sandbox;
using namespace std::chrono_literals;

namespace {

std::string complaint(const std::string& keys) {
  try {
    WebhookLife life(WebhookLife::fault(keys));
  } catch (const ScenarioError& error) {
    return error.what();
  }
  return "no complaint";
}

bool complains(const std::string& keys, const std::string& about) {
  return complaint(keys).find(about) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sending)

BOOST_AUTO_TEST_CASE(every_key_of_a_webhook_fault_is_read) {
  const WebhookLife life(
      "webhook_body = \"2024\"\nspelling = { completion_event = \"SESSION_COMPLETION_NOTIFICATION\" }\n" +
          WebhookLife::fault("event = \"completion\"\nnth = [2]\nshare = 50\nfrom = \"1s\"\nuntil = \"9s\"\n"
                             "kind = \"contradicting\"\nclaim = \"status\"\ndelay = \"7s\""),
      "[[webhook_fault]]\nkind = \"lost\"");
  const Scenario& scenario = *life.session.scenario;
  const WebhookFault& fault = scenario.webhook_faults.at(0);
  BOOST_TEST((scenario.webhook_body == WebhookBody::older));
  BOOST_TEST(scenario.spelling.completion_event == "SESSION_COMPLETION_NOTIFICATION");
  BOOST_TEST((fault.trigger.event == WebhookEvent::completion));
  BOOST_TEST((fault.trigger.nth == std::vector<int>{2}));
  BOOST_TEST(fault.trigger.share == 50);
  BOOST_TEST((fault.trigger.from == 1s && fault.trigger.until == 9s));
  BOOST_TEST((fault.twist.kind == WebhookFaultKind::contradicting));
  BOOST_TEST((fault.twist.claim == Claim::status));
  BOOST_TEST((fault.twist.delay == 7s));
  BOOST_TEST((life.file.webhook_faults.at(0).twist.kind == WebhookFaultKind::lost));
}

BOOST_AUTO_TEST_CASE(mistakes_are_told_with_their_remedy) {
  BOOST_TEST(complains("event = \"expiry\"", "webhook_fault.kind: is missing; use \"lost\""));
  BOOST_TEST(complains("kind = \"gone\"", "\"gone\" is not known; use \"lost\""));
  BOOST_TEST(complains("kind = \"lost\"\nevent = \"upload\"", "use \"completion\", \"expiry\" or"));
  BOOST_TEST(complains("kind = \"lost\"\nshare = 0", "from 1 to 100"));
  BOOST_TEST(complains("kind = \"lost\"\ncall = \"any\"", "unknown key \"call\""));
  BOOST_TEST(complains("kind = \"before_submission\"\nnth = [1]", "leave out nth, from and until"));
  BOOST_TEST(complains("kind = \"reordered\"\nevent = \"enrichment\"", "nothing follows enrichment"));
}

BOOST_AUTO_TEST_CASE(without_faults_a_webhook_is_due_when_the_status_changes) {
  WebhookLife life;
  life.session.events.requested = kStart + 10s;
  const auto sendings = life.sendings();
  BOOST_TEST(sendings.size() == 2U);
  BOOST_TEST((sendings[0].due == kStart + 3s));
  BOOST_TEST(!sendings[0].twist.has_value());
  BOOST_TEST((sendings[0].told.upload_status == UploadStatus::completed));
  BOOST_TEST((sendings[0].told.processing == Processing::processing));
  BOOST_TEST((sendings[1].due == kStart + 13s));
  BOOST_TEST((sendings[1].told.processing == Processing::completed));
}

BOOST_AUTO_TEST_CASE(late_and_early_move_the_sending_and_not_what_it_tells) {
  const WebhookLife late(WebhookLife::fault("kind = \"late\"\ndelay = \"1m\""));
  BOOST_TEST((late.sendings().at(0).due == kStart + 63s));
  BOOST_TEST((late.sendings().at(0).occasion.at == kStart + 3s));
  const WebhookLife early(WebhookLife::fault("kind = \"early\""));
  BOOST_TEST((early.sendings().at(0).due == kStart + 1s));
  BOOST_TEST((early.sendings().at(0).told.upload_status == UploadStatus::completed));
}

BOOST_AUTO_TEST_CASE(a_trigger_picks_by_event_number_and_time) {
  const std::string reopened = "reopened = { after = \"2s\", for = \"4s\" }\n";
  const WebhookLife second(reopened + WebhookLife::fault("kind = \"lost\"\nnth = [2]"));
  BOOST_TEST(!second.sendings().at(0).twist.has_value());
  BOOST_TEST(is(second.sendings().at(1), WebhookFaultKind::lost));
  const WebhookLife outage(reopened + WebhookLife::fault("kind = \"lost\"\nuntil = \"9s\""));
  BOOST_TEST(is(outage.sendings().at(0), WebhookFaultKind::lost));
  BOOST_TEST(!outage.sendings().at(1).twist.has_value());
  const WebhookLife other(WebhookLife::fault("kind = \"lost\"\nevent = \"enrichment\""));
  BOOST_TEST(!other.sendings().at(0).twist.has_value());
}

BOOST_AUTO_TEST_CASE(a_share_is_the_same_sessions_in_every_run) {
  WebhookLife life(WebhookLife::fault("kind = \"lost\"\nshare = 20"));
  int struck = 0;
  for (int i = 0; i < 1000; ++i) {
    life.session.id = derived_uuid(std::to_string(i));
    const bool first = is(life.sendings().at(0), WebhookFaultKind::lost);
    BOOST_TEST(first == is(life.sendings().at(0), WebhookFaultKind::lost));
    struck += int{first};
  }
  BOOST_TEST(struck > 150);
  BOOST_TEST(struck < 250);
}

BOOST_AUTO_TEST_CASE(a_sessions_own_faults_go_before_those_of_all) {
  const std::string common = "[[webhook_fault]]\nkind = \"lost\"";
  BOOST_TEST(is(WebhookLife("", common).sendings().at(0), WebhookFaultKind::lost));
  const WebhookLife own(WebhookLife::fault("kind = \"doubled\""), common);
  BOOST_TEST(is(own.sendings().at(0), WebhookFaultKind::doubled));
}

BOOST_AUTO_TEST_CASE(what_is_sent_before_submission_is_not_sent_again) {
  WebhookLife life(WebhookLife::fault("kind = \"before_submission\"\nevent = \"completion\""));
  life.session.events.requested = kStart + 10s;
  const auto premature = premature_sendings(life.session, life.common());
  BOOST_TEST(premature.size() == 1U);
  BOOST_TEST((premature[0].due == kStart));
  BOOST_TEST(premature[0].told.uploads_since.has_value());
  const auto planned = life.sendings();
  BOOST_TEST(planned.size() == 1U);
  BOOST_TEST((planned[0].occasion.event == WebhookEvent::enrichment));
  const WebhookLife any(WebhookLife::fault("kind = \"before_submission\""));
  BOOST_TEST(premature_sendings(any.session, any.common()).size() == 3U);
}

BOOST_AUTO_TEST_CASE(enrichment_has_nothing_to_be_held_back_for) {
  WebhookLife life(WebhookLife::fault("kind = \"reordered\""));
  life.session.events.requested = kStart + 10s;
  BOOST_TEST(is(life.sendings().at(0), WebhookFaultKind::reordered));
  BOOST_TEST(!life.sendings().at(1).twist.has_value());
}

BOOST_AUTO_TEST_SUITE_END()
