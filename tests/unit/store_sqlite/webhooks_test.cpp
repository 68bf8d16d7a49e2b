// A webhook is stored together with its session's wake-up time; equal bodies for a session are stored once.
#include <boost/test/unit_test.hpp>

#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/webhooks.hpp"

namespace bankconnect::test {
namespace {

using namespace std::chrono_literals;

struct Inbox {
  NewSession submitted(OpenStore& store) {
    NewSession session = new_session(random.id());
    BOOST_REQUIRE(store.submit({session}).has_value());
    return session;
  }
  std::vector<SessionRecord> recovered() { return OpenStore(dir / "db").recovered; }

  TempDir dir;
  Random random{21};
  const SessionId unknown = random.id();
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(webhooks, Inbox)

BOOST_AUTO_TEST_CASE(a_wake_up_time_stored_with_a_webhook_survives_a_restart) {
  {
    OpenStore store(dir / "db");
    const NewSession session = submitted(store);
    BOOST_TEST(store.store_webhook(with_wake_up(session, hint_of(session.id, "{}", kThen + 5s))).has_value());
  }
  const auto sessions = recovered();
  BOOST_REQUIRE(sessions.size() == 1U);
  BOOST_TEST((sessions[0].durable.hinted_at == kThen + 5s));
}

BOOST_AUTO_TEST_CASE(a_webhook_is_listed_with_every_field_after_a_restart) {
  const Webhook webhook = hint_of(random.id(), "{\"session_id\":1}", kThen + 5s);
  {
    OpenStore store(dir / "db");
    store.store_webhook(without_wake_up(webhook));
  }
  OpenStore store(dir / "db");
  const auto listed = store.all_webhooks();
  BOOST_REQUIRE(listed.size() == 1U);
  BOOST_TEST((listed[0].id == webhook.id));
  BOOST_TEST(listed[0].event_name == webhook.event_name);
  BOOST_TEST((listed[0].sha256 == webhook.sha256));
  BOOST_TEST(listed[0].bytes == webhook.body.size());
  BOOST_TEST(listed[0].count == 1U);
  BOOST_TEST((listed[0].received_at == webhook.received_at));
  BOOST_TEST((listed[0].last_received_at == webhook.received_at));
}

BOOST_AUTO_TEST_CASE(a_webhook_without_an_event_name_is_listed_without_one) {
  OpenStore store(dir / "db");
  Webhook webhook = hint_of(unknown, "{}");
  webhook.event_name.clear();
  store.store_webhook(without_wake_up(webhook));
  BOOST_TEST(store.all_webhooks()[0].event_name.empty());
}

BOOST_AUTO_TEST_CASE(a_webhook_changes_no_state_and_appends_no_event) {
  OpenStore store(dir / "db");
  const NewSession session = submitted(store);
  store.store_webhook(with_wake_up(session, hint_of(session.id, "{}")));
  const auto record = store.session(session.id);
  BOOST_TEST((record->durable.state == session.durable.state));
  BOOST_TEST(record->history.size() == 1U);
  BOOST_TEST(store.facts().last_event_seq == 1U);
}

BOOST_AUTO_TEST_CASE(a_webhook_without_a_wake_up_time_leaves_the_stored_one) {
  OpenStore store(dir / "db");
  const NewSession session = submitted(store);
  store.store_webhook(with_wake_up(session, hint_of(session.id, "first", kThen + 1s)));
  store.store_webhook(without_wake_up(hint_of(session.id, "second", kThen + 9s)));
  BOOST_TEST((store.session(session.id)->durable.hinted_at == kThen + 1s));
}

BOOST_AUTO_TEST_CASE(equal_bodies_for_a_session_are_stored_once_and_counted) {
  OpenStore store(dir / "db");
  const NewSession session = submitted(store);
  for (int i = 0; i < 3; ++i) {
    const auto stored = store.store_webhook(without_wake_up(hint_of(session.id, "same", kThen + i * 10s)));
    BOOST_TEST((stored->result == WebhookResult::accepted));
    BOOST_TEST(stored->duplicate == (i > 0));
  }
  const auto listed = store.all_webhooks();
  BOOST_REQUIRE(listed.size() == 1U);
  BOOST_TEST(listed[0].count == 3U);
  BOOST_TEST((listed[0].received_at == kThen));
  BOOST_TEST((listed[0].last_received_at == kThen + 20s));
}

BOOST_AUTO_TEST_CASE(a_body_repeated_after_a_restart_is_counted) {
  {
    OpenStore store(dir / "db");
    store.store_webhook(without_wake_up(hint_of(unknown, "same")));
  }
  OpenStore store(dir / "db");
  BOOST_TEST(store.store_webhook(without_wake_up(hint_of(unknown, "same")))->duplicate);
  BOOST_TEST(store.all_webhooks()[0].count == 2U);
}

BOOST_AUTO_TEST_CASE(a_repeated_body_still_stores_its_wake_up_time) {
  OpenStore store(dir / "db");
  const NewSession session = submitted(store);
  store.store_webhook(without_wake_up(hint_of(session.id, "same")));
  store.store_webhook(with_wake_up(session, hint_of(session.id, "same", kThen + 7s)));
  BOOST_TEST((store.session(session.id)->durable.hinted_at == kThen + 7s));
}

BOOST_AUTO_TEST_CASE(the_same_body_for_another_session_is_another_webhook) {
  OpenStore store(dir / "db");
  store.store_webhook(without_wake_up(hint_of(unknown, "same")));
  BOOST_TEST(!store.store_webhook(without_wake_up(hint_of(random.id(), "same")))->duplicate);
  BOOST_TEST(store.all_webhooks().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_webhook_for_a_final_session_is_recorded_and_nothing_more) {
  OpenStore store(dir / "db");
  const NewSession session = submitted(store);
  store.write(step_to(session, State::enriched, true));
  const auto stored = store.store_webhook(without_wake_up(hint_of(session.id, "{}")));
  BOOST_TEST((stored->result == WebhookResult::recorded));
  BOOST_TEST((store.all_webhooks()[0].result == WebhookResult::recorded));
  BOOST_TEST((store.session(session.id)->durable.hinted_at == kNoWall));
}

BOOST_AUTO_TEST_CASE(a_webhook_for_an_unknown_session_is_kept) {
  OpenStore store(dir / "db");
  BOOST_TEST((store.store_webhook(without_wake_up(hint_of(unknown, "{}")))->result == WebhookResult::kept));
  BOOST_TEST((store.all_webhooks()[0].result == WebhookResult::kept));
  BOOST_TEST(!store.session(unknown).has_value());
}

BOOST_AUTO_TEST_CASE(an_ignored_webhook_is_not_stored) {
  OpenStore store(dir / "db");
  WebhookWrite write = without_wake_up(hint_of(unknown, "{}"));
  write.keep_unknown = false;
  const auto stored = store.store_webhook(write);
  BOOST_TEST((stored->result == WebhookResult::ignored));
  BOOST_TEST(!stored->duplicate);
  BOOST_TEST(store.all_webhooks().empty());
  BOOST_TEST((store.facts().last_webhook_at == kNoWall));
}

BOOST_AUTO_TEST_CASE(ignoring_unknown_sessions_still_stores_webhooks_for_known_ones) {
  OpenStore store(dir / "db");
  const NewSession session = submitted(store);
  WebhookWrite write = without_wake_up(hint_of(session.id, "{}"));
  write.keep_unknown = false;
  BOOST_TEST((store.store_webhook(write)->result == WebhookResult::accepted));
  BOOST_TEST(store.all_webhooks().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_submission_returns_the_time_of_the_first_webhook_that_came_before) {
  OpenStore store(dir / "db");
  store.store_webhook(without_wake_up(hint_of(unknown, "first", kThen - 9s)));
  store.store_webhook(without_wake_up(hint_of(unknown, "second", kThen - 5s)));
  store.store_webhook(without_wake_up(hint_of(unknown, "first", kThen - 1s)));
  const auto outcome = store.submit({new_session(unknown)}).value();
  BOOST_TEST(outcome[0].accepted);
  BOOST_TEST((outcome[0].hinted_at == kThen - 9s));
}

BOOST_AUTO_TEST_CASE(the_wake_up_time_a_submission_got_from_a_webhook_survives_a_restart) {
  {
    OpenStore store(dir / "db");
    store.store_webhook(without_wake_up(hint_of(unknown, "{}", kThen - 9s)));
    store.submit({new_session(unknown)});
  }
  const auto sessions = recovered();
  BOOST_REQUIRE(sessions.size() == 1U);
  BOOST_TEST((sessions[0].durable.hinted_at == kThen - 9s));
}

BOOST_AUTO_TEST_CASE(a_submission_adopts_the_webhooks_of_its_session_only) {
  OpenStore store(dir / "db");
  const SessionId other = random.id();
  store.store_webhook(without_wake_up(hint_of(other, "{}")));
  store.store_webhook(without_wake_up(hint_of(unknown, "{}")));
  store.store_webhook(without_wake_up(hint_of(unknown, "[]")));
  store.submit({new_session(unknown)});
  for (const WebhookRecord& webhook : store.all_webhooks())
    BOOST_TEST((webhook.result == (webhook.id == other ? WebhookResult::kept : WebhookResult::accepted)));
}

BOOST_AUTO_TEST_CASE(a_session_without_webhooks_has_no_wake_up_time) {
  OpenStore store(dir / "db");
  store.store_webhook(without_wake_up(hint_of(random.id(), "{}")));
  const auto outcome = store.submit({new_session(unknown)}).value();
  BOOST_TEST((outcome[0].hinted_at == kNoWall));
  BOOST_TEST((store.session(unknown)->durable.hinted_at == kNoWall));
}

BOOST_AUTO_TEST_CASE(a_webhook_for_an_erased_session_is_kept_and_no_duplicate) {
  OpenStore store(dir / "db");
  const NewSession session = submitted(store);
  store.store_webhook(without_wake_up(hint_of(session.id, "{}")));
  store.erase(session.id);
  const auto stored = store.store_webhook(without_wake_up(hint_of(session.id, "{}")));
  BOOST_TEST((stored->result == WebhookResult::kept));
  BOOST_TEST(!stored->duplicate);
}

BOOST_AUTO_TEST_CASE(a_later_write_clears_the_wake_up_time) {
  OpenStore store(dir / "db");
  const NewSession session = submitted(store);
  store.store_webhook(with_wake_up(session, hint_of(session.id, "{}")));
  store.write(step_to(session, State::in_progress));
  BOOST_TEST((store.session(session.id)->durable.hinted_at == kNoWall));
}

BOOST_AUTO_TEST_CASE(queued_webhooks_share_a_commit) {
  OpenStore store(dir / "db");
  constexpr std::uint64_t kMany = 4000;
  std::vector<WebhookWrite> writes;
  for (std::uint64_t i = 0; i < kMany; ++i)
    writes.push_back(without_wake_up(hint_of(random.id(), std::to_string(i))));
  for (const auto& stored : store.store_webhooks(std::move(writes)))
    BOOST_REQUIRE(stored.has_value());
  const std::uint64_t commits = store.facts().commits;
  BOOST_TEST_MESSAGE(kMany << " webhooks in " << commits << " commits");
  BOOST_TEST(commits < kMany / 10);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
