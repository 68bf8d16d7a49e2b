// Which moments of a session's life are told of.
#define BOOST_TEST_DYN_LINK
#include "src/sandbox/occasions.hpp"

#include <boost/test/unit_test.hpp>

#include "src/sandbox/identity.hpp"
#include "tests/unit/sandbox/webhook_life.hpp"

using namespace bankconnect::sandbox;
using namespace std::chrono_literals;

namespace {

using Expected = std::vector<Occasion>;
constexpr auto kCompletion = WebhookEvent::completion;
constexpr auto kExpiry = WebhookEvent::expiry;
constexpr auto kEnrichment = WebhookEvent::enrichment;

}  // namespace

BOOST_AUTO_TEST_SUITE(occasions)

BOOST_AUTO_TEST_CASE(completion_and_then_the_end_of_processing) {
  WebhookLife life;
  BOOST_TEST((life.occasions() == Expected{{kCompletion, kStart + 3s}}));
  life.session.events.requested = kStart + 10s;
  BOOST_TEST((life.occasions() == Expected{{kCompletion, kStart + 3s}, {kEnrichment, kStart + 13s}}));
}

BOOST_AUTO_TEST_CASE(a_second_visit_completes_a_second_time) {
  WebhookLife life("reopened = { after = \"2s\", for = \"4s\" }");
  BOOST_TEST((life.occasions() == Expected{{kCompletion, kStart + 3s}, {kCompletion, kStart + 9s}}));
  life.session.events.requested = kStart + 4s;  // the user does not come back
  BOOST_TEST((life.occasions() == Expected{{kCompletion, kStart + 3s}, {kEnrichment, kStart + 7s}}));
}

BOOST_AUTO_TEST_CASE(expiry_is_told_of_when_it_changes_the_status) {
  BOOST_TEST((WebhookLife("expires_in = \"2s\"").occasions() == Expected{{kExpiry, kStart + 2s}}));
  BOOST_TEST((WebhookLife("expires_in = \"5s\"").occasions() == Expected{{kCompletion, kStart + 3s}}));
  BOOST_TEST((WebhookLife("then = \"expired\"").occasions() == Expected{{kExpiry, kStart + 3s}}));
  const WebhookLife caught("expires_in = \"6s\"\nreopened = { after = \"2s\", for = \"4s\" }");
  BOOST_TEST((caught.occasions() == Expected{{kCompletion, kStart + 3s}, {kExpiry, kStart + 6s}}));
  const WebhookLife missed("expires_in = \"4s\"\nreopened = { after = \"2s\", for = \"4s\" }");
  BOOST_TEST((missed.occasions() == Expected{{kCompletion, kStart + 3s}}));
}

BOOST_AUTO_TEST_CASE(a_request_that_came_too_early_leaves_the_end_of_processing_only) {
  WebhookLife life;
  life.session.events.requested = kStart + 2s;
  BOOST_TEST((life.occasions() == Expected{{kEnrichment, kStart + 5s}}));
}

BOOST_AUTO_TEST_CASE(what_was_asked_for_elsewhere_ends_all_the_same) {
  BOOST_TEST((WebhookLife("initiate = \"already_requested\"").occasions() ==
              Expected{{kCompletion, kStart + 3s}, {kEnrichment, kStart + 6s}}));
}

BOOST_AUTO_TEST_CASE(processing_that_stalls_ends_later_or_never_or_by_hand) {
  WebhookLife life("stalls = \"5s\"");
  life.session.events.requested = kStart + 10s;
  BOOST_TEST((life.occasions().back() == Occasion{kEnrichment, kStart + 18s}));
  WebhookLife never("progress_end = \"never\"");
  never.session.events.requested = kStart + 10s;
  BOOST_TEST((never.occasions() == Expected{{kCompletion, kStart + 3s}}));
  never.session.events.processed = kStart + 1h;
  BOOST_TEST((never.occasions().back() == Occasion{kEnrichment, kStart + 1h}));
}

BOOST_AUTO_TEST_CASE(a_request_that_will_be_lost_is_never_enriched) {
  WebhookLife life("forgets_request = 1");
  life.session.events.requested = kStart + 10s;
  BOOST_TEST((life.occasions() == Expected{{kCompletion, kStart + 3s}}));
  life.session.events.forgotten = 1;
  life.session.events.requested = kStart + 20s;
  BOOST_TEST((life.occasions().back() == Occasion{kEnrichment, kStart + 23s}));
}

BOOST_AUTO_TEST_CASE(a_hand_brings_its_own_changes_and_no_others) {
  WebhookLife life;
  Events& events = life.session.events;
  const auto move = [&](UploadStatus status, Instant at) {
    events.moved = move_by_hand(truth_at(*life.session.scenario, events, at), status, at);
  };
  move(UploadStatus::completed, kStart + 1s);
  BOOST_TEST((life.occasions() == Expected{{kCompletion, kStart + 1s}}));
  move(UploadStatus::completed, kStart + 2s);  // it was so before
  BOOST_TEST(life.occasions().empty());
  move(UploadStatus::expired, kStart + 3s);
  BOOST_TEST((life.occasions() == Expected{{kExpiry, kStart + 3s}}));
}

BOOST_AUTO_TEST_CASE(nobody_tells_of_who_is_gone) {
  BOOST_TEST(WebhookLife("deleted_after = \"2s\"").occasions().empty());
  BOOST_TEST(WebhookLife("vanishes_after = \"3s\"").occasions().empty());
  BOOST_TEST(WebhookLife("found_after = \"4s\"").occasions().size() == 1U);
  WebhookLife life;
  life.session.events.deleted = kStart + 2s;
  BOOST_TEST(life.occasions().empty());
}

// Whoever looks at the status all the time sees the same changes.
BOOST_AUTO_TEST_CASE(occasions_are_the_changes_that_polling_finds) {
  constexpr Duration kStep = 500ms;
  Seed seed("occasions");
  for (int round = 0; round < 200; ++round) {
    WebhookLife life(seed.below(2) == 0 ? "reopened = { after = \"2s\", for = \"4s\" }" : "");
    life.session.events.expires_in = kStep * static_cast<int>(1 + seed.below(24));
    Expected seen;
    UploadStatus last = UploadStatus::no_uploads;
    for (Duration age{}; age < 20s; age += kStep) {
      const Instant now = kStart + age;
      const UploadStatus status = truth_at(*life.session.scenario, life.session.events, now).upload_status;
      if (status != last && status == UploadStatus::completed) seen.push_back({kCompletion, now});
      if (status != last && status == UploadStatus::expired) seen.push_back({kExpiry, now});
      last = status;
    }
    BOOST_TEST((life.occasions() == seen));
  }
}

BOOST_AUTO_TEST_SUITE_END()
