// The queue of webhooks, with the time as an argument.
#define BOOST_TEST_DYN_LINK
#include "src/sandbox/outbox.hpp"

#include <boost/test/unit_test.hpp>

#include "src/sandbox/ids.hpp"
#include "tests/unit/sandbox/webhook_fixture.hpp"

using namespace bankconnect::sandbox;
using namespace std::chrono_literals;

namespace {

struct OutboxFixture : WebhookFixture {
  Outbox outbox;

  explicit OutboxFixture(const std::string& keys = "", const std::string& top = "")
      : WebhookFixture(keys, top) {
    plan(0s);
  }

  void plan(Duration age) { outbox.plan(session, common(), kStart + age); }

  void request(Duration age) {
    session.history.requested = kStart + age;
    plan(age);
  }

  // The events of the webhooks due by then, in order, such as "completion enrichment".
  std::string events_sent_by(Duration age) {
    std::string text;
    while (const auto webhook = outbox.take_due(kStart + age)) {
      if (!text.empty()) text += ' ';
      text += name_of(kWebhookEventNames, webhook->event.type);
      outbox.release_held(webhook->session_id, kStart + age);
    }
    return text;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(outbox)

BOOST_AUTO_TEST_CASE(each_webhook_is_taken_once_when_it_is_due) {
  OutboxFixture fixture;
  BOOST_TEST((fixture.outbox.next_due() == kStart + 3s));
  BOOST_TEST(fixture.events_sent_by(2999ms) == "");
  BOOST_TEST(fixture.events_sent_by(3s) == "completion");
  fixture.request(4s);
  fixture.plan(5s);
  BOOST_TEST((fixture.outbox.next_due() == kStart + 7s));
  BOOST_TEST(fixture.events_sent_by(1h) == "enrichment");
  fixture.plan(2h);
  BOOST_TEST(fixture.events_sent_by(3h) == "");
  BOOST_TEST(!fixture.outbox.next_due().has_value());
}

BOOST_AUTO_TEST_CASE(a_webhook_of_a_cancelled_event_is_dropped) {
  OutboxFixture fixture("expires_in = \"5m\"\nthen = \"in_progress\"");
  fixture.request(10s);  // before completion: cancels the expiry
  BOOST_TEST(fixture.outbox.size() == 1U);
  BOOST_TEST(fixture.events_sent_by(1h) == "enrichment");
}

BOOST_AUTO_TEST_CASE(a_late_webhook_of_a_past_event_is_sent_after_a_deletion) {
  OutboxFixture fixture(WebhookFixture::fault("kind = \"late\"\ndelay = \"1m\""));
  fixture.session.history.deleted = kStart + 10s;
  fixture.plan(10s);
  BOOST_TEST(fixture.events_sent_by(62s) == "");
  BOOST_TEST(fixture.events_sent_by(63s) == "completion");
}

BOOST_AUTO_TEST_CASE(an_early_webhook_is_not_repeated_at_the_time_of_its_event) {
  OutboxFixture fixture(WebhookFixture::fault("kind = \"early\"\nevent = \"enrichment\""));
  BOOST_TEST(fixture.events_sent_by(3s) == "completion");
  fixture.request(4s);
  BOOST_TEST(fixture.events_sent_by(5s) == "enrichment");
  fixture.plan(6s);
  BOOST_TEST(fixture.events_sent_by(1h) == "");
}

BOOST_AUTO_TEST_CASE(a_doubled_webhook_is_taken_twice) {
  OutboxFixture at_once(WebhookFixture::fault("kind = \"doubled\""));
  BOOST_TEST(at_once.events_sent_by(3s) == "completion completion");
  OutboxFixture apart(WebhookFixture::fault("kind = \"doubled\"\ndelay = \"1s\""));
  BOOST_TEST(apart.events_sent_by(3s) == "completion");
  BOOST_TEST((apart.outbox.next_due() == kStart + 4s));
  BOOST_TEST(apart.events_sent_by(4s) == "completion");
  BOOST_TEST(apart.events_sent_by(1h) == "");
}

BOOST_AUTO_TEST_CASE(a_reordered_webhook_is_taken_after_the_next_one) {
  OutboxFixture fixture(WebhookFixture::fault("kind = \"reordered\""));
  BOOST_TEST(fixture.events_sent_by(3s) == "");
  fixture.request(4s);
  BOOST_TEST(fixture.events_sent_by(7s) == "enrichment completion");
}

BOOST_AUTO_TEST_CASE(a_webhook_before_submission_is_due_at_creation_and_not_repeated) {
  OutboxFixture fixture(WebhookFixture::fault("kind = \"before_submission\"\nevent = \"enrichment\""));
  BOOST_TEST(fixture.events_sent_by(0s) == "enrichment");
  fixture.request(4s);
  BOOST_TEST(fixture.events_sent_by(1h) == "completion");
}

BOOST_AUTO_TEST_CASE(webhooks_of_ten_thousand_sessions_are_taken_in_order_of_due_time) {
  OutboxFixture fixture;
  constexpr int kMany = 10'000;
  for (int i = 0; i < kMany; ++i) {
    fixture.session.id = derived_uuid(std::to_string(i));
    fixture.session.history.created = kStart + std::chrono::milliseconds{(i * 7919) % kMany};
    fixture.outbox.plan(fixture.session, fixture.common(), fixture.session.history.created);
  }
  int taken = 0;
  Instant last = kStart;
  while (const auto webhook = fixture.outbox.take_due(kStart + 1h)) {
    BOOST_TEST_REQUIRE((webhook->due >= last));
    last = webhook->due;
    ++taken;
  }
  BOOST_TEST(taken == kMany + 1);
}

BOOST_AUTO_TEST_SUITE_END()
