// Refreshes and late webhooks at the follower: durable first, and nothing replaced by halves.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/support/fake_world.hpp"

namespace bankconnect::test {

namespace {

Policy short_timeout() {
  Policy policy;
  policy.stalled_after = 30min;
  policy.processing_timeout = 1h;
  return policy;
}

FollowOptions with_webhooks() {
  FollowOptions options = without_rate_limit();
  options.webhooks = true;
  return options;
}

class Finished : public FakeWorld {
 public:
  Finished() : FakeWorld(short_timeout(), with_webhooks()) {}

  void to_enriched(const SessionId& id) {
    submit({id});
    answer(upload(UploadStatus::completed));
    answer(plain(Trigger::accepted));
    pass(2s);
    answer(plain(Trigger::progress_finished));
    answer(session_status(1, 0));
    answer(insights());
  }
  void to_timed_out(const SessionId& id) {
    submit({id});
    answer(upload(UploadStatus::completed));
    answer(plain(Trigger::accepted));
    pass(2s);
    clock.pass(2h);
    answer(plain(Trigger::still_processing));
  }
  Call asked_last() const { return upstream.log.back().question.call; }
  const SessionRecord& on_disk(const SessionId& id) const { return store.records.at(id); }
};

Answer with_bytes(Answer answer, const std::string& bytes) {
  auto payload = std::make_shared<Payload>();
  payload->compressed = bytes;
  answer.payload = std::move(payload);
  return answer;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(refresh_at_the_follower, Finished)

BOOST_AUTO_TEST_CASE(a_refresh_is_asked_for_only_once_it_is_on_disk) {
  to_enriched(id_of(1));
  const std::size_t asked = upstream.log.size();
  follower->command(id_of(1), Command::refresh, [](const auto&) {});
  store.commit();  // writable
  store.commit();  // read back
  BOOST_TEST(upstream.log.size() == asked);
  store.commit();
  BOOST_TEST(upstream.log.size() == asked + 1);
  BOOST_TEST((asked_last() == Call::session_status));
}

BOOST_AUTO_TEST_CASE(both_new_payloads_are_stored_in_one_write) {
  to_enriched(id_of(1));
  BOOST_TEST(command(id_of(1), Command::refresh).has_value());
  const std::size_t writes = store.writes.size();
  answer(with_bytes(session_status(1, 0), "new status"));
  for (std::size_t i = writes; i < store.writes.size(); ++i) {
    BOOST_TEST(!store.writes[i].session_status);
    BOOST_TEST(!store.writes[i].accounts.has_value());
  }
  answer(with_bytes(insights(), "new insights"));
  const SessionWrite& last = store.writes.back();
  BOOST_TEST_REQUIRE(last.session_status);
  BOOST_TEST_REQUIRE(last.insights);
  BOOST_TEST(last.session_status->compressed == "new status");
  BOOST_TEST(last.insights->compressed == "new insights");
  BOOST_TEST((last.accounts_from == Call::session_status));
  BOOST_TEST((observer.transitions.back().transition.trigger == Trigger::refreshed));
  BOOST_TEST(follower->followed().live == 0U);
}

BOOST_AUTO_TEST_CASE(after_a_crash_between_the_two_answers_both_are_fetched_again) {
  to_enriched(id_of(1));
  BOOST_TEST(command(id_of(1), Command::refresh).has_value());
  answer(with_bytes(session_status(1, 0), "lost"));
  crash_and_restart();
  pass(10s);
  BOOST_TEST((asked_last() == Call::session_status));
  answer(with_bytes(session_status(1, 0), "kept"));
  answer(with_bytes(insights(), "insights"));
  BOOST_TEST(store.writes.back().session_status->compressed == "kept");
}

BOOST_AUTO_TEST_CASE(session_statuses_beyond_the_limit_are_fetched_again_later) {
  constexpr std::uint32_t kMany = 6;
  for (std::uint32_t i = 1; i <= kMany; ++i)
    to_enriched(id_of(i));
  for (std::uint32_t i = 1; i <= kMany; ++i)
    BOOST_TEST(command(id_of(i), Command::refresh).has_value());
  const std::string large(20UL << 20, 'x');
  for (std::uint32_t i = 1; i <= kMany; ++i)
    answer(with_bytes(session_status(1, 0), large));
  const auto waiting_for_insights = static_cast<std::uint32_t>(std::ranges::count_if(
      upstream.open, [](const auto& asked) { return asked.question.call == Call::insights; }));
  BOOST_TEST(waiting_for_insights < kMany);
  for (std::uint32_t i = 0; i < waiting_for_insights; ++i)
    answer(insights());
  pass(40s);
  // The others go on.
  BOOST_TEST(std::ranges::any_of(
      upstream.open, [](const auto& asked) { return asked.question.call == Call::session_status; }));
}

BOOST_AUTO_TEST_CASE(a_refused_refresh_is_told_in_the_event_log_with_its_code) {
  to_enriched(id_of(1));
  BOOST_TEST(command(id_of(1), Command::refresh).has_value());
  answer(fault(Trigger::session_deleted, "SESSION_DELETED"));
  BOOST_TEST((observer.transitions.back().transition.trigger == Trigger::refresh_refused));
  BOOST_TEST(store.writes.back().reason_code == "SESSION_DELETED");
  BOOST_TEST((state(id_of(1)) == State::enriched));
  BOOST_TEST(on_disk(id_of(1)).last_error->code == "SESSION_DELETED");
}

BOOST_AUTO_TEST_CASE(a_session_that_is_not_enriched_cannot_be_refreshed) {
  submit({id_of(1)});
  const Result<void> refused = command(id_of(1), Command::refresh);
  BOOST_TEST_REQUIRE(refused.has_error());
  BOOST_TEST((refused.error().code == ErrorCode::wrong_state));
}

BOOST_AUTO_TEST_CASE(a_session_forgotten_during_its_refresh_is_asked_nothing_more) {
  to_enriched(id_of(1));
  BOOST_TEST(command(id_of(1), Command::refresh).has_value());
  answer(session_status(1, 0));
  follower->erase(id_of(1), [](const auto&) {});
  settle();
  answer(insights());
  BOOST_TEST(follower->followed().live == 0U);
  BOOST_TEST(!store.records.contains(id_of(1)));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(late_webhook_at_the_follower, Finished)

BOOST_AUTO_TEST_CASE(a_late_enrichment_webhook_is_answered_once_its_question_is_on_disk) {
  to_timed_out(id_of(1));
  BOOST_TEST_REQUIRE((state(id_of(1)) == State::failed));
  const std::size_t asked = upstream.log.size();
  bool answered = false;
  follower->take_webhook({id_of(1), "ENRICHMENT_NOTIFICATION", "{}", {}, clock.now().wall},
                         [&](const Result<StoredWebhook>& stored) {
                           BOOST_TEST((stored->result == WebhookResult::recorded));
                           answered = true;
                         });
  store.commit();  // the webhook
  store.commit();  // read back
  BOOST_TEST(!answered);
  BOOST_TEST(upstream.log.size() == asked);
  settle();
  BOOST_TEST(answered);
  BOOST_TEST((on_disk(id_of(1)).durable.after_end == AfterEnd::late_webhook));
  BOOST_TEST((asked_last() == Call::progress));
}

BOOST_AUTO_TEST_CASE(of_two_late_webhooks_neither_is_answered_before_the_question_is_on_disk) {
  to_timed_out(id_of(1));
  int answered = 0;
  for (const char* const body : {"a", "b"}) {
    follower->take_webhook({id_of(1), "ENRICHMENT_NOTIFICATION", body, {}, clock.now().wall},
                           [&](const Result<StoredWebhook>&) {
                             ++answered;
                             BOOST_TEST((on_disk(id_of(1)).durable.after_end == AfterEnd::late_webhook));
                           });
  }
  const std::size_t asked = upstream.log.size();
  settle();
  BOOST_TEST(answered == 2);
  BOOST_TEST(upstream.log.size() == asked + 1);
}

BOOST_AUTO_TEST_CASE(a_session_that_finished_late_is_enriched_after_its_webhook) {
  to_timed_out(id_of(1));
  webhook(id_of(1));
  answer(plain(Trigger::progress_finished));
  BOOST_TEST((state(id_of(1)) == State::processing));
  BOOST_TEST((observer.transitions.back().transition.cause == Cause::hint));
  answer(session_status(1, 0));
  answer(insights());
  BOOST_TEST((state(id_of(1)) == State::enriched));
}

BOOST_AUTO_TEST_CASE(webhooks_for_a_session_that_failed_otherwise_read_nothing_back) {
  submit({id_of(1)});
  answer(fault(Trigger::session_deleted, "SESSION_DELETED"));
  const std::size_t asked = upstream.log.size();
  BOOST_TEST((webhook(id_of(1))->result == WebhookResult::recorded));
  BOOST_TEST(upstream.log.size() == asked);
  BOOST_TEST(follower->followed().live == 0U);
}

BOOST_AUTO_TEST_CASE(a_webhook_within_the_hour_of_the_last_question_leaves_nothing_in_memory) {
  to_timed_out(id_of(1));
  webhook(id_of(1), "a");
  answer(plain(Trigger::still_processing));
  webhook(id_of(1), "b");
  BOOST_TEST(follower->followed().live == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
