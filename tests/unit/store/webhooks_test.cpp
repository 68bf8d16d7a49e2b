// A webhook is durable together with what it does to its session; equal bodies for a session are kept once.
#include <boost/test/unit_test.hpp>

#include "tests/unit/store/open_store.hpp"
#include "tests/unit/store/webhooks.hpp"

namespace bankconnect::test {
namespace {

using namespace std::chrono_literals;

struct Inbox {
  NewSession submitted(OpenStore& store) {
    NewSession session = new_session(random.id());
    BOOST_REQUIRE(store.submit({session}).has_value());
    return session;
  }
  std::vector<SessionRecord> recovered() {
    OpenStore store(dir / "db");
    std::vector<SessionRecord> records;
    store.store->recover([&](const SessionRecord& record) { records.push_back(record); });
    return records;
  }

  TempDir dir;
  Random random{21};
  const SessionId stranger = random.id();
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(webhooks, Inbox)

BOOST_AUTO_TEST_CASE(after_a_restart_the_session_knows_that_it_was_hinted_at) {
  {
    OpenStore store(dir / "db");
    const NewSession session = submitted(store);
    BOOST_TEST(store.take_hint(waking(session, hint_of(session.id, "{}", kThen + 5s))).has_value());
  }
  const auto sessions = recovered();
  BOOST_REQUIRE(sessions.size() == 1U);
  BOOST_TEST((sessions[0].kept.hinted_at == kThen + 5s));
}

BOOST_AUTO_TEST_CASE(after_a_restart_the_webhook_is_there_as_it_came) {
  const Hint hint = hint_of(random.id(), "{\"session_id\":1}", kThen + 5s);
  {
    OpenStore store(dir / "db");
    store.take_hint(alone(hint));
  }
  OpenStore store(dir / "db");
  const auto hints = store.all_hints();
  BOOST_REQUIRE(hints.size() == 1U);
  BOOST_TEST((hints[0].id == hint.id));
  BOOST_TEST(hints[0].event_name == hint.event_name);
  BOOST_TEST((hints[0].sha256 == hint.sha256));
  BOOST_TEST(hints[0].bytes == hint.body.size());
  BOOST_TEST(hints[0].count == 1U);
  BOOST_TEST((hints[0].received_at == hint.received_at));
  BOOST_TEST((hints[0].last_received_at == hint.received_at));
}

BOOST_AUTO_TEST_CASE(a_webhook_without_an_event_name_stays_without_one) {
  OpenStore store(dir / "db");
  Hint hint = hint_of(stranger, "{}");
  hint.event_name.clear();
  store.take_hint(alone(hint));
  BOOST_TEST(store.all_hints()[0].event_name.empty());
}

BOOST_AUTO_TEST_CASE(a_webhook_moves_no_session) {
  OpenStore store(dir / "db");
  const NewSession session = submitted(store);
  store.take_hint(waking(session, hint_of(session.id, "{}")));
  const auto record = store.session(session.id);
  BOOST_TEST((record->kept.state == session.kept.state));
  BOOST_TEST(record->history.size() == 1U);
  BOOST_TEST(store.facts().last_event_seq == 1U);
}

BOOST_AUTO_TEST_CASE(a_webhook_that_asks_for_no_wake_up_leaves_the_one_that_is_set) {
  OpenStore store(dir / "db");
  const NewSession session = submitted(store);
  store.take_hint(waking(session, hint_of(session.id, "first", kThen + 1s)));
  store.take_hint(alone(hint_of(session.id, "second", kThen + 9s)));
  BOOST_TEST((store.session(session.id)->kept.hinted_at == kThen + 1s));
}

BOOST_AUTO_TEST_CASE(equal_bodies_for_a_session_are_kept_once_and_counted) {
  OpenStore store(dir / "db");
  const NewSession session = submitted(store);
  for (int i = 0; i < 3; ++i) {
    const auto taken = store.take_hint(alone(hint_of(session.id, "same", kThen + i * 10s)));
    BOOST_TEST((taken->result == HintResult::accepted));
    BOOST_TEST(taken->duplicate == (i > 0));
  }
  const auto hints = store.all_hints();
  BOOST_REQUIRE(hints.size() == 1U);
  BOOST_TEST(hints[0].count == 3U);
  BOOST_TEST((hints[0].received_at == kThen));
  BOOST_TEST((hints[0].last_received_at == kThen + 20s));
}

BOOST_AUTO_TEST_CASE(a_body_that_came_before_a_restart_is_counted_after_it) {
  {
    OpenStore store(dir / "db");
    store.take_hint(alone(hint_of(stranger, "same")));
  }
  OpenStore store(dir / "db");
  BOOST_TEST(store.take_hint(alone(hint_of(stranger, "same")))->duplicate);
  BOOST_TEST(store.all_hints()[0].count == 2U);
}

BOOST_AUTO_TEST_CASE(a_repeated_body_wakes_its_session_all_the_same) {
  OpenStore store(dir / "db");
  const NewSession session = submitted(store);
  store.take_hint(alone(hint_of(session.id, "same")));
  store.take_hint(waking(session, hint_of(session.id, "same", kThen + 7s)));
  BOOST_TEST((store.session(session.id)->kept.hinted_at == kThen + 7s));
}

BOOST_AUTO_TEST_CASE(the_same_body_for_another_session_is_another_webhook) {
  OpenStore store(dir / "db");
  store.take_hint(alone(hint_of(stranger, "same")));
  BOOST_TEST(!store.take_hint(alone(hint_of(random.id(), "same")))->duplicate);
  BOOST_TEST(store.all_hints().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_webhook_for_a_final_session_is_recorded_and_nothing_more) {
  OpenStore store(dir / "db");
  const NewSession session = submitted(store);
  store.write(step_to(session, State::enriched, true));
  const auto taken = store.take_hint(alone(hint_of(session.id, "{}")));
  BOOST_TEST((taken->result == HintResult::recorded));
  BOOST_TEST((store.all_hints()[0].result == HintResult::recorded));
  BOOST_TEST((store.session(session.id)->kept.hinted_at == kNoWall));
}

BOOST_AUTO_TEST_CASE(a_webhook_for_a_session_nobody_submitted_is_kept) {
  OpenStore store(dir / "db");
  BOOST_TEST((store.take_hint(alone(hint_of(stranger, "{}")))->result == HintResult::kept));
  BOOST_TEST((store.all_hints()[0].result == HintResult::kept));
  BOOST_TEST(!store.session(stranger).has_value());
}

BOOST_AUTO_TEST_CASE(a_webhook_that_is_to_be_ignored_leaves_nothing) {
  OpenStore store(dir / "db");
  HintWrite write = alone(hint_of(stranger, "{}"));
  write.keep_unknown = false;
  const auto taken = store.take_hint(write);
  BOOST_TEST((taken->result == HintResult::ignored));
  BOOST_TEST(!taken->duplicate);
  BOOST_TEST(store.all_hints().empty());
  BOOST_TEST((store.facts().last_hint_at == kNoWall));
}

BOOST_AUTO_TEST_CASE(ignoring_strangers_still_takes_what_names_a_followed_session) {
  OpenStore store(dir / "db");
  const NewSession session = submitted(store);
  HintWrite write = alone(hint_of(session.id, "{}"));
  write.keep_unknown = false;
  BOOST_TEST((store.take_hint(write)->result == HintResult::accepted));
  BOOST_TEST(store.all_hints().size() == 1U);
}

BOOST_AUTO_TEST_CASE(submitting_says_when_the_first_webhook_had_come) {
  OpenStore store(dir / "db");
  store.take_hint(alone(hint_of(stranger, "first", kThen - 9s)));
  store.take_hint(alone(hint_of(stranger, "second", kThen - 5s)));
  store.take_hint(alone(hint_of(stranger, "first", kThen - 1s)));
  const auto outcome = store.submit({new_session(stranger)}).value();
  BOOST_TEST(outcome[0].accepted);
  BOOST_TEST((outcome[0].hinted_at == kThen - 9s));
}

BOOST_AUTO_TEST_CASE(a_submitted_session_keeps_the_wake_up_of_an_earlier_webhook_over_a_restart) {
  {
    OpenStore store(dir / "db");
    store.take_hint(alone(hint_of(stranger, "{}", kThen - 9s)));
    store.submit({new_session(stranger)});
  }
  const auto sessions = recovered();
  BOOST_REQUIRE(sessions.size() == 1U);
  BOOST_TEST((sessions[0].kept.hinted_at == kThen - 9s));
}

BOOST_AUTO_TEST_CASE(submitting_takes_over_the_webhooks_of_that_session_and_of_no_other) {
  OpenStore store(dir / "db");
  const SessionId other = random.id();
  store.take_hint(alone(hint_of(other, "{}")));
  store.take_hint(alone(hint_of(stranger, "{}")));
  store.take_hint(alone(hint_of(stranger, "[]")));
  store.submit({new_session(stranger)});
  for (const HintRecord& hint : store.all_hints())
    BOOST_TEST((hint.result == (hint.id == other ? HintResult::kept : HintResult::accepted)));
}

BOOST_AUTO_TEST_CASE(a_session_that_no_webhook_named_has_no_wake_up) {
  OpenStore store(dir / "db");
  store.take_hint(alone(hint_of(random.id(), "{}")));
  const auto outcome = store.submit({new_session(stranger)}).value();
  BOOST_TEST((outcome[0].hinted_at == kNoWall));
  BOOST_TEST((store.session(stranger)->kept.hinted_at == kNoWall));
}

BOOST_AUTO_TEST_CASE(a_webhook_after_its_session_was_erased_is_a_strangers) {
  OpenStore store(dir / "db");
  const NewSession session = submitted(store);
  store.take_hint(alone(hint_of(session.id, "{}")));
  store.erase(session.id);
  const auto taken = store.take_hint(alone(hint_of(session.id, "{}")));
  BOOST_TEST((taken->result == HintResult::kept));
  BOOST_TEST(!taken->duplicate);
}

BOOST_AUTO_TEST_CASE(a_later_step_takes_the_wake_up_away_again) {
  OpenStore store(dir / "db");
  const NewSession session = submitted(store);
  store.take_hint(waking(session, hint_of(session.id, "{}")));
  store.write(step_to(session, State::in_progress));
  BOOST_TEST((store.session(session.id)->kept.hinted_at == kNoWall));
}

BOOST_AUTO_TEST_CASE(webhooks_that_wait_together_are_committed_together) {
  OpenStore store(dir / "db");
  constexpr std::uint64_t kMany = 4000;
  std::vector<HintWrite> writes;
  for (std::uint64_t i = 0; i < kMany; ++i)
    writes.push_back(alone(hint_of(random.id(), std::to_string(i))));
  for (const auto& taken : store.take_hints(std::move(writes)))
    BOOST_REQUIRE(taken.has_value());
  const std::uint64_t commits = store.facts().commits;
  BOOST_TEST_MESSAGE(kMany << " webhooks in " << commits << " commits");
  BOOST_TEST(commits < kMany / 10);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
