// What is handed in and written is there, in order, also after the store was closed and opened again.
#include <boost/test/unit_test.hpp>

#include "tests/unit/store/open_store.hpp"
#include "tests/unit/store/random_values.hpp"

namespace bankconnect::test {
namespace {

/// Whether the log's events rise by one from 1 on; how many they are.
std::uint64_t gapless(OpenStore& store) {
  std::uint64_t seen = 0;
  for (;;) {
    const EventPage page = store.events(seen);
    if (page.events.empty()) return seen;
    for (const EventRecord& event : page.events)
      BOOST_REQUIRE(event.seq == ++seen);
  }
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
  BOOST_TEST(results[0].event.seq == 1U);
  BOOST_TEST((results[0].event.id == session.id));
  BOOST_TEST(results[0].event.reference == "loan 7");
}

BOOST_AUTO_TEST_CASE(a_session_followed_already_keeps_its_reference) {
  OpenStore store(dir / "db");
  const SessionId id = random.id();
  store.submit({new_session(id, "first")});
  const auto again = store.submit({new_session(id, "second")}).value();
  BOOST_TEST(!again[0].accepted);
  BOOST_TEST(store.session(id)->reference == "first");
}

BOOST_AUTO_TEST_CASE(an_id_twice_in_a_batch_is_accepted_once) {
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

BOOST_AUTO_TEST_CASE(a_write_without_a_transition_makes_no_event) {
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

BOOST_AUTO_TEST_CASE(a_payload_comes_back_as_it_was_and_the_newest_counts) {
  const NewSession session = new_session(random.id());
  const auto newest = payload_of(random.bytes(700'000));
  {
    OpenStore store(dir / "db");
    store.submit({session});
    for (const auto& payload : {payload_of(random.bytes(90)), newest}) {
      SessionWrite write = step_to(session, State::processing);
      write.payload = payload;
      write.payload_kind = Call::insights;
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

BOOST_AUTO_TEST_CASE(pages_of_sessions_lead_through_all_of_them_in_order) {
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

BOOST_AUTO_TEST_CASE(a_cursor_beyond_every_session_finds_none) {
  OpenStore store(dir / "db");
  store.submit({new_session(random.id())});
  SessionQuery query;
  query.after = UINT64_MAX;
  BOOST_TEST(store.sessions(query).sessions.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
