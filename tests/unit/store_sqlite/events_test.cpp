// Reading the event log in pages, and what erasure and retention do to it.
#include <boost/test/unit_test.hpp>

#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/random_values.hpp"

namespace bankconnect::test {
namespace {

/// A store with sessions that were submitted an hour apart.
struct Sessions {
  Sessions() : store(dir / "db") {}

  void submit(int count) {
    for (int i = 0; i < count; ++i) {
      NewSession session = new_session(random.id(), "ref");
      session.durable.submitted_at = session.durable.since = session.transition.at =
          session.durable.since + std::chrono::hours(sessions.size());
      store.submit({session});
      sessions.push_back(session);
    }
  }
  /// All sessions become final at the time of their submission.
  void finish_all() {
    for (const NewSession& session : sessions)
      store.write(step_to(session, State::enriched, true));
  }
  Wall hour(int number) { return sessions[0].durable.since + std::chrono::hours(number); }

  TempDir dir;
  OpenStore store;
  Random random{3};
  std::vector<NewSession> sessions;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(events, Sessions)

BOOST_AUTO_TEST_CASE(events_are_read_from_after_a_seq_up_to_a_limit) {
  submit(10);
  const EventPage page = store.events(4, 3);
  BOOST_REQUIRE(page.events.size() == 3U);
  BOOST_TEST(page.events[0].seq == 5U);
  BOOST_TEST(page.events[2].seq == 7U);
  BOOST_TEST((page.events[0].id == sessions[4].id));
  BOOST_TEST(page.events[0].reference == "ref");
}

BOOST_AUTO_TEST_CASE(a_reader_at_the_end_of_the_log_gets_an_empty_page_that_is_not_gone) {
  submit(3);
  for (const std::uint64_t after : {std::uint64_t{3}, std::uint64_t{1000}, UINT64_MAX}) {
    const EventPage page = store.events(after);
    BOOST_TEST(page.events.empty());
    BOOST_TEST(!page.gone);
  }
}

BOOST_AUTO_TEST_CASE(an_empty_event_log_is_not_gone) {
  BOOST_TEST(!store.events(0).gone);
}

BOOST_AUTO_TEST_CASE(events_of_an_erased_session_keep_their_seq_and_are_blank) {
  submit(3);
  store.write(step_to(sessions[1], State::failed, true));
  store.erase(sessions[1].id);
  const EventPage page = store.events(0);
  BOOST_REQUIRE(page.events.size() == 4U);
  for (const std::size_t blank : {1U, 3U}) {
    BOOST_TEST(page.events[blank].erased);
    BOOST_TEST(page.events[blank].seq == blank + 1);
    BOOST_TEST((page.events[blank].id == SessionId{}));
    BOOST_TEST(page.events[blank].reference.empty());
  }
  BOOST_TEST(!page.events[2].erased);
}

BOOST_AUTO_TEST_CASE(erasing_an_unknown_session_returns_no_state) {
  BOOST_TEST(!store.erase(random.id()).value().has_value());
}

BOOST_AUTO_TEST_CASE(erasing_a_session_returns_its_last_state) {
  submit(1);
  store.write(step_to(sessions[0], State::processing));
  BOOST_TEST((store.erase(sessions[0].id).value() == State::processing));
}

BOOST_AUTO_TEST_CASE(retention_erases_final_sessions_and_drops_the_oldest_events) {
  submit(10);
  finish_all();
  const Swept swept = store.sweep(hour(4), 100);
  BOOST_TEST(swept.erased.size() == 4U);
  BOOST_TEST((swept.erased[0] == std::pair{sessions[0].id, State::enriched}));
  BOOST_TEST(swept.events_dropped == 4U);
  BOOST_TEST(!swept.more);
  BOOST_TEST(!store.session(sessions[3].id).has_value());
  BOOST_TEST(store.session(sessions[4].id).has_value());
}

BOOST_AUTO_TEST_CASE(a_reader_behind_retention_gets_gone_and_the_oldest_seq) {
  submit(10);
  finish_all();
  store.sweep(hour(4), 100);
  const EventPage page = store.events(3);
  BOOST_TEST(page.gone);
  BOOST_TEST(page.oldest == 5U);
  BOOST_TEST(!store.events(4).gone);
}

BOOST_AUTO_TEST_CASE(retention_spares_live_sessions_and_their_events) {
  submit(3);
  const Swept swept = store.sweep(hour(1000), 100);
  BOOST_TEST(swept.erased.empty());
  BOOST_TEST(swept.events_dropped == 0U);
}

BOOST_AUTO_TEST_CASE(a_sweep_erases_at_most_its_limit_and_reports_that_there_is_more) {
  submit(10);
  finish_all();
  Swept swept = store.sweep(hour(1000), 4);
  BOOST_TEST(swept.erased.size() == 4U);
  BOOST_TEST(swept.more);
  std::size_t erased = swept.erased.size();
  while (swept.more) {
    swept = store.sweep(hour(1000), 4);
    erased += swept.erased.size();
  }
  BOOST_TEST(erased == 10U);
}

BOOST_AUTO_TEST_CASE(seq_continues_after_every_event_was_dropped) {
  submit(2);
  finish_all();
  store.sweep(hour(1000), 100);
  const EventPage empty = store.events(4);
  BOOST_TEST(empty.events.empty());
  BOOST_TEST(!empty.gone);
  BOOST_TEST(store.events(3).gone);
  submit(1);
  BOOST_TEST(store.events(4).events.at(0).seq == 5U);
  BOOST_TEST(store.facts().last_event_seq == 5U);
}

BOOST_AUTO_TEST_CASE(the_log_keeps_its_name_across_restarts_and_a_started_copy_has_another) {
  const TempDir folder;
  std::string name;
  {
    OpenStore opened(folder / "db");
    name = opened.events(0).log_id;
    BOOST_TEST(name.size() == 32U);
    BOOST_TEST(!opened.backup(folder / "copy").has_error());
  }
  BOOST_TEST(OpenStore(folder / "db").events(0).log_id == name);
  const std::string copied = OpenStore(folder / "copy").events(0).log_id;
  BOOST_TEST(copied != name);
  BOOST_TEST(OpenStore(folder / "copy").events(0).log_id == copied);
}

BOOST_AUTO_TEST_CASE(a_session_shows_its_newest_hundred_events_and_lists_show_none) {
  const TempDir folder;
  OpenStore opened(folder / "db");
  const NewSession session = new_session(Random(3).id());
  opened.submit({session});
  for (int i = 0; i < 120; ++i) {
    SessionWrite write;
    write.id = session.id;
    write.durable = session.durable;
    write.transition = session.transition;
    opened.write_whole(std::move(write));
  }
  const SessionRecord record = *opened.session(session.id);
  BOOST_TEST(record.history.size() == 100U);
  BOOST_TEST(record.history.front().seq == 22U);
  BOOST_TEST(record.history.back().seq == 121U);
  BOOST_TEST(record.more_history);
  BOOST_TEST(opened.sessions({}).sessions.at(0).history.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
