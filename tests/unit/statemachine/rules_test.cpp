// The documented rules as functions: upload status, meaning of answers, pacing.
#include <vector>

#include "statemachine/pacing.hpp"
#include "tests/unit/statemachine/story.hpp"

namespace bankconnect::test {

BOOST_AUTO_TEST_SUITE(upload_rules)

BOOST_AUTO_TEST_CASE(past_the_expiry_timestamp_the_documented_status_is_expired) {
  BOOST_TEST(documented_status(true, true) == UploadStatus::expired);
  BOOST_TEST(documented_status(true, false) == UploadStatus::expired);
}

BOOST_AUTO_TEST_CASE(before_expiry_uploads_decide_between_no_uploads_and_in_progress) {
  BOOST_TEST(documented_status(false, false) == UploadStatus::no_uploads);
  BOOST_TEST(documented_status(false, true) == UploadStatus::in_progress);
}

struct Contradiction {
  UploadFacts reported;
  std::optional<UploadStatus> rules_say;
};

BOOST_AUTO_TEST_CASE(reports_that_contradict_the_documented_rules_are_detected) {
  const Wall now(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1));
  const std::vector<Contradiction> cases = {
      {{UploadStatus::no_uploads, 0, 0, 0, now + 1h}, std::nullopt},
      {{UploadStatus::no_uploads, 1, 1, 7, now + 1h}, UploadStatus::in_progress},
      {{UploadStatus::in_progress, 0, 0, 0, now + 1h}, UploadStatus::no_uploads},
      {{UploadStatus::in_progress, 1, 1, 7, now - 1h}, UploadStatus::expired},
      {{UploadStatus::in_progress, 1, 1, 7, now - 1min},
       std::nullopt},  // within the tolerated clock difference
      {{UploadStatus::expired, 1, 1, 7, now + 1h}, UploadStatus::in_progress},
      {{UploadStatus::expired, 1, 1, 7, now - 1h}, std::nullopt},
      {{UploadStatus::expired, 1, 1, 7, kNoWall}, std::nullopt},
      {{UploadStatus::completed, 0, 0, 0, now - 1h}, std::nullopt},
      {{UploadStatus::unknown, 0, 0, 0, now - 1h}, std::nullopt},
  };
  for (const auto& [reported, rules_say] : cases) {
    const auto found = contradiction(reported, now);
    BOOST_TEST(found.has_value() == rules_say.has_value(), to_string(reported.status));
    if (found && rules_say) BOOST_TEST(*found == *rules_say);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(answer_rules)

struct Meaning {
  Call call;
  int status;
  std::string_view code;
  Refusal refusal;
};

BOOST_AUTO_TEST_CASE(an_answer_is_classified_by_its_code_and_without_one_by_its_http_status) {
  using enum Refusal;
  const std::vector<Meaning> meanings = {
      {Call::initiate, 202, "", none},
      {Call::initiate, 409, "", duplicate},
      {Call::initiate, 409, "DUPLICATE_PROCESSING_REQUEST", duplicate},
      {Call::initiate, 400, "DUPLICATE_PROCESSING_REQUEST", duplicate},
      {Call::initiate, 200, "DUPLICATE_PROCESSING_REQUEST", duplicate},
      {Call::progress, 400, "DUPLICATE_PROCESSING_REQUEST", unknown},
      {Call::progress, 409, "", account_refused},
      {Call::progress, 409, "NEW_CODE", unknown},
      {Call::progress, 400, "PROCESSING_NOT_REQUESTED", processing_not_requested},
      {Call::session_status, 400, "PROCESSING_NOT_REQUESTED", processing_not_requested},
      {Call::insights, 400, "PROCESSING_NOT_REQUESTED", processing_not_requested},
      {Call::upload_status, 400, "PROCESSING_NOT_REQUESTED", unknown},
      {Call::session_status, 400, "PROCESSING_NOT_COMPLETED", processing_not_completed},
      {Call::insights, 400, "PROCESSING_NOT_COMPLETED", processing_not_completed},
      {Call::initiate, 400, "UNPARSABLE_STATEMENTS", unparsable},
      {Call::upload_status, 404, "SESSION_NOT_FOUND", session_not_found},
      {Call::progress, 200, "SESSION_NOT_FOUND", session_not_found},
      {Call::upload_status, 410, "SESSION_DELETED", session_deleted},
      {Call::upload_status, 403, "SESSION_DELETED", session_deleted},
      {Call::upload_status, 400, "KEY_REQUIRED", key_required},
      {Call::upload_status, 403, "ACCESS_DENIED", account_refused},
      {Call::upload_status, 400, "ACCESS_DENIED", account_refused},
      {Call::initiate, 401, "", account_refused},
      {Call::initiate, 402, "", account_refused},
      {Call::initiate, 403, "", account_refused},
      {Call::upload_status, 404, "", account_refused},
      {Call::upload_status, 301, "", account_refused},
      {Call::initiate, 307, "", account_refused},
      {Call::upload_status, 404, "NEW_CODE", unknown},
      {Call::upload_status, 408, "", slow_down},
      {Call::upload_status, 425, "", slow_down},
      {Call::upload_status, 429, "", slow_down},
      {Call::upload_status, 500, "", passing_fault},
      {Call::upload_status, 503, "", passing_fault},
      {Call::upload_status, 599, "", passing_fault},
      {Call::upload_status, 400, "", account_refused},
      {Call::upload_status, 410, "", account_refused},
      {Call::initiate, 422, "", account_refused},
      {Call::upload_status, 422, "NEW_CODE", unknown},
      {Call::upload_status, 200, "NEW_CODE", unknown},
      {Call::upload_status, 200, "", none},
      {Call::upload_status, 206, "", passing_fault},
      {Call::progress, 206, "", passing_fault},
      {Call::session_status, 206, "SESSION_DELETED", passing_fault},
      {Call::insights, 206, "", passing_fault},
      {Call::initiate, 206, "", none},
      {Call::insights, 203, "", none},
  };
  for (const auto& [call, status, code, refusal] : meanings) {
    BOOST_TEST(classify(call, status, code) == refusal, to_string(call) << " " << status << " " << code);
  }
}

BOOST_AUTO_TEST_CASE(a_409_without_a_code_is_a_duplicate_when_its_body_is_empty_or_json) {
  BOOST_TEST((classify(Call::initiate, 409, "", BodyForm::empty) == Refusal::duplicate));
  BOOST_TEST((classify(Call::initiate, 409, "", BodyForm::json) == Refusal::duplicate));
  BOOST_TEST((classify(Call::initiate, 409, "", BodyForm::other) == Refusal::account_refused));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(pacing)

BOOST_AUTO_TEST_CASE(the_progress_interval_is_two_seconds_and_thirty_once_stalled) {
  const Policy policy;
  const Conditions conditions;
  BOOST_TEST(progress_interval(policy, conditions, false).count() == 2000);
  BOOST_TEST(progress_interval(policy, conditions, true).count() == 30'000);
}

BOOST_AUTO_TEST_CASE(healthy_webhooks_lengthen_poll_intervals_to_the_safety_interval) {
  const Policy policy;
  const Conditions conditions{WebhookHealth::healthy};
  BOOST_TEST(progress_interval(policy, conditions, false).count() == 60'000);
  BOOST_TEST(upload_interval_min(policy, conditions).count() == 60'000);
}

BOOST_AUTO_TEST_CASE(webhooks_that_are_not_healthy_leave_poll_intervals_at_full_rate) {
  for (const auto health : {WebhookHealth::off, WebhookHealth::unproven, WebhookHealth::degraded}) {
    const Policy policy;
    const Conditions conditions{health};
    BOOST_TEST(progress_interval(policy, conditions, false).count() == 2000);
    BOOST_TEST(upload_interval_min(policy, conditions).count() == 5000);
  }
}

BOOST_AUTO_TEST_CASE(the_upload_interval_grows_by_half_to_its_maximum_and_resets_on_a_change) {
  const Policy policy;
  Duration interval = next_upload_interval(policy, {}, Duration::zero(), false);
  BOOST_TEST(interval.count() == 5000);
  interval = next_upload_interval(policy, {}, interval, false);
  BOOST_TEST(interval.count() == 7500);
  for (int i = 0; i < 20; ++i)
    interval = next_upload_interval(policy, {}, interval, false);
  BOOST_TEST(interval.count() == 300'000);
  BOOST_TEST(next_upload_interval(policy, {}, interval, true).count() == 5000);
}

BOOST_AUTO_TEST_CASE(backoff_doubles_stays_within_its_bounds_and_is_spread_by_half) {
  const Policy policy;
  for (std::uint32_t attempts = 1; attempts < 100; ++attempts) {
    const Duration whole = std::min<Duration>(1s * (1 << std::min(attempts - 1, 10U)), 30s);
    BOOST_TEST(backoff(policy, attempts, 0).count() == whole.count() / 2);
    BOOST_TEST(backoff(policy, attempts, UINT32_MAX).count() <= whole.count());
    BOOST_TEST(backoff(policy, attempts, UINT32_MAX).count() >= whole.count() - 1);
  }
}

BOOST_AUTO_TEST_CASE(a_fraction_lies_between_zero_and_the_whole) {
  BOOST_TEST(fraction(10s, 0).count() == 0);
  BOOST_TEST(fraction(10s, UINT32_MAX).count() == 9999);
  BOOST_TEST(fraction(10s, 1U << 31).count() == 5000);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
