// Sessions that are erased, and what comes for them meanwhile.
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

BOOST_AUTO_TEST_CASE(erasing_forgets_and_a_late_answer_finds_nobody) {
  submit({id_of(1)});
  bool done = false;
  follower->erase(id_of(1), [&](const auto& result) { done = result.has_value(); });
  settle();
  BOOST_TEST(done);
  answer(upload(UploadStatus::completed));
  BOOST_TEST(follower->followed().live == 0U);
  BOOST_TEST(store.records.empty());
}

BOOST_AUTO_TEST_CASE(an_erased_id_handed_in_again_is_not_asked_about_twice_at_once) {
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

BOOST_AUTO_TEST_CASE(a_session_erased_before_its_submission_was_stored_does_not_come_back) {
  follower->submit({{id_of(1), "", false}}, [](const auto&) {});
  erase();
  BOOST_TEST(follower->followed().live == 0U);
  pass(1h);
  BOOST_TEST(upstream.log.empty());
}

BOOST_AUTO_TEST_CASE(a_session_erased_while_it_is_being_reopened_does_not_come_back) {
  submit({id_of(1)});
  answer(fault(Trigger::session_deleted, "SESSION_DELETED"));
  std::string code;
  follower->command(id_of(1), Command::retry, [&](const auto& result) { code = result.error().code; });
  erase();
  BOOST_TEST(code == "SESSION_NOT_FOLLOWED");
  BOOST_TEST(follower->followed().live == 0U);
}

BOOST_AUTO_TEST_CASE(a_session_handed_in_again_after_its_erasure_is_followed) {
  submit({id_of(1)});
  follower->erase(id_of(1), [](const auto&) {});
  follower->submit({{id_of(1), "", false}}, [](const auto&) {});
  settle();
  BOOST_TEST(follower->followed().live == 1U);
}

BOOST_AUTO_TEST_CASE(a_session_that_could_not_be_erased_is_followed_on) {
  submit({id_of(1)});
  answer(upload(UploadStatus::no_uploads, 0));
  store.refusing = true;
  erase();
  BOOST_TEST(follower->followed().live == 1U);
  pass(10s);
  BOOST_TEST(upstream.open.size() == 1U);
}

BOOST_AUTO_TEST_CASE(so_is_one_whose_submission_was_stored_meanwhile) {
  follower->submit({{id_of(1), "", false}}, [this](const auto&) { store.refusing = true; });
  erase();
  BOOST_TEST(follower->followed().live == 1U);
  pass(10s);
  BOOST_TEST(upstream.open.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_session_handed_in_again_before_the_last_byte_of_it_is_gone_is_followed) {
  submit({id_of(1)});
  answer(upload(UploadStatus::no_uploads, 0));
  store.keeping_traces = true;
  erase();
  BOOST_TEST(submit({id_of(1)}).front().accepted);
  store.empty_log();
  BOOST_TEST(follower->followed().live == 1U);
  BOOST_TEST(upstream.open.size() == 1U);
}

BOOST_AUTO_TEST_CASE(so_is_one_that_was_final) {
  submit({id_of(1)});
  answer(fault(Trigger::session_deleted, "SESSION_DELETED"));
  store.keeping_traces = true;
  erase();
  BOOST_TEST(submit({id_of(1)}).front().accepted);
  store.empty_log();
  BOOST_TEST(follower->followed().live == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
