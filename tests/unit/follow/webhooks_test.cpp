// Webhooks at the follower: durable first, one question at a time, and judged by what answers show.
#include <boost/test/unit_test.hpp>

#include "tests/support/fake_world.hpp"

namespace bankconnect::test {

namespace {

FollowOptions listening(UnknownSessions unknown = UnknownSessions::keep) {
  FollowOptions options = without_rate_limit();
  options.webhooks = true;
  options.unknown_sessions = unknown;
  return options;
}

class Listening : public FakeWorld {
 public:
  Listening() : FakeWorld({}, listening()) {}

  /// A session in PROCESSING, known to be there.
  void to_processing(const SessionId& id) {
    submit({id});
    answer(upload(UploadStatus::completed));
    answer(plain(Trigger::accepted));
  }
  WebhookHealth health() const { return follower->followed().webhooks; }
};

class FollowingUnknown : public FakeWorld {
 public:
  FollowingUnknown() : FakeWorld({}, listening(UnknownSessions::follow)) {}
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(hints_at_the_follower, Listening)

BOOST_AUTO_TEST_CASE(nothing_is_asked_for_a_hint_before_it_is_durable) {
  submit({id_of(1)});
  answer(upload(UploadStatus::no_uploads));
  pass(2s);
  follower->take_webhook({id_of(1), "", "{}", {}, kNoWall}, [](const auto&) {});
  follower->run();
  BOOST_TEST(upstream.log.size() == 1U);
  store.commit();
  BOOST_TEST(upstream.log.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_crash_after_the_acknowledgement_asks_at_the_start) {
  submit({id_of(1)});
  answer(upload(UploadStatus::no_uploads));
  pass(2s);
  follower->take_webhook({id_of(1), "", "{}", {}, kNoWall}, [](const auto&) {});
  follower->stop();
  store.commit();
  crash_and_restart();
  BOOST_TEST(upstream.open.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_burst_of_hints_is_one_question) {
  submit({id_of(1)});
  answer(upload(UploadStatus::no_uploads));
  pass(2s);
  for (int i = 0; i < 100; ++i)
    follower->take_webhook({id_of(1), "", std::to_string(i), {}, kNoWall}, [](const auto&) {});
  settle();
  BOOST_TEST(upstream.log.size() == 2U);
  BOOST_TEST(store.webhooks.size() == 100U);
}

BOOST_AUTO_TEST_CASE(forged_hints_cause_no_transition_and_a_call_a_second_at_most) {
  submit({id_of(1)});
  answer(upload(UploadStatus::no_uploads));
  const std::size_t before = upstream.log.size();
  for (int i = 0; i < 10'000; ++i) {
    webhook(id_of(1), "forged " + std::to_string(i));
    pass(1ms);
    while (!upstream.open.empty())
      answer(upload(UploadStatus::no_uploads));
  }
  BOOST_TEST(upstream.log.size() - before <= 11U);
  BOOST_TEST(observer.transitions.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_hint_for_a_final_session_is_recorded_and_nothing_more) {
  submit({id_of(1)});
  answer(fault(Trigger::session_deleted, "SESSION_DELETED"));
  BOOST_TEST((webhook(id_of(1))->result == WebhookResult::recorded));
  pass(1h);
  BOOST_TEST(upstream.log.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_hint_nobody_can_place_is_kept_and_asks_nothing) {
  BOOST_TEST((webhook(id_of(9))->result == WebhookResult::kept));
  pass(1h);
  BOOST_TEST(upstream.log.empty());
}

BOOST_AUTO_TEST_CASE(a_kept_hint_takes_effect_when_its_session_is_submitted) {
  webhook(id_of(9));
  submit({id_of(9)});
  answer(upload(UploadStatus::completed));
  BOOST_TEST((store.events.back().transition.cause == Cause::hint));
  BOOST_TEST((health() == WebhookHealth::healthy));
}

BOOST_AUTO_TEST_CASE(the_same_body_again_is_a_duplicate_that_still_asks) {
  submit({id_of(1)});
  answer(upload(UploadStatus::no_uploads));
  pass(2s);
  BOOST_TEST(!webhook(id_of(1))->duplicate);
  answer(upload(UploadStatus::no_uploads));
  pass(2s);
  BOOST_TEST(webhook(id_of(1))->duplicate);
  BOOST_TEST(upstream.open.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_hint_that_cannot_be_stored_is_refused) {
  submit({id_of(1)});
  answer(upload(UploadStatus::no_uploads));
  store.refusing = true;
  BOOST_TEST(webhook(id_of(1)).error().code == ErrorCode::store_unavailable);
  BOOST_TEST(store.webhooks.empty());
}

BOOST_AUTO_TEST_CASE(hints_that_came_during_an_outage_are_asked_about_first_once_it_is_over) {
  for (std::uint32_t i = 1; i <= 20; ++i)
    submit({id_of(i)});
  for (int i = 0; i < 20; ++i)
    answer(upload(UploadStatus::no_uploads));
  while (follower->followed().upstream.kind == UpstreamCondition::Kind::flowing) {
    pass(1s);
    while (!upstream.open.empty())
      answer(fault(Trigger::passing_fault, "TIMEOUT"));
  }
  webhook(id_of(7));
  BOOST_TEST(upstream.open.size() <= 1U);
  while (follower->followed().upstream.kind != UpstreamCondition::Kind::flowing) {
    pass(1s);
    while (!upstream.open.empty())
      answer(upload(UploadStatus::no_uploads));
  }
  pass(1s);
  const bool asked = std::ranges::any_of(upstream.log, [this](const auto& call) {
    return call.question.id == id_of(7) && call.at + 3s > clock.now().steady;
  });
  BOOST_TEST(asked);
}

BOOST_AUTO_TEST_CASE(a_hint_that_an_answer_confirms_makes_the_channel_healthy) {
  to_processing(id_of(1));
  webhook(id_of(1));
  pass(1s);
  answer(plain(Trigger::progress_finished));
  BOOST_TEST((observer.healths == std::vector{WebhookHealth::healthy}));
  BOOST_TEST(observer.missed.empty());
}

BOOST_AUTO_TEST_CASE(a_webhook_within_the_grace_period_after_the_poll_still_counts) {
  to_processing(id_of(1));
  pass(2s);
  answer(plain(Trigger::progress_finished));
  answer(session_status(1, 0));
  answer(insights());
  pass(10s);
  BOOST_TEST((webhook(id_of(1))->result == WebhookResult::recorded));
  pass(1min);
  BOOST_TEST((health() == WebhookHealth::healthy));
  BOOST_TEST(observer.missed.empty());
}

BOOST_AUTO_TEST_CASE(news_that_no_webhook_announces_in_time_is_a_miss_of_its_session) {
  to_processing(id_of(1));
  pass(2s);
  answer(plain(Trigger::progress_finished));
  pass(14s);
  BOOST_TEST(observer.missed.empty());
  pass(1s);
  BOOST_TEST_REQUIRE(observer.missed.size() == 1U);
  BOOST_TEST((observer.missed[0] == std::pair(id_of(1), Notification::enrichment)));
  BOOST_TEST((health() == WebhookHealth::degraded));
  BOOST_TEST(follower->followed().webhooks_missed == 1U);
}

BOOST_AUTO_TEST_CASE(a_webhook_awaited_for_a_session_that_is_erased_is_not_missed) {
  to_processing(id_of(1));
  pass(2s);
  answer(plain(Trigger::progress_finished));
  follower->erase(id_of(1), [](const auto&) {});
  settle();
  pass(1min);
  BOOST_TEST(observer.missed.empty());
}

BOOST_AUTO_TEST_CASE(a_webhook_awaited_for_an_erased_session_is_not_missed_by_its_successor) {
  to_processing(id_of(1));
  pass(2s);
  answer(plain(Trigger::progress_finished));
  store.keeping_traces = true;
  follower->erase(id_of(1), [](const auto&) {});
  settle();
  submit({id_of(1)});
  store.empty_log();
  pass(1min);
  BOOST_TEST(observer.missed.empty());
}

BOOST_AUTO_TEST_CASE(sessions_already_waiting_are_planned_anew_when_health_changes) {
  for (std::uint32_t i = 1; i <= 50; ++i)
    to_processing(id_of(i));
  to_processing(id_of(100));
  webhook(id_of(100));
  pass(1s);
  answer(plain(Trigger::progress_finished));  // healthy from here on
  const std::size_t before = upstream.log.size();
  pass(30s);
  BOOST_TEST(upstream.log.size() - before <= 1U);  // the finished one fetches
}

BOOST_AUTO_TEST_CASE(without_a_listener_nothing_is_missed) {
  FakeWorld world;
  world.submit({id_of(1)});
  world.answer(upload(UploadStatus::completed));
  world.answer(plain(Trigger::accepted));
  world.pass(2s);
  world.answer(plain(Trigger::progress_finished));
  world.pass(1min);
  BOOST_TEST(world.observer.missed.empty());
  BOOST_TEST((world.follower->followed().webhooks == WebhookHealth::off));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(unknown_sessions_are_followed, FollowingUnknown)

BOOST_AUTO_TEST_CASE(a_webhook_submits_its_session) {
  BOOST_TEST((webhook(id_of(9))->result == WebhookResult::accepted));
  BOOST_TEST(follower->followed().live == 1U);
  BOOST_TEST(upstream.open.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
