// A restored copy at the follower: it asks, and initiates nothing until an operator resumes.
#include <boost/test/unit_test.hpp>

#include "tests/support/fake_world.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(restored_at_the_follower, FakeWorld)

BOOST_AUTO_TEST_CASE(sessions_of_a_restored_copy_are_initiated_once_resume_is_on_disk) {
  store.paused = true;
  start();
  submit(ids(3));
  for (int i = 0; i < 3; ++i)
    answer(upload(UploadStatus::completed));
  for (const FakeUpstream::Asked& asked : upstream.log)
    BOOST_TEST((asked.question.call == Call::upload_status));
  BOOST_TEST(follower->followed().initiate_paused);

  bool resumed = false;
  follower->resume([&](const Result<void>& result) { resumed = result.has_value(); });
  const std::size_t asked = upstream.log.size();
  BOOST_TEST(!resumed);
  BOOST_TEST(upstream.log.size() == asked);
  settle();
  BOOST_TEST(resumed);
  BOOST_TEST(!store.paused);
  BOOST_TEST(upstream.open.size() == 3U);
  for (int i = 0; i < 3; ++i)
    answer(upload(UploadStatus::completed));
  BOOST_TEST((upstream.log.back().question.call == Call::initiate));
}

BOOST_AUTO_TEST_CASE(a_resume_that_was_not_stored_is_refused_and_pauses_on) {
  store.paused = true;
  start();
  store.refusing = true;
  std::string code;
  follower->resume([&](const Result<void>& result) { code = to_string(result.error().code); });
  settle();
  BOOST_TEST(code == "STORE_UNAVAILABLE");
  BOOST_TEST(follower->followed().initiate_paused);
}

BOOST_AUTO_TEST_CASE(there_is_nothing_to_resume_where_nothing_is_paused) {
  std::string code;
  follower->resume([&](const Result<void>& result) { code = to_string(result.error().code); });
  settle();
  BOOST_TEST(code == "WRONG_STATE");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
