// Counters and grace periods after which a session is given up, and what resets them.
#include "tests/unit/statemachine/story.hpp"

namespace bankconnect::test {

namespace {

struct Counting : Story {
  Story& initiate_ends_with(Trigger trigger) {
    reports(UploadStatus::completed, 1).ask();
    BOOST_TEST_REQUIRE((sends() == Call::initiate));
    return tell(trigger, Call::initiate);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(counting, Counting)

BOOST_AUTO_TEST_CASE(a_reopened_session_restarts_the_not_found_grace_of_initiate) {
  submit();
  initiate_ends_with(Trigger::session_not_found);
  for (int i = 0; i < 20; ++i)
    reports(UploadStatus::in_progress, 1).pass(15min);
  initiate_ends_with(Trigger::session_not_found);
  BOOST_TEST(state() == State::completed);
}

BOOST_AUTO_TEST_CASE(a_session_held_meanwhile_restarts_the_not_found_grace_of_initiate) {
  submit();
  initiate_ends_with(Trigger::session_not_found);
  tell(Trigger::hold);
  for (int i = 0; i < 20; ++i)
    reports(UploadStatus::completed, 1).pass(15min);
  tell(Trigger::release);
  initiate_ends_with(Trigger::session_not_found);
  BOOST_TEST(state() == State::completed);
}

BOOST_AUTO_TEST_CASE(repeated_refusals_of_initiate_fail_the_session_despite_faults_in_between) {
  submit();
  for (int refusal = 0; refusal < 4; ++refusal) {
    BOOST_TEST(state() != State::failed);
    answers(Trigger::passing_fault);
    initiate_ends_with(Trigger::refused);
  }
  BOOST_TEST(state() == State::failed);
  BOOST_TEST(durable().reason == Reason::refused);
}

BOOST_AUTO_TEST_CASE(refusals_are_counted_per_call) {
  submit();
  for (int refusal = 0; refusal < 3; ++refusal)
    initiate_ends_with(Trigger::refused);
  answers(Trigger::refused);
  BOOST_TEST(state() == State::completed);
}

BOOST_AUTO_TEST_CASE(a_settling_session_is_initiated_even_after_follow_for_has_passed) {
  policy.settle = 2h;
  policy.follow_for = 24h;
  submit().reports(UploadStatus::in_progress, 1).pass(23h).reports(UploadStatus::completed, 1);
  while (now.wall - durable().since < 2h) {
    reports(UploadStatus::completed, 1);
    BOOST_TEST_REQUIRE(state() == State::completed);
  }
  ask();
  BOOST_TEST(sends() == Call::initiate);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
