// Sessions that cannot be served, and the others beside them.
#include <boost/test/unit_test.hpp>
#include <functional>
#include <set>

#include "tests/support/fake_world.hpp"

namespace bankconnect::test {

namespace {

/// Some sessions are enriched as far as their fetch, which then fails for good; others are served all along.
struct UnequalWorld : FakeWorld {
  std::set<SessionId> bad;
  std::function<Answer()> failure;
  int served = 0;

  /// Brings new sessions to where session_status is to be fetched.
  void finish_processing(std::vector<SessionId> some) {
    bad.insert(some.begin(), some.end());
    submit(std::move(some));
    live(10s);
  }
  Answer of(const Question& question) {
    const bool is_bad = bad.contains(question.id);
    switch (question.call) {
      case Call::upload_status:
        if (!is_bad) ++served;
        return is_bad ? upload(UploadStatus::completed) : upload(UploadStatus::in_progress);
      case Call::initiate: return plain(Trigger::accepted);
      case Call::progress: return plain(Trigger::progress_finished);
      case Call::session_status: return failure ? failure() : session_status(1, 0);
      case Call::insights: return insights();
    }
    return {};
  }
  void live(Duration time) {
    const Steady end = clock.now().steady + time;
    while (clock.now().steady < end) {
      while (!upstream.open.empty())
        answer(of(upstream.open.front().question));
      pass(100ms);
    }
  }
};

Answer http_404() {
  return fault(Trigger::account_refused, "HTTP_404");
}
Answer http_500() {
  return fault(Trigger::passing_fault, "HTTP_500");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(failing)

BOOST_AUTO_TEST_CASE(one_session_whose_fetch_is_refused_has_not_every_probe) {
  UnequalWorld world;
  world.failure = http_404;
  world.finish_processing({id_of(1000)});
  world.submit(ids(20));
  world.live(1h);
  BOOST_TEST(world.served >= 20 * 12);  // every 5 minutes at least
}

BOOST_AUTO_TEST_CASE(one_session_whose_fetch_fails_has_not_every_probe) {
  UnequalWorld world;
  world.failure = http_500;
  world.finish_processing({id_of(1000)});
  world.live(10min);  // nobody else is there: the circuit breaks
  BOOST_TEST((world.follower->followed().upstream.kind == UpstreamCondition::Kind::broken));
  world.submit(ids(20));
  world.live(1h);
  BOOST_TEST(world.served >= 20 * 12);
}

BOOST_AUTO_TEST_CASE(a_thousand_fetches_that_fail_leave_the_others_their_turn) {
  UnequalWorld world;
  world.failure = http_500;
  world.submit(ids(20));
  world.finish_processing(ids(1000, 1000));
  world.live(1h);
  BOOST_TEST(world.served >= 20 * 12);
}

BOOST_AUTO_TEST_CASE(answers_that_come_whole_and_cannot_be_used_are_no_outage) {
  UnequalWorld world;
  world.failure = [] {
    Answer unusable = fault(Trigger::passing_fault, "NOT_JSON");
    unusable.http_status = 200;
    return unusable;
  };
  world.submit(ids(5));
  world.finish_processing(ids(40, 1000));
  world.live(10min);
  BOOST_TEST((world.follower->followed().upstream.kind == UpstreamCondition::Kind::flowing));
  BOOST_TEST(world.observer.conditions.size() <= 10U);
}

BOOST_AUTO_TEST_CASE(when_all_that_fails_is_served_again_so_are_all) {
  UnequalWorld world;
  world.failure = http_500;
  world.finish_processing(ids(50));
  world.live(1h);
  world.failure = nullptr;
  world.live(32s);  // the slowest probe, and one interval
  for (const SessionId& id : ids(50))
    BOOST_TEST((world.state(id) == State::enriched));
}

BOOST_AUTO_TEST_CASE(evidence_that_grew_old_for_many_at_once_is_renewed_and_used_one_by_one) {
  FakeWorld world({}, {1000, 10});
  const std::uint32_t count = 200;
  world.submit(ids(count));
  // The disk is slow: all have answered COMPLETED before the first intent is on it.
  for (int i = 0; i < 300; ++i) {
    while (!world.upstream.open.empty())
      world.upstream.answer(upload(UploadStatus::completed));
    world.clock.pass(100ms);
    world.follower->run();
  }
  world.settle();
  for (int i = 0; i < 600; ++i) {
    while (!world.upstream.open.empty()) {
      const bool initiate = world.upstream.open.front().question.call == Call::initiate;
      const bool upload_status = world.upstream.open.front().question.call == Call::upload_status;
      world.answer(initiate        ? plain(Trigger::accepted)
                   : upload_status ? upload(UploadStatus::completed)
                                   : plain(Trigger::still_processing));
    }
    world.pass(100ms);
  }
  std::uint32_t processing = 0;
  for (const auto& [id, record] : world.store.records)
    processing += record.kept.state == State::processing ? 1 : 0;
  BOOST_TEST(processing == count);  // two calls each at ten a second: 40 s
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
