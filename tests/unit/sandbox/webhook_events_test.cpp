// Which events of a session cause webhooks.
#define BOOST_TEST_DYN_LINK
#include "src/sandbox/webhook_events.hpp"

#include <boost/test/unit_test.hpp>

#include "src/sandbox/ids.hpp"
#include "tests/unit/sandbox/webhook_fixture.hpp"

using namespace bankconnect::sandbox;
using namespace std::chrono_literals;

namespace {

using Expected = std::vector<TimedEvent>;
constexpr auto kCompletion = WebhookEvent::completion;
constexpr auto kExpiry = WebhookEvent::expiry;
constexpr auto kEnrichment = WebhookEvent::enrichment;

}  // namespace

BOOST_AUTO_TEST_SUITE(webhook_events)

BOOST_AUTO_TEST_CASE(the_events_are_completion_and_then_the_end_of_processing) {
  WebhookFixture fixture;
  BOOST_TEST((fixture.events() == Expected{{kCompletion, kStart + 3s}}));
  fixture.session.history.requested = kStart + 10s;
  BOOST_TEST((fixture.events() == Expected{{kCompletion, kStart + 3s}, {kEnrichment, kStart + 13s}}));
}

BOOST_AUTO_TEST_CASE(a_reopened_session_has_a_second_completion) {
  WebhookFixture fixture("reopened = { after = \"2s\", for = \"4s\" }");
  BOOST_TEST((fixture.events() == Expected{{kCompletion, kStart + 3s}, {kCompletion, kStart + 9s}}));
  fixture.session.history.requested = kStart + 4s;  // before the session is reopened
  BOOST_TEST((fixture.events() == Expected{{kCompletion, kStart + 3s}, {kEnrichment, kStart + 7s}}));
}

BOOST_AUTO_TEST_CASE(expiry_is_an_event_only_if_it_changes_the_status) {
  BOOST_TEST((WebhookFixture("expires_in = \"2s\"").events() == Expected{{kExpiry, kStart + 2s}}));
  BOOST_TEST((WebhookFixture("expires_in = \"5s\"").events() == Expected{{kCompletion, kStart + 3s}}));
  BOOST_TEST((WebhookFixture("then = \"expired\"").events() == Expected{{kExpiry, kStart + 3s}}));
  const WebhookFixture caught("expires_in = \"6s\"\nreopened = { after = \"2s\", for = \"4s\" }");
  BOOST_TEST((caught.events() == Expected{{kCompletion, kStart + 3s}, {kExpiry, kStart + 6s}}));
  const WebhookFixture missed("expires_in = \"4s\"\nreopened = { after = \"2s\", for = \"4s\" }");
  BOOST_TEST((missed.events() == Expected{{kCompletion, kStart + 3s}}));
}

BOOST_AUTO_TEST_CASE(an_initiate_before_completion_leaves_the_enrichment_event_only) {
  WebhookFixture fixture;
  fixture.session.history.requested = kStart + 2s;
  BOOST_TEST((fixture.events() == Expected{{kEnrichment, kStart + 5s}}));
}

BOOST_AUTO_TEST_CASE(processing_requested_by_another_client_has_an_enrichment_event) {
  BOOST_TEST((WebhookFixture("initiate = \"already_requested\"").events() ==
              Expected{{kCompletion, kStart + 3s}, {kEnrichment, kStart + 6s}}));
}

BOOST_AUTO_TEST_CASE(enrichment_follows_stalled_processing_later_or_never_or_through_the_admin_api) {
  WebhookFixture fixture("stalls = \"5s\"");
  fixture.session.history.requested = kStart + 10s;
  BOOST_TEST((fixture.events().back() == TimedEvent{kEnrichment, kStart + 18s}));
  WebhookFixture never("progress_end = \"never\"");
  never.session.history.requested = kStart + 10s;
  BOOST_TEST((never.events() == Expected{{kCompletion, kStart + 3s}}));
  never.session.history.processed = kStart + 1h;
  BOOST_TEST((never.events().back() == TimedEvent{kEnrichment, kStart + 1h}));
}

BOOST_AUTO_TEST_CASE(a_request_that_will_be_forgotten_has_no_enrichment_event) {
  WebhookFixture fixture("forgets_request = 1");
  fixture.session.history.requested = kStart + 10s;
  BOOST_TEST((fixture.events() == Expected{{kCompletion, kStart + 3s}}));
  fixture.session.history.forgotten = 1;
  fixture.session.history.requested = kStart + 20s;
  BOOST_TEST((fixture.events().back() == TimedEvent{kEnrichment, kStart + 23s}));
}

BOOST_AUTO_TEST_CASE(a_status_override_replaces_the_planned_events) {
  WebhookFixture fixture;
  SessionHistory& history = fixture.session.history;
  const auto move = [&](UploadStatus status, Instant at) {
    history.status_override = override_status(state_at(*fixture.session.scenario, history, at), status, at);
  };
  move(UploadStatus::completed, kStart + 1s);
  BOOST_TEST((fixture.events() == Expected{{kCompletion, kStart + 1s}}));
  move(UploadStatus::completed, kStart + 2s);  // no change
  BOOST_TEST(fixture.events().empty());
  move(UploadStatus::expired, kStart + 3s);
  BOOST_TEST((fixture.events() == Expected{{kExpiry, kStart + 3s}}));
}

BOOST_AUTO_TEST_CASE(a_deleted_or_vanished_session_has_no_events) {
  BOOST_TEST(WebhookFixture("deleted_after = \"2s\"").events().empty());
  BOOST_TEST(WebhookFixture("vanishes_after = \"3s\"").events().empty());
  BOOST_TEST(WebhookFixture("found_after = \"4s\"").events().size() == 1U);
  WebhookFixture fixture;
  fixture.session.history.deleted = kStart + 2s;
  BOOST_TEST(fixture.events().empty());
}

BOOST_AUTO_TEST_CASE(the_events_are_the_status_changes_that_polling_finds) {
  constexpr Duration kStep = 500ms;
  SeededRandom rng("webhook events");
  for (int round = 0; round < 200; ++round) {
    WebhookFixture fixture(rng.below(2) == 0 ? "reopened = { after = \"2s\", for = \"4s\" }" : "");
    fixture.session.history.expires_in = kStep * static_cast<int>(1 + rng.below(24));
    Expected seen;
    UploadStatus last = UploadStatus::no_uploads;
    for (Duration age{}; age < 20s; age += kStep) {
      const Instant now = kStart + age;
      const UploadStatus status =
          state_at(*fixture.session.scenario, fixture.session.history, now).upload_status;
      if (status != last && status == UploadStatus::completed) seen.push_back({kCompletion, now});
      if (status != last && status == UploadStatus::expired) seen.push_back({kExpiry, now});
      last = status;
    }
    BOOST_TEST((fixture.events() == seen));
  }
}

BOOST_AUTO_TEST_SUITE_END()
