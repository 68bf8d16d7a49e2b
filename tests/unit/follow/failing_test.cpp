// Sessions whose calls keep failing do not disturb other sessions.
#include <boost/test/unit_test.hpp>
#include <functional>
#include <set>

#include "tests/support/fake_world.hpp"

namespace bankconnect::test {

namespace {

/// The sessions in `bad` proceed to session_status, which fails with `failure`; all others are served.
struct FailingWorld : FakeWorld {
  std::set<SessionId> bad;
  std::function<Answer()> failure;
  int served = 0;

  /// Submits sessions as `bad` and runs them up to their first session_status call.
  void finish_processing(std::vector<SessionId> some) {
    bad.insert(some.begin(), some.end());
    submit(std::move(some));
    run_for(10s);
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
  void run_for(Duration time) {
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

BOOST_AUTO_TEST_CASE(one_session_whose_fetch_is_refused_does_not_use_up_every_probe) {
  FailingWorld world;
  world.failure = http_404;
  world.finish_processing({id_of(1000)});
  world.submit(ids(20));
  world.run_for(1h);
  BOOST_TEST(world.served >= 20 * 12);  // every 5 minutes at least
}

BOOST_AUTO_TEST_CASE(one_session_whose_fetch_fails_does_not_use_up_every_probe) {
  FailingWorld world;
  world.failure = http_500;
  world.finish_processing({id_of(1000)});
  world.run_for(10min);  // no other session succeeds, so the circuit breaks
  BOOST_TEST((world.follower->followed().upstream.kind == UpstreamCondition::Kind::broken));
  world.submit(ids(20));
  world.run_for(1h);
  BOOST_TEST(world.served >= 20 * 12);
}

BOOST_AUTO_TEST_CASE(a_thousand_failing_fetches_do_not_starve_other_sessions) {
  FailingWorld world;
  world.failure = http_500;
  world.submit(ids(20));
  world.finish_processing(ids(1000, 1000));
  world.run_for(1h);
  BOOST_TEST(world.served >= 20 * 12);
}

BOOST_AUTO_TEST_CASE(complete_answers_that_are_unusable_do_not_break_the_circuit) {
  FailingWorld world;
  world.failure = [] {
    Answer unusable = fault(Trigger::passing_fault, "NOT_JSON");
    unusable.http_status = 200;
    return unusable;
  };
  world.submit(ids(5));
  world.finish_processing(ids(40, 1000));
  world.run_for(10min);
  BOOST_TEST((world.follower->followed().upstream.kind == UpstreamCondition::Kind::flowing));
  BOOST_TEST(world.observer.conditions.size() <= 10U);
}

BOOST_AUTO_TEST_CASE(all_sessions_are_enriched_soon_after_their_fetches_succeed_again) {
  FailingWorld world;
  world.failure = http_500;
  world.finish_processing(ids(50));
  world.run_for(1h);
  world.failure = nullptr;
  world.run_for(32s);  // the slowest probe, and one interval
  for (const SessionId& id : ids(50))
    BOOST_TEST((world.state(id) == State::enriched));
}

BOOST_AUTO_TEST_CASE(evidence_that_expired_for_many_sessions_is_renewed_and_all_are_initiated) {
  FakeWorld world({}, {1000, 10});
  const std::uint32_t count = 200;
  world.submit(ids(count));
  // The store is slow: COMPLETED is answered for all sessions before the first intent is committed.
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
    processing += record.durable.state == State::processing ? 1 : 0;
  BOOST_TEST(processing == count);  // two calls each at ten a second: 40 s
}

BOOST_AUTO_TEST_CASE(a_session_whose_answers_can_never_be_used_is_named_after_some_minutes_until_one_can) {
  FailingWorld world;
  world.failure = http_500;
  world.finish_processing({id_of(1)});
  world.submit({id_of(2)});
  world.run_for(15min);
  BOOST_TEST(world.follower->followed().failing_long == 1U);
  BOOST_TEST((world.follower->followed().failing_session == id_of(1)));
  world.failure = nullptr;
  world.run_for(1min);
  BOOST_TEST(world.follower->followed().failing_long == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
