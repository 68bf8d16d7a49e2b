// A restart finds exactly what was written, before the store answers anything.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <map>

#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/random_values.hpp"

namespace bankconnect::test {
namespace {

struct Expected {
  Durable durable;
  std::optional<LastError> error;
  std::string reference;
};

bool same(const std::optional<LastError>& a, const std::optional<LastError>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->code == b->code && a->message == b->message && a->at == b->at;
}

/// Submits random sessions and writes half of them again.
std::map<SessionId, Expected> populate(OpenStore& store, Random& random, int count) {
  std::map<SessionId, Expected> expected;
  for (int i = 0; i < count; ++i) {
    const NewSession session = random.session();
    store.submit({session});
    expected[session.id] = {session.durable, {}, session.reference};
    if (random.chance()) continue;
    SessionWrite write = random.write_for(session);
    if (random.chance())
      write.last_error = LastError{random.letters(5), random.letters(random.below(30)), random.wall()};
    if (random.chance()) write.transition = random.transition();
    store.write(write);
    expected[session.id].durable = write.durable;
    expected[session.id].error = write.last_error;
  }
  return expected;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(recovery)

BOOST_DATA_TEST_CASE(every_session_with_calls_to_make_is_recovered_field_by_field,
                     boost::unit_test::data::make({1, 2, 3}), seed) {
  const TempDir dir;
  Random random(static_cast<std::uint64_t>(seed));
  std::map<SessionId, Expected> expected;
  {
    OpenStore store(dir / "db");
    expected = populate(store, random, 150);
  }
  std::erase_if(expected, [](const auto& entry) { return !has_calls(entry.second.durable); });
  const OpenStore store(dir / "db");
  std::map<SessionId, SessionRecord> recovered;
  for (const SessionRecord& record : store.recovered)
    recovered[record.id] = record;
  BOOST_REQUIRE(recovered.size() == expected.size());
  for (const auto& [id, what] : expected) {
    BOOST_REQUIRE(recovered.contains(id));
    BOOST_TEST((recovered[id].durable == what.durable));
    BOOST_TEST(same(recovered[id].last_error, what.error));
    BOOST_TEST(recovered[id].reference == what.reference);
  }
}

BOOST_AUTO_TEST_CASE(recovery_counts_the_sessions_in_each_state) {
  const TempDir dir;
  Random random(5);
  StateCounts expected{};
  {
    OpenStore store(dir / "db");
    for (const auto& [id, what] : populate(store, random, 100))
      ++expected[static_cast<std::size_t>(what.durable.state)];
  }
  const OpenStore store(dir / "db");
  BOOST_TEST((store.counts == expected));
}

BOOST_AUTO_TEST_CASE(live_sessions_are_recovered_in_order_of_submission) {
  const TempDir dir;
  Random random(6);
  std::vector<SessionId> expected;
  {
    OpenStore store(dir / "db");
    for (int i = 0; i < 50; ++i) {
      NewSession session = new_session(random.id());
      session.durable.submitted_at += std::chrono::seconds(i);
      store.submit({session});
      expected.push_back(session.id);
    }
  }
  const OpenStore store(dir / "db");
  std::vector<SessionId> recovered;
  for (const SessionRecord& record : store.recovered)
    recovered.push_back(record.id);
  BOOST_TEST((recovered == expected));
}

BOOST_AUTO_TEST_CASE(history_is_read_back_with_every_field_after_a_restart) {
  const TempDir dir;
  Random random(8);
  const NewSession session = random.session();
  std::vector<Transition> expected{session.transition};
  {
    OpenStore store(dir / "db");
    store.submit({session});
    for (int i = 0; i < 20; ++i) {
      SessionWrite write = random.write_for(session);
      write.transition = random.transition();
      expected.push_back(*write.transition);
      store.write(write);
    }
  }
  OpenStore store(dir / "db");
  const auto history = store.session(session.id)->history;
  BOOST_REQUIRE(history.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const Transition& t = history[i].transition;
    const Transition& e = expected[i];
    BOOST_TEST((t.from == e.from && t.to == e.to && t.cause == e.cause && t.trigger == e.trigger &&
                t.final == e.final));
    BOOST_TEST((t.outcome == e.outcome && t.reason == e.reason && t.at == e.at));
  }
}

BOOST_AUTO_TEST_CASE(the_clock_snapshot_is_recovered_and_a_new_store_has_none) {
  const TempDir dir;
  const ClockSnapshot saved{as_elapsed(Wall(Duration(5))), Wall(Duration(6)), Duration(7)};
  {
    OpenStore store(dir / "db");
    BOOST_TEST(!store.clock.has_value());
    const auto result = store.wait<Result<void>>([&](auto done) { store.store->save_clock(saved, done); });
    BOOST_TEST(result.has_value());
  }
  const OpenStore store(dir / "db");
  BOOST_REQUIRE(store.clock.has_value());
  BOOST_TEST((store.clock->elapsed == saved.elapsed && store.clock->wall == saved.wall));
  BOOST_TEST((store.clock->boot == saved.boot));
}

/// A store whose recovery still exists.
struct Recovering {
  Recovering() {
    SqliteOptions options;
    options.path = dir / "db";
    options.post = [this](std::function<void()> work) { loop.post(std::move(work)); };
    auto result = open_sqlite_store(std::move(options));
    if (result.has_error()) throw std::runtime_error(result.error().message);
    opened = std::move(*result);
  }

  TempDir dir;
  Random random{9};
  const NewSession session = new_session(random.id());
  Loop loop;
  OpenedSqliteStore opened;
};

BOOST_FIXTURE_TEST_CASE(what_is_asked_while_recovery_exists_is_answered_after_its_destruction, Recovering) {
  Store& store = *opened.store;
  std::vector<std::string> answered;
  store.submit({session}, [&](const Result<std::vector<Submitted>>& result) {
    BOOST_TEST(result.value().at(0).accepted);
    answered.emplace_back("submit");
  });
  store.write(step_to(session, State::in_progress), [&](Committed, const Written& written) {
    BOOST_TEST(written.record.has_value());
    answered.emplace_back("write");
  });
  store.check_writable([&](const Result<void>& result) {
    BOOST_TEST(result.has_value());
    answered.emplace_back("check_writable");
  });
  store.load(session.id, [&](const Result<std::optional<SessionRecord>>& result) {
    BOOST_TEST((result.value()->durable.state == State::in_progress));
    answered.emplace_back("load");
  });
  bool facts = false;
  store.facts([&](const Result<StoreFacts>& result) { facts = result.has_value(); });
  opened.store->backup(dir / "copy", [&](const Result<void>& result) {
    BOOST_TEST(result.has_value());
    answered.emplace_back("backup");
  });
  BOOST_TEST(!loop.run_until([&] { return !answered.empty(); }, std::chrono::milliseconds(200)));
  BOOST_TEST((opened.recovery->count_states() == StateCounts{}));
  opened.recovery->each_live([](const SessionRecord&) { BOOST_ERROR("nothing was written yet"); });

  BOOST_TEST(!facts);
  opened.recovery.reset();
  BOOST_TEST(loop.run_until([&] { return facts && answered.size() == 5; }));
  const std::vector<std::string> in_order{"submit", "write", "check_writable", "load", "backup"};
  BOOST_TEST(answered == in_order, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(what_was_asked_while_recovery_existed_is_on_disk_after_closing, Recovering) {
  opened.store->submit({session}, [](const Result<std::vector<Submitted>>&) {});
  opened.recovery.reset();
  opened.store.reset();
  const OpenStore again(dir / "db");
  BOOST_REQUIRE(again.recovered.size() == 1U);
  BOOST_TEST((again.recovered[0].id == session.id));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
