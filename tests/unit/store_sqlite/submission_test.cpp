// Submissions and writes: what they return, and what is read back, also after a restart.
#include <boost/test/unit_test.hpp>

#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/random_values.hpp"
#include "tests/unit/store_sqlite/webhooks.hpp"

namespace bankconnect::test {
namespace {

/// Requires that `seq` rises by one from 1; returns the number of events.
std::uint64_t gapless(OpenStore& store) {
  std::uint64_t seen = 0;
  for (;;) {
    const EventPage page = store.events(seen);
    if (page.events.empty()) return seen;
    for (const EventRecord& event : page.events)
      BOOST_REQUIRE(event.seq == ++seen);
  }
}

bool same(const Transition& a, const Transition& b) {
  return a.from == b.from && a.to == b.to && a.cause == b.cause && a.trigger == b.trigger &&
         a.final == b.final && a.outcome == b.outcome && a.reason == b.reason && a.at == b.at;
}

void check_same(const EventRecord& a, const EventRecord& b) {
  BOOST_TEST(a.seq == b.seq);
  BOOST_TEST(a.erased == b.erased);
  BOOST_TEST((a.id == b.id));
  BOOST_TEST(a.reference == b.reference);
  BOOST_TEST(same(a.transition, b.transition));
  BOOST_TEST(a.reason_code == b.reason_code);
}

void check_same(const SessionRecord& a, const SessionRecord& b) {
  BOOST_TEST((a.id == b.id));
  BOOST_TEST(a.reference == b.reference);
  BOOST_TEST((a.durable == b.durable));
  BOOST_TEST(a.last_error.has_value() == b.last_error.has_value());
  if (a.last_error && b.last_error) {
    BOOST_TEST(a.last_error->code == b.last_error->code);
    BOOST_TEST(a.last_error->message == b.last_error->message);
    BOOST_TEST((a.last_error->at == b.last_error->at));
  }
  BOOST_TEST(a.uploaded_accounts == b.uploaded_accounts);
  BOOST_REQUIRE(a.payloads.size() == b.payloads.size());
  for (std::size_t i = 0; i < a.payloads.size(); ++i) {
    BOOST_TEST((a.payloads[i].kind == b.payloads[i].kind && a.payloads[i].sha256 == b.payloads[i].sha256));
    BOOST_TEST(a.payloads[i].bytes == b.payloads[i].bytes);
    BOOST_TEST((a.payloads[i].fetched_at == b.payloads[i].fetched_at));
  }
  BOOST_REQUIRE(a.history.size() == b.history.size());
  for (std::size_t i = 0; i < a.history.size(); ++i)
    check_same(a.history[i], b.history[i]);
}

struct Folder {
  TempDir dir;
  Random random{11};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(submission, Folder)

BOOST_AUTO_TEST_CASE(a_new_session_is_accepted_with_its_first_event) {
  OpenStore store(dir / "db");
  const NewSession session = new_session(random.id(), "loan 7");
  const auto results = store.submit({session}).value();
  BOOST_REQUIRE(results.size() == 1U);
  BOOST_TEST(results[0].accepted);
  BOOST_REQUIRE(results[0].record.has_value());
  BOOST_REQUIRE(results[0].record->history.size() == 1U);
  const EventRecord& event = results[0].record->history.back();
  BOOST_TEST(event.seq == 1U);
  BOOST_TEST((event.id == session.id));
  BOOST_TEST(event.reference == "loan 7");
}

BOOST_AUTO_TEST_CASE(a_submission_returns_the_session_as_it_is_on_disk) {
  OpenStore store(dir / "db");
  NewSession session = random.session();
  session.durable.hinted_at = kNoWall;
  const auto results = store.submit({session}).value();
  BOOST_REQUIRE(results[0].record.has_value());
  BOOST_TEST((results[0].record->durable == session.durable));
  check_same(*results[0].record, *store.session(session.id));
}

BOOST_AUTO_TEST_CASE(a_submission_after_a_webhook_returns_the_session_with_its_wake_up_time) {
  OpenStore store(dir / "db");
  const NewSession session = new_session(random.id());
  store.store_webhook(without_wake_up(hint_of(session.id, "{}", kThen - std::chrono::seconds(9))));
  const auto results = store.submit({session}).value();
  BOOST_REQUIRE(results[0].record.has_value());
  BOOST_TEST((results[0].record->durable.hinted_at == kThen - std::chrono::seconds(9)));
  check_same(*results[0].record, *store.session(session.id));
}

BOOST_AUTO_TEST_CASE(a_submission_of_a_known_session_returns_it_only_when_that_was_asked_for) {
  OpenStore store(dir / "db");
  const NewSession session = new_session(random.id(), "first");
  store.submit({session});
  store.write(step_to(session, State::processing));
  NewSession plain = new_session(session.id, "second");
  NewSession returning = plain;
  returning.return_known = true;
  const auto results = store.submit({plain, returning}).value();
  BOOST_TEST(!results[0].accepted);
  BOOST_TEST(!results[0].record.has_value());
  BOOST_TEST(!results[1].accepted);
  BOOST_REQUIRE(results[1].record.has_value());
  BOOST_TEST(results[1].record->reference == "first");
  BOOST_TEST((results[1].record->durable.state == State::processing));
  BOOST_TEST(results[1].record->history.size() == 2U);
  check_same(*results[1].record, *store.session(session.id));
}

BOOST_AUTO_TEST_CASE(a_known_session_keeps_its_reference_when_submitted_again) {
  OpenStore store(dir / "db");
  const SessionId id = random.id();
  store.submit({new_session(id, "first")});
  const auto again = store.submit({new_session(id, "second")}).value();
  BOOST_TEST(!again[0].accepted);
  BOOST_TEST(store.session(id)->reference == "first");
}

BOOST_AUTO_TEST_CASE(an_id_that_occurs_twice_in_a_batch_is_accepted_once) {
  OpenStore store(dir / "db");
  const SessionId twice = random.id();
  const auto results =
      store.submit({new_session(twice), new_session(random.id()), new_session(twice)}).value();
  BOOST_TEST(results[0].accepted);
  BOOST_TEST(results[1].accepted);
  BOOST_TEST(!results[2].accepted);
  BOOST_TEST(gapless(store) == 2U);
}

BOOST_AUTO_TEST_CASE(seq_rises_without_gaps_over_batches_and_restarts) {
  std::uint64_t written = 0;
  for (int run = 0; run < 4; ++run) {
    OpenStore store(dir / "db");
    for (int batch = 0; batch < 5; ++batch) {
      std::vector<NewSession> sessions;
      for (std::uint64_t i = 0; i < 1 + random.below(300); ++i)
        sessions.push_back(new_session(random.id()));
      sessions.push_back(sessions.front());  // a duplicate must not use up a number
      written += sessions.size() - 1;
      store.submit(sessions);
      BOOST_TEST(store.write(step_to(sessions[0], State::in_progress))->seq == ++written);
    }
    BOOST_TEST(gapless(store) == written);
  }
}

BOOST_AUTO_TEST_CASE(a_write_without_a_transition_appends_no_event) {
  OpenStore store(dir / "db");
  const NewSession session = new_session(random.id());
  store.submit({session});
  SessionWrite write = step_to(session, State::in_progress);
  write.transition.reset();
  BOOST_TEST(!store.write(write).has_value());
  BOOST_TEST(gapless(store) == 1U);
}

BOOST_AUTO_TEST_CASE(a_write_to_an_erased_session_changes_nothing) {
  OpenStore store(dir / "db");
  const NewSession session = new_session(random.id());
  store.submit({session});
  store.erase(session.id);
  BOOST_TEST(!store.write(step_to(session, State::in_progress)).has_value());
  BOOST_TEST(!store.session(session.id).has_value());
}

BOOST_AUTO_TEST_CASE(a_write_for_an_erased_session_leaves_the_session_submitted_after_it_unchanged) {
  OpenStore store(dir / "db");
  const NewSession erased = new_session(random.id());
  NewSession next = erased;
  next.durable.submitted_at += Duration(1);
  store.submit({erased});
  store.erase(erased.id);
  store.submit({next});
  SessionWrite late = step_to(erased, State::completed);
  late.accounts = R"([{"id":"a"}])";
  late.payload(Call::session_status) = payload_of(random.bytes(90));
  const Written written = store.write_whole(late);
  BOOST_TEST(!written.record.has_value());
  BOOST_TEST(!written.event.has_value());
  const auto stored = store.session(next.id);
  BOOST_REQUIRE(stored.has_value());
  BOOST_TEST((stored->durable == next.durable));
  BOOST_TEST(stored->uploaded_accounts.empty());
  BOOST_TEST(stored->payloads.empty());
  BOOST_TEST(stored->history.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_write_returns_the_session_as_it_is_on_disk) {
  OpenStore store(dir / "db");
  const NewSession session = new_session(random.id(), "loan 7");
  store.submit({session});
  SessionWrite first = random.write_for(session);
  first.accounts = R"([{"id":"a"}])";
  first.payload(Call::session_status) = payload_of(random.bytes(90));
  first.evidence = Evidence{Call::upload_status, Wall(Duration(6000)), "upload_status", "COMPLETED", "s1"};
  first.last_error = LastError{"HTTP_503", "busy", Wall(Duration(7000))};
  const Written stored = store.write_whole(first);
  BOOST_REQUIRE(stored.record.has_value());
  BOOST_TEST(!stored.event.has_value());
  BOOST_TEST((stored.record->id == session.id));
  BOOST_TEST(stored.record->reference == "loan 7");
  BOOST_TEST((stored.record->durable == first.durable));
  BOOST_TEST(stored.record->uploaded_accounts == *first.accounts);
  BOOST_REQUIRE(stored.record->last_error.has_value());
  BOOST_TEST(stored.record->last_error->code == "HTTP_503");
  BOOST_REQUIRE(stored.record->evidence.has_value());
  BOOST_TEST((stored.record->evidence->call == Call::upload_status));
  BOOST_TEST(stored.record->evidence->field == "upload_status");
  BOOST_TEST(stored.record->evidence->value == "COMPLETED");
  BOOST_TEST(stored.record->evidence->statement == "s1");
  BOOST_TEST((stored.record->evidence->at == Wall(Duration(6000))));
  BOOST_TEST(stored.record->history.size() == 1U);
  check_same(*stored.record, *store.session(session.id));

  // What the second write leaves out is returned from the first, but the error, which it clears.
  SessionWrite second = random.write_for(session);
  second.payload(Call::insights) = payload_of(random.bytes(70));
  second.accounts = R"([{"id":"b"}])";
  second.accounts_from = Call::session_status;
  second.transition = random.transition();
  second.reason_code = "ACCESS_DENIED";
  const Written changed = store.write_whole(second);
  BOOST_REQUIRE(changed.record.has_value());
  BOOST_TEST((changed.record->durable == second.durable));
  BOOST_TEST(changed.record->uploaded_accounts == *first.accounts);
  BOOST_TEST(changed.record->processed_accounts == *second.accounts);
  BOOST_TEST(changed.record->evidence.has_value());
  BOOST_TEST(!changed.record->last_error.has_value());
  BOOST_REQUIRE(changed.record->payloads.size() == 2U);
  const auto is_info_of = [](const PayloadInfo& info, const Payload& payload) {
    return info.bytes == payload.bytes && info.sha256 == payload.sha256 &&
           info.fetched_at == payload.fetched_at;
  };
  BOOST_TEST((changed.record->payloads[0].kind == Call::session_status));
  BOOST_TEST(is_info_of(changed.record->payloads[0], *first.session_status));
  BOOST_TEST((changed.record->payloads[1].kind == Call::insights));
  BOOST_TEST(is_info_of(changed.record->payloads[1], *second.insights));
  BOOST_REQUIRE(changed.record->history.size() == 2U);
  BOOST_REQUIRE(changed.event.has_value());
  check_same(changed.record->history.back(), *changed.event);
  BOOST_TEST(changed.event->seq == 2U);
  BOOST_TEST((changed.event->id == session.id));
  BOOST_TEST(changed.event->reference == "loan 7");
  BOOST_TEST(changed.event->reason_code == "ACCESS_DENIED");
  BOOST_TEST((changed.event->transition.to == second.transition->to));
  check_same(*changed.record, *store.session(session.id));
}

BOOST_AUTO_TEST_CASE(writes_in_one_commit_return_the_session_each_with_what_it_wrote) {
  OpenStore store(dir / "db");
  const NewSession session = new_session(random.id());
  store.submit({session});
  std::vector<Written> written;
  for (const State to : {State::in_progress, State::processing, State::enriched})
    store.store->write(step_to(session, to),
                       [&](Committed, Written one) { written.push_back(std::move(one)); });
  BOOST_REQUIRE(store.loop.run_until([&] { return written.size() == 3; }));
  for (std::size_t i = 0; i < written.size(); ++i) {
    BOOST_REQUIRE(written[i].record.has_value());
    BOOST_TEST(written[i].record->history.size() == i + 2);
    BOOST_TEST((written[i].record->durable.state == written[i].event->transition.to));
  }
}

BOOST_AUTO_TEST_CASE(a_write_to_a_session_that_was_erased_meanwhile_returns_no_session) {
  OpenStore store(dir / "db");
  const NewSession session = new_session(random.id());
  store.submit({session});
  store.store->erase(session.id, [](const Result<std::optional<State>>&) {});
  const Written written = store.write_whole(step_to(session, State::in_progress));
  BOOST_TEST(!written.record.has_value());
  BOOST_TEST(!written.event.has_value());
  BOOST_TEST(store.events(0).events.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_payload_replaces_the_one_of_its_kind_and_is_read_back_unchanged) {
  const NewSession session = new_session(random.id());
  const auto newest = payload_of(random.bytes(700'000));
  {
    OpenStore store(dir / "db");
    store.submit({session});
    for (const auto& payload : {payload_of(random.bytes(90)), newest}) {
      SessionWrite write = step_to(session, State::processing);
      write.payload(Call::insights) = payload;
      store.write(write);
    }
  }
  OpenStore store(dir / "db");
  const auto payload = store.payload(session.id, Call::insights);
  BOOST_REQUIRE(payload.has_value());
  BOOST_TEST((payload->compressed == newest->compressed));
  BOOST_TEST(payload->bytes == newest->bytes);
  BOOST_TEST((payload->sha256 == newest->sha256));
  BOOST_TEST((payload->fetched_at == newest->fetched_at));
  BOOST_TEST(!store.payload(session.id, Call::session_status).has_value());
}

BOOST_AUTO_TEST_CASE(pages_list_every_session_in_order_of_submission) {
  OpenStore store(dir / "db");
  std::vector<NewSession> sessions;
  for (int i = 0; i < 25; ++i)
    sessions.push_back(new_session(random.id(), i % 2 == 0 ? "even" : "odd"));
  store.submit(sessions);
  std::vector<SessionId> seen;
  SessionQuery query;
  query.limit = 4;
  query.reference = "even";
  do {
    const SessionPage page = store.sessions(query);
    for (const SessionRecord& record : page.sessions)
      seen.push_back(record.id);
    query.after = page.next;
  } while (query.after != 0);
  std::vector<SessionId> expected;
  for (std::size_t i = 0; i < sessions.size(); i += 2)
    expected.push_back(sessions[i].id);
  BOOST_TEST((seen == expected));
}

BOOST_AUTO_TEST_CASE(a_cursor_beyond_the_last_session_gives_an_empty_page) {
  OpenStore store(dir / "db");
  store.submit({new_session(random.id())});
  SessionQuery query;
  query.after = UINT64_MAX;
  BOOST_TEST(store.sessions(query).sessions.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
