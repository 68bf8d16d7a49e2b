// What is counted before a session is given up, and what ends the counting.
#include "tests/unit/statemachine/story.hpp"

namespace bankconnect::test {

namespace {

struct Counting : Story {
  Story& initiate_meets(Trigger trigger) {
    reports(UploadStatus::completed, 1).ask();
    BOOST_TEST_REQUIRE((sends() == Call::initiate));
    return tell(trigger, Call::initiate);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(counting, Counting)

BOOST_AUTO_TEST_CASE(
    a_session_the_user_came_back_to_has_its_whole_grace_again_when_initiate_finds_it_no_more) {
  submit();
  initiate_meets(Trigger::session_not_found);
  for (int i = 0; i < 20; ++i)
    reports(UploadStatus::in_progress, 1).pass(15min);
  initiate_meets(Trigger::session_not_found);
  BOOST_TEST(state() == State::completed);
}

BOOST_AUTO_TEST_CASE(so_has_one_that_was_held_meanwhile) {
  submit();
  initiate_meets(Trigger::session_not_found);
  tell(Trigger::hold);
  for (int i = 0; i < 20; ++i)
    reports(UploadStatus::completed, 1).pass(15min);
  tell(Trigger::release);
  initiate_meets(Trigger::session_not_found);
  BOOST_TEST(state() == State::completed);
}

BOOST_AUTO_TEST_CASE(refusals_of_initiate_are_counted_out_although_questions_fail_in_between) {
  submit();
  for (int refusal = 0; refusal < 4; ++refusal) {
    BOOST_TEST(state() != State::failed);
    answers(Trigger::passing_fault);
    initiate_meets(Trigger::refused);
  }
  BOOST_TEST(state() == State::failed);
  BOOST_TEST(kept().reason == Reason::refused);
}

BOOST_AUTO_TEST_CASE(refusals_of_two_calls_are_not_added_up) {
  submit();
  for (int refusal = 0; refusal < 3; ++refusal)
    initiate_meets(Trigger::refused);
  answers(Trigger::refused);
  BOOST_TEST(state() == State::completed);
}

BOOST_AUTO_TEST_CASE(a_session_that_settles_is_not_given_up_for_want_of_a_release) {
  policy.settle = 2h;
  policy.follow_for = 24h;
  submit().reports(UploadStatus::in_progress, 1).pass(23h).reports(UploadStatus::completed, 1);
  while (now.wall - kept().since < 2h) {
    reports(UploadStatus::completed, 1);
    BOOST_TEST_REQUIRE(state() == State::completed);
  }
  ask();
  BOOST_TEST(sends() == Call::initiate);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
