// An outage of BankConnect that ends, and the probe that finds out.
#include <boost/test/unit_test.hpp>

#include "tests/unit/statemachine/story.hpp"

namespace bankconnect::test {

namespace {

/// A session whose calls have failed so often that it waits for the longest back-off.
struct BackingOff : Story {
  BackingOff() {
    submit();
    for (int i = 0; i < 8; ++i)
      ask().tell(Trigger::passing_fault);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(outage, BackingOff)

BOOST_AUTO_TEST_CASE(when_an_outage_ends_a_session_that_backs_off_is_asked_within_one_interval) {
  BOOST_TEST_REQUIRE((until_due() > policy.upload_interval_min));
  tell(Trigger::upstream_back);
  BOOST_TEST((until_due() <= policy.upload_interval_min));
  BOOST_TEST(sends() == nothing);
}

BOOST_AUTO_TEST_CASE(when_an_outage_ends_a_session_whose_calls_succeed_keeps_its_time) {
  ask().tell(Trigger::upload_none);
  const Duration before = until_due();
  tell(Trigger::upstream_back);
  BOOST_TEST((until_due() == before));
}

BOOST_AUTO_TEST_CASE(a_probe_makes_the_session_due_at_once_and_sends_nothing_by_itself) {
  tell(Trigger::probe);
  BOOST_TEST((until_due() <= Duration::zero()));
  BOOST_TEST(sends() == nothing);
}

BOOST_AUTO_TEST_CASE(neither_a_probe_nor_the_end_of_an_outage_is_stored) {
  tell(Trigger::upstream_back);
  BOOST_TEST(last.persist.empty());
  tell(Trigger::probe);
  BOOST_TEST(last.persist.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
