// The truth of a session as a function of its plan, its events and the time: no clock, no waiting.
#define BOOST_TEST_DYN_LINK
#include "src/sandbox/session.hpp"

#include <boost/test/unit_test.hpp>

using namespace bankconnect::sandbox;
using namespace std::chrono_literals;

namespace {

const Instant kStart{std::chrono::sys_days{std::chrono::year{2025} / 11 / 13} + 6h};

struct Life {
  Scenario scenario;
  Events events;

  Life() {
    events.created = kStart;
    scenario.no_uploads = 1s;
    scenario.in_progress = 2s;
    scenario.processing = 3s;
  }

  Truth at(Duration age) const { return truth_at(scenario, events, kStart + age); }
  UploadStatus status(Duration age) const { return at(age).upload_status; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(session)

BOOST_AUTO_TEST_CASE(uploads_go_from_none_through_some_to_complete) {
  const Life life;
  BOOST_TEST((life.status(999ms) == UploadStatus::no_uploads));
  BOOST_TEST(!life.at(999ms).uploads_since.has_value());
  BOOST_TEST((life.status(1s) == UploadStatus::in_progress));
  BOOST_TEST(life.at(1s).uploads_since.has_value());
  BOOST_TEST((life.status(3s) == UploadStatus::completed));
  BOOST_TEST((life.at(3s).processing == Processing::not_requested));
}

BOOST_AUTO_TEST_CASE(a_completed_session_stays_completed_past_its_expiry) {
  Life life;
  life.scenario.expires_in = 10s;
  BOOST_TEST((life.status(11s) == UploadStatus::completed));
}

BOOST_AUTO_TEST_CASE(a_session_may_expire_with_statements_or_without) {
  Life life;
  life.scenario.expires_in = 2s;
  BOOST_TEST((life.status(2s) == UploadStatus::expired));
  BOOST_TEST(life.at(1h).uploads_since.has_value());
  life.scenario.then = UploadStatus::no_uploads;
  BOOST_TEST((life.status(2s) == UploadStatus::expired));
  BOOST_TEST(!life.at(1h).uploads_since.has_value());
}

BOOST_AUTO_TEST_CASE(then_expired_expires_when_the_uploads_end) {
  Life life;
  life.scenario.then = UploadStatus::expired;
  BOOST_TEST((life.status(2999ms) == UploadStatus::in_progress));
  BOOST_TEST((life.status(3s) == UploadStatus::expired));
  BOOST_TEST((life.at(0s).expires == kStart + 3s));
}

BOOST_AUTO_TEST_CASE(a_reopened_session_is_in_progress_again_and_shows_the_second_bank) {
  Life life;
  life.scenario.reopened = Reopening{.after = 2s, .lasts = 4s};
  BOOST_TEST((life.status(4999ms) == UploadStatus::completed));
  BOOST_TEST(!life.at(4999ms).reopened_since.has_value());
  BOOST_TEST((life.status(5s) == UploadStatus::in_progress));
  BOOST_TEST(life.at(5s).reopened_since.has_value());
  BOOST_TEST((life.status(9s) == UploadStatus::completed));
}

BOOST_AUTO_TEST_CASE(processing_closes_the_session_to_further_uploads) {
  Life life;
  life.scenario.reopened = Reopening{.after = 2s, .lasts = 4s};
  life.events.requested = kStart + 4s;
  BOOST_TEST((life.status(6s) == UploadStatus::completed));
  BOOST_TEST(!life.at(1h).reopened_since.has_value());
}

BOOST_AUTO_TEST_CASE(processing_runs_its_time_then_stalls_then_ends) {
  Life life;
  life.scenario.stalls = 5s;
  life.events.requested = kStart + 10s;
  BOOST_TEST((life.at(12999ms).processing == Processing::processing));
  BOOST_TEST((life.at(13s).processing == Processing::stalled));
  BOOST_TEST((life.at(18s).processing == Processing::completed));
  life.scenario.progress_end = ProgressEnd::failed;
  BOOST_TEST((life.at(18s).processing == Processing::failed));
  life.scenario.progress_end = ProgressEnd::never;
  BOOST_TEST((life.at(24h).processing == Processing::stalled));
  life.events.processed = kStart + 25h;
  BOOST_TEST((life.at(25h).processing == Processing::completed));
}

BOOST_AUTO_TEST_CASE(somebody_else_may_have_asked_for_processing) {
  Life life;
  life.scenario.initiate = InitiateRule::already_requested;
  BOOST_TEST(!life.at(2s).requested.has_value());
  BOOST_TEST((life.at(3s).requested == kStart + 3s));
  BOOST_TEST((life.at(6s).processing == Processing::completed));
  life.scenario.expires_in = 2s;  // never completed, so nobody asked
  BOOST_TEST(!life.at(6s).requested.has_value());
}

BOOST_AUTO_TEST_CASE(a_session_may_be_unknown_at_first_deleted_or_gone) {
  Life life;
  life.scenario.found_after = 2s;
  life.scenario.deleted_after = 4s;
  life.scenario.vanishes_after = 6s;
  BOOST_TEST((life.at(1s).presence == Presence::not_found));
  BOOST_TEST((life.at(2s).presence == Presence::present));
  BOOST_TEST((life.at(4s).presence == Presence::deleted));
  BOOST_TEST((life.at(6s).presence == Presence::not_found));
}

BOOST_AUTO_TEST_CASE(a_hand_moves_a_session_against_its_plan) {
  Life life;
  life.scenario.then = UploadStatus::no_uploads;
  life.events.moved = move_by_hand(life.at(1s), UploadStatus::completed, kStart + 1s);
  BOOST_TEST((life.status(2s) == UploadStatus::completed));
  BOOST_TEST((life.at(2s).uploads_since == kStart + 1s));
  life.events.moved = move_by_hand(life.at(2s), UploadStatus::in_progress, kStart + 2s);
  BOOST_TEST((life.at(2s).reopened_since == kStart + 2s));
  life.events.moved = move_by_hand(life.at(3s), UploadStatus::no_uploads, kStart + 3s);
  BOOST_TEST(!life.at(3s).uploads_since.has_value());
}

BOOST_AUTO_TEST_CASE(the_moment_of_change_moves_only_when_something_turns) {
  const Life life;
  BOOST_TEST((life.at(0s).changed == kStart));
  BOOST_TEST((life.at(2s).changed == kStart + 1s));
  BOOST_TEST((life.at(1h).changed == kStart + 3s));
}

BOOST_AUTO_TEST_SUITE_END()
