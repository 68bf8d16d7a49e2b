// The follower with one or two sessions: it persists a decision before it acts on it.
#include <boost/test/unit_test.hpp>

#include "tests/support/fake_world.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(follower, FakeWorld)

BOOST_AUTO_TEST_CASE(no_call_is_made_about_a_session_before_its_submission_is_durable) {
  follower->submit({{id_of(1), "", false}}, [](const auto&) {});
  follower->run();
  BOOST_TEST(upstream.log.empty());
  store.commit();
  BOOST_TEST(upstream.log.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_submission_that_was_not_stored_is_refused_and_not_followed) {
  store.refusing = true;
  std::string code;
  follower->submit({{id_of(1), "", false}},
                   [&](const auto& result) { code = to_string(result.error().code); });
  store.commit();
  BOOST_TEST(code == "STORE_UNAVAILABLE");
  BOOST_TEST(follower->followed().live == 0U);
}

BOOST_AUTO_TEST_CASE(a_session_is_enriched_with_five_calls) {
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

BOOST_AUTO_TEST_CASE(initiate_is_sent_only_after_its_intent_is_committed) {
  submit({id_of(1)});
  upstream.answer(upload(UploadStatus::completed));
  follower->run();
  BOOST_TEST(upstream.log.size() == 1U);  // the intent is queued, not committed
  store.commit();
  BOOST_TEST_REQUIRE(upstream.log.size() == 2U);
  BOOST_TEST((upstream.log.back().question.call == Call::initiate));
  BOOST_TEST((upstream.log.back().question.not_after == clock.now().elapsed + 10s));
}

BOOST_AUTO_TEST_CASE(an_intent_committed_after_its_evidence_expired_is_followed_by_upload_status) {
  submit({id_of(1)});
  upstream.answer(upload(UploadStatus::completed));
  clock.pass(11s);
  store.commit();
  BOOST_TEST((upstream.log.back().question.call == Call::upload_status));
}

BOOST_AUTO_TEST_CASE(the_observer_is_notified_of_a_transition_only_after_its_commit) {
  submit({id_of(1)});
  const auto notified = observer.transitions.size();
  upstream.answer(upload(UploadStatus::in_progress));
  BOOST_TEST(observer.transitions.size() == notified);
  store.commit();
  BOOST_TEST(observer.transitions.size() == notified + 1);
}

BOOST_AUTO_TEST_CASE(a_duplicate_after_a_crash_between_intent_and_answer_is_taken_as_success) {
  submit({id_of(1)});
  answer(upload(UploadStatus::completed));
  BOOST_TEST((upstream.log.back().question.call == Call::initiate));
  crash_and_restart();
  pass(5s);
  answer(upload(UploadStatus::completed));
  answer(plain(Trigger::duplicate));
  BOOST_TEST((state(id_of(1)) == State::processing));
  BOOST_TEST(!store.records.at(id_of(1)).durable.requested_elsewhere);
}

BOOST_AUTO_TEST_CASE(a_crash_before_the_intent_is_durable_sends_no_initiate) {
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

BOOST_AUTO_TEST_CASE(a_command_to_an_unknown_session_is_refused) {
  BOOST_TEST(command(id_of(9), Command::poll).error().code == ErrorCode::session_not_followed);
}

BOOST_AUTO_TEST_CASE(a_command_in_the_wrong_state_is_refused_and_changes_nothing) {
  submit({id_of(1)});
  BOOST_TEST(command(id_of(1), Command::process).error().code == ErrorCode::wrong_state);
  BOOST_TEST(command(id_of(1), Command::retry).error().code == ErrorCode::wrong_state);
}

BOOST_AUTO_TEST_CASE(a_command_is_answered_only_after_its_effect_is_durable) {
  submit({id_of(1)});
  answer(upload(UploadStatus::in_progress));
  bool answered = false;
  follower->command(id_of(1), Command::hold, [&](const auto&) { answered = true; });
  store.commit();  // the store accepts the write
  BOOST_TEST(!answered);
  store.commit();
  BOOST_TEST(answered);
  BOOST_TEST(store.records.at(id_of(1)).durable.hold);
}

// Two operators release a held session; the second finds it released, in memory.
BOOST_AUTO_TEST_CASE(a_command_that_changes_nothing_is_answered_after_the_commit_that_it_rests_on) {
  submit({id_of(1)}, true);
  answer(upload(UploadStatus::in_progress));
  std::vector<bool> held;
  const auto answered = [&](const Result<std::optional<SessionRecord>>& record) {
    held.push_back((*record)->durable.hold);
  };
  follower->command(id_of(1), Command::release, answered);
  store.commit();  // it is writable; the release is on its way to the disk
  follower->command(id_of(1), Command::release, answered);
  BOOST_TEST(held.empty());
  BOOST_TEST(store.records.at(id_of(1)).durable.hold);
  settle();
  BOOST_TEST(held == std::vector<bool>({false, false}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_refusal_is_answered_after_the_commit_that_it_rests_on) {
  submit({id_of(1)});
  answer(fault(Trigger::session_deleted, "SESSION_DELETED"));
  follower->command(id_of(1), Command::retry, [](const auto&) {});
  store.commit();  // it is writable
  store.commit();  // the session is read; the retry is on its way to the disk
  std::optional<ErrorCode> refused;
  follower->command(id_of(1), Command::retry, [&](const Result<std::optional<SessionRecord>>& answered) {
    refused = answered.error().code;
  });
  BOOST_TEST(store.records.at(id_of(1)).durable.final);
  BOOST_TEST(!refused.has_value());
  settle();
  BOOST_REQUIRE(refused.has_value());
  BOOST_TEST(*refused == ErrorCode::wrong_state);
}

BOOST_AUTO_TEST_CASE(the_answer_to_a_command_that_changes_nothing_does_not_show_a_later_one) {
  submit({id_of(1)});
  answer(upload(UploadStatus::in_progress));
  std::optional<bool> held;
  follower->command(id_of(1), Command::release, [&](const Result<std::optional<SessionRecord>>& record) {
    if (*record) held = (*record)->durable.hold;
  });
  follower->command(id_of(1), Command::hold, [](const auto&) {});
  settle();
  BOOST_TEST(store.records.at(id_of(1)).durable.hold);
  BOOST_REQUIRE(held.has_value());
  BOOST_TEST(!*held);
}

BOOST_AUTO_TEST_CASE(a_known_session_submitted_to_be_held_is_held_before_it_is_answered) {
  submit({id_of(1)});
  answer(upload(UploadStatus::in_progress));
  std::optional<Submitted> outcome;
  follower->submit({{id_of(1), "", true, true}},
                   [&](Result<std::vector<Submitted>> results) { outcome = results->front(); });
  store.commit();
  BOOST_TEST(!outcome.has_value());
  settle();
  BOOST_REQUIRE(outcome.has_value());
  BOOST_TEST(!outcome->accepted);
  BOOST_TEST(!outcome->not_held.has_value());
  BOOST_TEST(outcome->record->durable.hold);
  BOOST_TEST(store.records.at(id_of(1)).durable.hold);
  pass(5s);
  answer(upload(UploadStatus::completed, 1));
  pass(1min);
  BOOST_TEST((upstream.open.empty() || upstream.open.front().question.call == Call::upload_status));
}

BOOST_AUTO_TEST_CASE(a_known_session_is_not_held_once_initiate_is_under_way_and_the_answer_says_so) {
  submit({id_of(1), id_of(2)});
  answer(upload(UploadStatus::completed, 1));
  settle();
  std::vector<Submitted> outcomes;
  follower->submit({{id_of(1), "", true, false}, {id_of(2), "", true, false}},
                   [&](Result<std::vector<Submitted>> results) { outcomes = results.value(); });
  settle();
  BOOST_REQUIRE(outcomes.size() == 2U);
  BOOST_REQUIRE(outcomes[0].not_held.has_value());
  BOOST_TEST((outcomes[0].not_held->code == ErrorCode::hold_too_late));
  BOOST_TEST(!outcomes[1].not_held.has_value());
  BOOST_TEST(store.records.at(id_of(2)).durable.hold);
}

BOOST_AUTO_TEST_CASE(a_command_on_a_full_disk_is_refused_at_once_and_never_takes_effect) {
  submit({id_of(1)});
  answer(upload(UploadStatus::in_progress));
  store.refusing = true;
  BOOST_TEST(command(id_of(1), Command::hold).error().code == ErrorCode::store_unavailable);
  store.refusing = false;
  pass(1min);
  BOOST_TEST(!store.records.at(id_of(1)).durable.hold);
}

BOOST_AUTO_TEST_CASE(a_poll_command_persists_nothing_and_works_on_a_full_disk) {
  submit({id_of(1)});
  answer(upload(UploadStatus::in_progress));
  store.refusing = true;
  BOOST_TEST(command(id_of(1), Command::poll).has_value());
  BOOST_TEST(upstream.open.size() == 1U);
}

BOOST_AUTO_TEST_CASE(retry_loads_a_final_session_from_the_store_and_reopens_it) {
  submit({id_of(1)});
  answer(fault(Trigger::session_deleted, "SESSION_DELETED"));
  BOOST_TEST(follower->followed().live == 0U);
  BOOST_TEST(command(id_of(1), Command::retry).has_value());
  BOOST_TEST(follower->followed().live == 1U);
  BOOST_TEST(upstream.log.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_refused_command_does_not_load_a_final_session_into_memory) {
  submit({id_of(1)});
  answer(fault(Trigger::session_deleted, "SESSION_DELETED"));
  BOOST_TEST(command(id_of(1), Command::poll).error().code == ErrorCode::wrong_state);
  BOOST_TEST(follower->followed().live == 0U);
}

BOOST_AUTO_TEST_CASE(a_poll_command_during_a_call_causes_another_call_after_it) {
  submit({id_of(1)});
  BOOST_TEST(command(id_of(1), Command::poll).has_value());
  BOOST_TEST(upstream.open.size() == 1U);
  answer(upload(UploadStatus::no_uploads, 0));
  pass(1s);
  BOOST_TEST(upstream.log.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_stopped_follower_starts_no_call_and_is_idle_once_the_last_answer_is_stored) {
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

BOOST_AUTO_TEST_CASE(fill_in_adds_attempts_last_error_and_next_poll_from_memory) {
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
