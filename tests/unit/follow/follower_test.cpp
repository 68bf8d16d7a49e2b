// The follower with one or two sessions: persist, then do.
#include <boost/test/unit_test.hpp>

#include "tests/support/fake_world.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(follower, FakeWorld)

BOOST_AUTO_TEST_CASE(nothing_is_asked_about_a_session_before_its_submission_is_durable) {
  follower->submit({{id_of(1), "", false}}, [](const auto&) {});
  follower->run();
  BOOST_TEST(upstream.log.empty());
  store.commit();
  BOOST_TEST(upstream.log.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_submission_that_was_not_stored_is_refused_and_not_followed) {
  store.refusing = true;
  std::string code;
  follower->submit({{id_of(1), "", false}}, [&](const auto& result) { code = result.error().code; });
  store.commit();
  BOOST_TEST(code == "STORE_UNAVAILABLE");
  BOOST_TEST(follower->followed().live == 0U);
}

BOOST_AUTO_TEST_CASE(a_session_goes_all_the_way) {
  submit({id_of(1)});
  answer(upload(UploadStatus::completed));
  answer(plain(Trigger::accepted));
  pass(2s);
  answer(plain(Trigger::progress_finished));
  answer(session_status(1, 0));
  answer(insights());
  BOOST_TEST((state(id_of(1)) == State::enriched));
  BOOST_TEST(follower->followed().live == 0U);
  BOOST_TEST(upstream.log.size() == 5U);
}

BOOST_AUTO_TEST_CASE(initiate_leaves_only_after_its_intent_is_on_disk) {
  submit({id_of(1)});
  upstream.answer(upload(UploadStatus::completed));
  follower->run();
  BOOST_TEST(upstream.log.size() == 1U);  // the intent is queued, not committed
  store.commit();
  BOOST_TEST_REQUIRE(upstream.log.size() == 2U);
  BOOST_TEST((upstream.log.back().question.call == Call::initiate));
  BOOST_TEST((upstream.log.back().question.not_after == clock.now().steady + 10s));
}

BOOST_AUTO_TEST_CASE(a_commit_that_takes_longer_than_the_evidence_lasts_is_followed_by_the_question_again) {
  submit({id_of(1)});
  upstream.answer(upload(UploadStatus::completed));
  clock.pass(11s);
  store.commit();
  BOOST_TEST((upstream.log.back().question.call == Call::upload_status));
}

BOOST_AUTO_TEST_CASE(a_transition_is_told_only_when_it_is_on_disk) {
  submit({id_of(1)});
  const auto told = observer.transitions.size();
  upstream.answer(upload(UploadStatus::in_progress));
  BOOST_TEST(observer.transitions.size() == told);
  store.commit();
  BOOST_TEST(observer.transitions.size() == told + 1);
}

BOOST_AUTO_TEST_CASE(a_crash_between_intent_and_answer_asks_again_and_takes_duplicate_for_success) {
  submit({id_of(1)});
  answer(upload(UploadStatus::completed));
  BOOST_TEST((upstream.log.back().question.call == Call::initiate));
  crash_and_restart();
  pass(5s);
  answer(upload(UploadStatus::completed));
  answer(plain(Trigger::duplicate));
  BOOST_TEST((state(id_of(1)) == State::processing));
  BOOST_TEST(!store.records.at(id_of(1)).kept.requested_elsewhere);
}

BOOST_AUTO_TEST_CASE(a_crash_before_the_intent_is_durable_has_sent_nothing) {
  submit({id_of(1)});
  upstream.answer(upload(UploadStatus::completed));
  crash_and_restart();
  for (const auto& asked : upstream.log)
    BOOST_TEST((asked.question.call != Call::initiate));
  pass(5s);
  BOOST_TEST((upstream.log.back().question.call == Call::upload_status));
}

BOOST_AUTO_TEST_CASE(the_same_id_twice_in_a_batch_is_followed_once) {
  const auto results = submit({id_of(1), id_of(1)});
  BOOST_TEST(results[0].accepted);
  BOOST_TEST(!results[1].accepted);
  BOOST_TEST(follower->followed().live == 1U);
}

BOOST_AUTO_TEST_CASE(a_command_to_a_session_nobody_submitted_is_refused) {
  BOOST_TEST(command(id_of(9), Command::poll).error().code == "SESSION_NOT_FOLLOWED");
}

BOOST_AUTO_TEST_CASE(a_command_in_the_wrong_state_is_refused_and_changes_nothing) {
  submit({id_of(1)});
  BOOST_TEST(command(id_of(1), Command::process).error().code == "WRONG_STATE");
  BOOST_TEST(command(id_of(1), Command::retry).error().code == "WRONG_STATE");
}

BOOST_AUTO_TEST_CASE(a_command_answers_when_its_effect_is_durable) {
  submit({id_of(1)});
  answer(upload(UploadStatus::in_progress));
  bool answered = false;
  follower->command(id_of(1), Command::hold, [&](const auto&) { answered = true; });
  store.commit();  // there is room
  BOOST_TEST(!answered);
  store.commit();
  BOOST_TEST(answered);
  BOOST_TEST(store.records.at(id_of(1)).kept.hold);
}

BOOST_AUTO_TEST_CASE(a_command_on_a_full_disk_is_refused_at_once_and_never_takes_effect) {
  submit({id_of(1)});
  answer(upload(UploadStatus::in_progress));
  store.refusing = true;
  BOOST_TEST(command(id_of(1), Command::hold).error().code == "STORE_UNAVAILABLE");
  store.refusing = false;
  pass(1min);
  BOOST_TEST(!store.records.at(id_of(1)).kept.hold);
}

BOOST_AUTO_TEST_CASE(a_poll_keeps_nothing_and_works_on_a_full_disk) {
  submit({id_of(1)});
  answer(upload(UploadStatus::in_progress));
  store.refusing = true;
  BOOST_TEST(command(id_of(1), Command::poll).has_value());
  BOOST_TEST(upstream.open.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_final_session_is_reopened_from_disk_by_retry) {
  submit({id_of(1)});
  answer(fault(Trigger::session_deleted, "SESSION_DELETED"));
  BOOST_TEST(follower->followed().live == 0U);
  BOOST_TEST(command(id_of(1), Command::retry).has_value());
  BOOST_TEST(follower->followed().live == 1U);
  BOOST_TEST(upstream.log.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_refused_command_leaves_a_final_session_out_of_memory) {
  submit({id_of(1)});
  answer(fault(Trigger::session_deleted, "SESSION_DELETED"));
  BOOST_TEST(command(id_of(1), Command::poll).error().code == "WRONG_STATE");
  BOOST_TEST(follower->followed().live == 0U);
}

BOOST_AUTO_TEST_CASE(a_command_during_a_call_is_asked_about_after_its_answer) {
  submit({id_of(1)});
  BOOST_TEST(command(id_of(1), Command::poll).has_value());
  BOOST_TEST(upstream.open.size() == 1U);
  answer(upload(UploadStatus::no_uploads, 0));
  pass(1s);
  BOOST_TEST(upstream.log.size() == 2U);
}

BOOST_AUTO_TEST_CASE(after_stop_nothing_new_is_asked_and_it_is_idle_once_the_last_answer_is_stored) {
  submit({id_of(1), id_of(2)});
  follower->stop();
  BOOST_TEST(!follower->idle());
  upstream.answer(upload(UploadStatus::in_progress));
  upstream.answer(upload(UploadStatus::completed));
  BOOST_TEST(!follower->idle());
  settle();
  BOOST_TEST(follower->idle());
  pass(1h);
  BOOST_TEST(upstream.log.size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_only_memory_knows_is_filled_in) {
  submit({id_of(1)});
  answer(fault(Trigger::passing_fault, "HTTP_503"));
  SessionRecord record;
  record.id = id_of(1);
  follower->fill_in(record);
  BOOST_TEST(record.attempts == 1);
  BOOST_TEST_REQUIRE(record.last_error.has_value());
  BOOST_TEST(record.last_error->code == "HTTP_503");
  BOOST_TEST((record.next_poll_at > clock.now().wall));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
