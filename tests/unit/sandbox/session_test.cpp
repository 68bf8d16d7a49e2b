// The state of a session as a function of its scenario, its history and the time.
#define BOOST_TEST_DYN_LINK
#include "src/sandbox/session.hpp"

#include <boost/test/unit_test.hpp>

using namespace bankconnect::sandbox;
using namespace std::chrono_literals;

namespace {

const Instant kStart{std::chrono::sys_days{std::chrono::year{2025} / 11 / 13} + 6h};

struct SessionFixture {
  Scenario scenario;
  SessionHistory history;

  SessionFixture() {
    history.created = kStart;
    scenario.no_uploads = 1s;
    scenario.in_progress = 2s;
    scenario.processing = 3s;
  }

  SessionState at(Duration age) const { return state_at(scenario, history, kStart + age); }
  UploadStatus status(Duration age) const { return at(age).upload_status; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(session)

BOOST_AUTO_TEST_CASE(the_upload_status_goes_through_in_progress_to_completed) {
  const SessionFixture fixture;
  BOOST_TEST((fixture.status(999ms) == UploadStatus::no_uploads));
  BOOST_TEST(!fixture.at(999ms).uploads_since.has_value());
  BOOST_TEST((fixture.status(1s) == UploadStatus::in_progress));
  BOOST_TEST(fixture.at(1s).uploads_since.has_value());
  BOOST_TEST((fixture.status(3s) == UploadStatus::completed));
  BOOST_TEST((fixture.at(3s).processing == Processing::not_requested));
}

BOOST_AUTO_TEST_CASE(a_completed_session_stays_completed_past_its_expiry) {
  SessionFixture fixture;
  fixture.scenario.expires_in = 10s;
  BOOST_TEST((fixture.status(11s) == UploadStatus::completed));
}

BOOST_AUTO_TEST_CASE(a_session_may_expire_with_statements_or_without) {
  SessionFixture fixture;
  fixture.scenario.expires_in = 2s;
  BOOST_TEST((fixture.status(2s) == UploadStatus::expired));
  BOOST_TEST(fixture.at(1h).uploads_since.has_value());
  fixture.scenario.then = UploadStatus::no_uploads;
  BOOST_TEST((fixture.status(2s) == UploadStatus::expired));
  BOOST_TEST(!fixture.at(1h).uploads_since.has_value());
}

BOOST_AUTO_TEST_CASE(a_session_with_then_expired_expires_when_the_uploads_end) {
  SessionFixture fixture;
  fixture.scenario.then = UploadStatus::expired;
  BOOST_TEST((fixture.status(2999ms) == UploadStatus::in_progress));
  BOOST_TEST((fixture.status(3s) == UploadStatus::expired));
  BOOST_TEST((fixture.at(0s).expires == kStart + 3s));
}

BOOST_AUTO_TEST_CASE(a_reopened_session_is_in_progress_again_and_shows_the_second_bank) {
  SessionFixture fixture;
  fixture.scenario.reopened = Reopening{.after = 2s, .lasts = 4s};
  BOOST_TEST((fixture.status(4999ms) == UploadStatus::completed));
  BOOST_TEST(!fixture.at(4999ms).reopened_since.has_value());
  BOOST_TEST((fixture.status(5s) == UploadStatus::in_progress));
  BOOST_TEST(fixture.at(5s).reopened_since.has_value());
  BOOST_TEST((fixture.status(9s) == UploadStatus::completed));
}

BOOST_AUTO_TEST_CASE(processing_closes_the_session_to_further_uploads) {
  SessionFixture fixture;
  fixture.scenario.reopened = Reopening{.after = 2s, .lasts = 4s};
  fixture.history.requested = kStart + 4s;
  BOOST_TEST((fixture.status(6s) == UploadStatus::completed));
  BOOST_TEST(!fixture.at(1h).reopened_since.has_value());
}

BOOST_AUTO_TEST_CASE(processing_runs_its_time_then_stalls_then_ends) {
  SessionFixture fixture;
  fixture.scenario.stalls = 5s;
  fixture.history.requested = kStart + 10s;
  BOOST_TEST((fixture.at(12999ms).processing == Processing::processing));
  BOOST_TEST((fixture.at(13s).processing == Processing::stalled));
  BOOST_TEST((fixture.at(18s).processing == Processing::completed));
  fixture.scenario.progress_end = ProgressEnd::failed;
  BOOST_TEST((fixture.at(18s).processing == Processing::failed));
  fixture.scenario.progress_end = ProgressEnd::never;
  BOOST_TEST((fixture.at(24h).processing == Processing::stalled));
  fixture.history.processed = kStart + 25h;
  BOOST_TEST((fixture.at(25h).processing == Processing::completed));
}

BOOST_AUTO_TEST_CASE(another_client_may_request_processing_at_completion) {
  SessionFixture fixture;
  fixture.scenario.initiate = InitiateRule::already_requested;
  BOOST_TEST(!fixture.at(2s).requested.has_value());
  BOOST_TEST((fixture.at(3s).requested == kStart + 3s));
  BOOST_TEST((fixture.at(6s).processing == Processing::completed));
  fixture.scenario.expires_in = 2s;  // never completed, so never requested
  BOOST_TEST(!fixture.at(6s).requested.has_value());
}

BOOST_AUTO_TEST_CASE(a_session_may_be_not_found_at_first_then_deleted_then_vanished) {
  SessionFixture fixture;
  fixture.scenario.found_after = 2s;
  fixture.scenario.deleted_after = 4s;
  fixture.scenario.vanishes_after = 6s;
  BOOST_TEST((fixture.at(1s).presence == Presence::not_found));
  BOOST_TEST((fixture.at(2s).presence == Presence::present));
  BOOST_TEST((fixture.at(4s).presence == Presence::deleted));
  BOOST_TEST((fixture.at(6s).presence == Presence::not_found));
}

BOOST_AUTO_TEST_CASE(a_status_override_replaces_the_plan) {
  SessionFixture fixture;
  fixture.scenario.then = UploadStatus::no_uploads;
  fixture.history.status_override = override_status(fixture.at(1s), UploadStatus::completed, kStart + 1s);
  BOOST_TEST((fixture.status(2s) == UploadStatus::completed));
  BOOST_TEST((fixture.at(2s).uploads_since == kStart + 1s));
  fixture.history.status_override = override_status(fixture.at(2s), UploadStatus::in_progress, kStart + 2s);
  BOOST_TEST((fixture.at(2s).reopened_since == kStart + 2s));
  fixture.history.status_override = override_status(fixture.at(3s), UploadStatus::no_uploads, kStart + 3s);
  BOOST_TEST(!fixture.at(3s).uploads_since.has_value());
}

BOOST_AUTO_TEST_CASE(the_time_of_the_last_change_advances_with_changes_only) {
  const SessionFixture fixture;
  BOOST_TEST((fixture.at(0s).changed == kStart));
  BOOST_TEST((fixture.at(2s).changed == kStart + 1s));
  BOOST_TEST((fixture.at(1h).changed == kStart + 3s));
}

BOOST_AUTO_TEST_SUITE_END()
