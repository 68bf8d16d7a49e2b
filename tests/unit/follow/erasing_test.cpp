// Sessions that are erased while answers, commands or submissions for them are pending.
#include <boost/test/unit_test.hpp>

#include "tests/support/fake_world.hpp"

namespace bankconnect::test {

namespace {

struct ErasingWorld : FakeWorld {
  void erase() {
    follower->erase(id_of(1), [](const auto&) {});
    settle();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(follower_erasing, ErasingWorld)

BOOST_AUTO_TEST_CASE(erasing_a_session_drops_it_and_ignores_its_late_answer) {
  submit({id_of(1)});
  bool done = false;
  follower->erase(id_of(1), [&](const auto& result) { done = result.has_value(); });
  settle();
  BOOST_TEST(done);
  answer(upload(UploadStatus::completed));
  BOOST_TEST(follower->followed().live == 0U);
  BOOST_TEST(store.records.empty());
}

BOOST_AUTO_TEST_CASE(an_erased_id_submitted_again_never_has_two_calls_in_flight) {
  submit({id_of(1)});
  erase();
  submit({id_of(1)});
  pass(1s);
  BOOST_TEST(upstream.open.size() == 1U);
  answer(upload(UploadStatus::completed));
  pass(1s);
  BOOST_TEST(upstream.open.size() == 1U);
  BOOST_TEST((upstream.open.front().question.call == Call::upload_status));
}

BOOST_AUTO_TEST_CASE(a_session_erased_before_its_submission_is_stored_is_not_followed) {
  follower->submit({{id_of(1), "", false}}, [](const auto&) {});
  erase();
  BOOST_TEST(follower->followed().live == 0U);
  pass(1h);
  BOOST_TEST(upstream.log.empty());
}

BOOST_AUTO_TEST_CASE(a_session_erased_while_retry_reopens_it_is_not_followed) {
  submit({id_of(1)});
  answer(fault(Trigger::session_deleted, "SESSION_DELETED"));
  std::string code;
  follower->command(id_of(1), Command::retry,
                    [&](const auto& result) { code = to_string(result.error().code); });
  erase();
  BOOST_TEST(code == "SESSION_NOT_FOLLOWED");
  BOOST_TEST(follower->followed().live == 0U);
}

BOOST_AUTO_TEST_CASE(a_session_submitted_again_right_after_its_erasure_is_followed) {
  submit({id_of(1)});
  follower->erase(id_of(1), [](const auto&) {});
  follower->submit({{id_of(1), "", false}}, [](const auto&) {});
  settle();
  BOOST_TEST(follower->followed().live == 1U);
}

BOOST_AUTO_TEST_CASE(a_session_whose_erasure_the_store_refused_is_still_followed) {
  submit({id_of(1)});
  answer(upload(UploadStatus::no_uploads, 0));
  store.refusing = true;
  erase();
  BOOST_TEST(follower->followed().live == 1U);
  pass(10s);
  BOOST_TEST(upstream.open.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_session_submitted_before_its_refused_erasure_is_still_followed) {
  follower->submit({{id_of(1), "", false}}, [this](const auto&) { store.refusing = true; });
  erase();
  BOOST_TEST(follower->followed().live == 1U);
  pass(10s);
  BOOST_TEST(upstream.open.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_session_submitted_again_before_its_traces_are_erased_is_followed) {
  submit({id_of(1)});
  answer(upload(UploadStatus::no_uploads, 0));
  store.keeping_traces = true;
  erase();
  BOOST_TEST(submit({id_of(1)}).front().accepted);
  store.empty_log();
  BOOST_TEST(follower->followed().live == 1U);
  BOOST_TEST(upstream.open.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_final_session_submitted_again_before_its_traces_are_erased_is_followed) {
  submit({id_of(1)});
  answer(fault(Trigger::session_deleted, "SESSION_DELETED"));
  store.keeping_traces = true;
  erase();
  BOOST_TEST(submit({id_of(1)}).front().accepted);
  store.empty_log();
  BOOST_TEST(follower->followed().live == 1U);
}

BOOST_AUTO_TEST_CASE(a_session_submitted_between_two_erasures_of_which_the_second_fails_is_followed) {
  submit({id_of(1)});
  answer(upload(UploadStatus::no_uploads, 0));
  store.keeping_traces = true;
  erase();
  follower->submit({{id_of(1), "", false}}, [this](const auto&) { store.refusing = true; });
  follower->erase(id_of(1), [](const auto&) {});
  settle();
  store.empty_log();
  BOOST_TEST(follower->followed().live == 1U);
  store.refusing = false;
  pass(10s);
  BOOST_TEST(upstream.open.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_session_erased_twice_of_which_the_second_fails_is_not_asked_about) {
  submit({id_of(1)});
  answer(upload(UploadStatus::no_uploads, 0));
  store.keeping_traces = true;
  erase();
  store.refusing = true;
  erase();
  store.refusing = false;
  pass(1h);
  BOOST_TEST(upstream.open.empty());
}

BOOST_AUTO_TEST_CASE(an_answer_for_an_erased_session_is_not_written_into_the_one_submitted_after_it) {
  submit({id_of(1)});
  store.keeping_traces = true;
  erase();
  pass(1s);
  follower->submit({{id_of(1), "", false}}, [](const auto&) {});
  // Its write is queued behind the submission, and committed with it.
  upstream.answer(upload(UploadStatus::completed));
  settle();
  BOOST_TEST((store.records.at(id_of(1)).durable.state == State::no_uploads));
  store.empty_log();
  pass(1s);
  BOOST_TEST(upstream.open.size() == 1U);
  BOOST_TEST((upstream.open.front().question.call == Call::upload_status));
}

BOOST_AUTO_TEST_CASE(initiate_is_not_sent_when_its_session_was_erased_before_the_intent_was_written) {
  submit({id_of(1)});
  store.erase(id_of(1), [](const auto&) {});
  upstream.answer(upload(UploadStatus::completed));
  settle();
  BOOST_TEST(upstream.open.empty());
  BOOST_TEST(follower->followed().live == 0U);
}

BOOST_AUTO_TEST_CASE(a_submission_to_be_held_whose_session_is_erased_meanwhile_is_accepted_anew) {
  submit({id_of(1)});
  answer(upload(UploadStatus::in_progress));
  std::optional<Submitted> outcome;
  follower->submit({{id_of(1), "", true, true}},
                   [&](Result<std::vector<Submitted>> results) { outcome = results->front(); });
  follower->erase(id_of(1), [](const auto&) {});
  settle();
  BOOST_REQUIRE(outcome.has_value());
  BOOST_TEST(!outcome->not_held.has_value());
  BOOST_TEST(outcome->accepted);
  BOOST_TEST(store.records.at(id_of(1)).durable.hold);
  BOOST_TEST(follower->followed().live == 1U);
}

BOOST_AUTO_TEST_CASE(
    a_submission_to_be_held_whose_session_is_replaced_meanwhile_says_which_reference_is_kept) {
  follower->submit({{id_of(1), "a", false, false}}, [](const auto&) {});
  settle();
  std::optional<Submitted> outcome;
  follower->submit({{id_of(1), "a", true, true}},
                   [&](Result<std::vector<Submitted>> results) { outcome = results->front(); });
  follower->erase(id_of(1), [](const auto&) {});
  follower->submit({{id_of(1), "b", false, false}}, [](const auto&) {});
  settle();
  BOOST_REQUIRE(outcome.has_value());
  BOOST_TEST(outcome->kept_reference == "b");
  BOOST_TEST(store.records.at(id_of(1)).durable.hold);
}

BOOST_AUTO_TEST_CASE(a_command_is_refused_when_its_session_was_erased_before_the_command_was_written) {
  submit({id_of(1)});
  std::string code;
  store.erase(id_of(1), [](const auto&) {});
  follower->command(id_of(1), Command::hold,
                    [&](const auto& result) { code = to_string(result.error().code); });
  settle();
  BOOST_TEST(code == "SESSION_NOT_FOLLOWED");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
