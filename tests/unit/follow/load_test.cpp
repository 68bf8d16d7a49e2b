// The follower with many sessions: fairness, limits, cadence, outages.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>

#include "tests/support/fake_world.hpp"

namespace bankconnect::test {

namespace {

/// Every call is answered at once, with a fault while `down`.
struct BusyWorld : FakeWorld {
  explicit BusyWorld(const FollowOptions& limits = {32, 0}) : FakeWorld({}, limits) {}

  Answer good(const Question& question) const {
    switch (question.call) {
      case Call::upload_status: return upload(UploadStatus::completed);
      case Call::initiate: return plain(Trigger::accepted);
      case Call::progress: return plain(Trigger::still_processing);
      case Call::session_status: return session_status(1, 0);
      case Call::insights: return insights();
    }
    return {};
  }
  void answer_all() {
    while (!upstream.open.empty()) {
      answer(down ? fault(Trigger::passing_fault, "CONNECTION_REFUSED")
                  : good(upstream.open.front().question));
    }
  }
  void run_for(Duration time) {
    const Steady end = clock.now().steady + time;
    answer_all();
    while (alarm.at <= end) {
      pass(std::max(Duration::zero(), alarm.at - clock.now().steady));
      answer_all();
    }
    pass(end - clock.now().steady);
  }
  bool down = false;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(follower_under_load)

BOOST_AUTO_TEST_CASE(calls_in_flight_never_exceed_the_limit) {
  FakeWorld world({}, {8, 0});
  world.submit(ids(100));
  BOOST_TEST(world.upstream.open.size() == 8U);
  world.answer(upload(UploadStatus::no_uploads, 0));
  BOOST_TEST(world.upstream.open.size() == 8U);
}

BOOST_AUTO_TEST_CASE(a_thousand_sessions_in_processing_are_each_polled_every_two_seconds) {
  BusyWorld world({1000, 0});
  world.submit(ids(1000));
  world.run_for(60s);
  std::map<SessionId, Steady> last;
  for (const auto& asked : world.upstream.log) {
    if (asked.question.call != Call::progress) continue;
    const auto before = last.find(asked.question.id);
    if (before != last.end()) BOOST_REQUIRE_EQUAL((asked.at - before->second).count(), 2000);
    last[asked.question.id] = asked.at;
  }
  BOOST_TEST(last.size() == 1000U);
}

BOOST_AUTO_TEST_CASE(when_more_calls_are_due_than_allowed_all_sessions_are_slowed_equally) {
  BusyWorld world({32, 100});
  world.submit(ids(1000));  // would need 500 calls a second
  world.run_for(120s);
  std::map<SessionId, int> asked;
  for (const auto& one : world.upstream.log) {
    if (one.question.call == Call::progress) ++asked[one.question.id];
  }
  const auto [fewest, most] =
      std::ranges::minmax_element(asked, {}, [](const auto& entry) { return entry.second; });
  BOOST_TEST(asked.size() == 1000U);
  BOOST_TEST(most->second - fewest->second <= 1);
  BOOST_TEST(world.upstream.log.size() <= 100U * 121);
}

BOOST_AUTO_TEST_CASE(initiate_goes_before_polls) {
  FakeWorld world({}, {1, 0});
  world.submit(ids(10));
  world.answer(upload(UploadStatus::completed));
  BOOST_TEST((world.upstream.open.front().question.call != Call::initiate));  // in flight before the commit
  world.answer(upload(UploadStatus::no_uploads, 0));
  BOOST_TEST((world.upstream.open.front().question.call == Call::initiate));
}

BOOST_AUTO_TEST_CASE(an_outage_costs_few_calls_fails_no_session_and_ends_within_an_interval) {
  BusyWorld world;
  world.submit(ids(500));
  world.run_for(10s);
  world.down = true;
  const auto before = world.upstream.log.size();
  world.run_for(1h);
  BOOST_TEST(world.upstream.log.size() - before < 300U);
  BOOST_TEST((world.follower->followed().upstream.kind == UpstreamCondition::Kind::broken));

  world.down = false;
  world.run_for(32s);  // the slowest probe, and one interval
  std::map<SessionId, bool> seen;
  for (const auto& asked : world.upstream.log) {
    if (asked.at > world.clock.now().steady - 32s) seen[asked.question.id] = true;
  }
  BOOST_TEST(seen.size() == 500U);
  BOOST_TEST(world.follower->followed().live == 500U);
}

BOOST_AUTO_TEST_CASE(a_refused_account_pauses_all_calls_except_slow_probes) {
  FakeWorld world;
  world.submit(ids(200));
  while (!world.upstream.open.empty())
    world.answer(fault(Trigger::account_refused, "ACCESS_DENIED"));
  const auto before = world.upstream.log.size();
  for (int second = 0; second < 600; ++second) {
    world.pass(1s);
    while (!world.upstream.open.empty())
      world.answer(fault(Trigger::account_refused, "ACCESS_DENIED"));
  }
  BOOST_TEST(world.upstream.log.size() - before <= 25U);
  BOOST_TEST((world.follower->followed().upstream.kind == UpstreamCondition::Kind::paused));
  for (const auto& [id, record] : world.store.records)
    BOOST_REQUIRE(!record.durable.final);
}

BOOST_AUTO_TEST_CASE(a_few_refused_sessions_do_not_pause_the_others_for_good) {
  FakeWorld world;
  world.submit(ids(100));
  const auto answer_all = [&] {
    while (!world.upstream.open.empty()) {
      const bool bad = world.upstream.open.front().question.id < id_of(5);
      world.answer(bad ? fault(Trigger::account_refused, "ACCESS_DENIED")
                       : upload(UploadStatus::no_uploads, 0));
    }
  };
  for (int second = 0; second < 1200; ++second) {
    world.pass(1s);
    answer_all();
  }
  // The first refusals pause all calls for a while; later ones affect only the refused sessions.
  BOOST_TEST((world.follower->followed().upstream.kind == UpstreamCondition::Kind::flowing));
  BOOST_TEST(world.observer.conditions.size() <= 10U);
}

BOOST_AUTO_TEST_CASE(new_credentials_are_tried_at_once_although_no_session_is_due) {
  FakeWorld world;
  world.submit({id_of(1)});
  world.answer(fault(Trigger::account_refused, "ACCESS_DENIED"));
  world.pass(1ms);
  const auto before = world.upstream.log.size();
  world.follower->retry_upstream();
  BOOST_TEST(world.upstream.log.size() == before + 1);
}

BOOST_AUTO_TEST_CASE(the_observer_is_notified_of_the_lateness_of_a_call) {
  FakeWorld world({}, {1, 0});
  world.submit(ids(2));
  world.pass(3s);
  world.answer(upload(UploadStatus::no_uploads, 0));
  BOOST_TEST(world.observer.lateness.back().count() == 3000);
}

BOOST_AUTO_TEST_CASE(slow_down_answers_without_retry_after_slow_down_all_sessions_progressively) {
  FakeWorld world;
  world.submit(ids(500));
  for (int second = 0; second < 120; ++second) {
    while (!world.upstream.open.empty())
      world.answer(fault(Trigger::slow_down, "HTTP_429"));
    world.pass(1s);
  }
  BOOST_TEST(world.upstream.log.size() < 300U);
}

BOOST_AUTO_TEST_CASE(in_an_absurd_pause_one_call_a_minute_is_made_and_an_answer_ends_the_pause) {
  FakeWorld world;
  world.submit({id_of(1), id_of(2), id_of(3)});
  Answer slow = fault(Trigger::slow_down, "HTTP_429");
  slow.event.retry_after = 1h;
  while (!world.upstream.open.empty())
    world.answer(slow);
  BOOST_TEST((world.follower->followed().held_for > 59min));
  for (int minute = 0; minute < 5; ++minute) {
    world.pass(61s);
    BOOST_TEST_REQUIRE(world.upstream.open.size() == 1U);
    world.answer(slow);
  }
  world.pass(61s);
  BOOST_TEST_REQUIRE(world.upstream.open.size() == 1U);
  world.answer(upload(UploadStatus::no_uploads, 0));
  BOOST_TEST(world.follower->followed().held_for.count() == 0);
  world.pass(61s);
  BOOST_TEST(world.upstream.open.size() >= 2U);
}

BOOST_AUTO_TEST_CASE(retry_after_delays_the_calls_of_all_sessions) {
  FakeWorld world({}, {1, 0});
  world.submit(ids(10));
  Answer slow = fault(Trigger::slow_down, "HTTP_429");
  slow.event.retry_after = 20s;
  world.answer(slow);
  world.pass(19s);
  BOOST_TEST(world.upstream.log.size() == 1U);
  world.pass(1s);
  BOOST_TEST(world.upstream.log.size() == 2U);
}

BOOST_AUTO_TEST_CASE(after_a_restart_the_calls_of_all_sessions_are_spread_over_an_interval) {
  BusyWorld world({2000, 0});
  world.submit(ids(1000));
  world.run_for(10s);
  const auto before = world.upstream.log.size();
  world.crash_and_restart();
  world.pass(1999ms);
  BOOST_TEST(world.upstream.log.size() - before == 1000U);
  std::map<Steady, int> at;
  for (std::size_t i = before; i < world.upstream.log.size(); ++i)
    ++at[world.upstream.log[i].at];
  BOOST_TEST(std::ranges::max_element(at, {}, [](const auto& e) { return e.second; })->second < 20);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
