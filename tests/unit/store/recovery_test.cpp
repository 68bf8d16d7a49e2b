// A restart finds exactly what was written.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <map>

#include "tests/unit/store/open_store.hpp"
#include "tests/unit/store/random_values.hpp"

namespace bankconnect::test {
namespace {

struct Expected {
  Kept kept;
  std::optional<LastError> error;
  std::string reference;
};

bool same(const std::optional<LastError>& a, const std::optional<LastError>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->code == b->code && a->message == b->message && a->at == b->at;
}

/// Random sessions, half of them changed once more.
std::map<SessionId, Expected> populate(OpenStore& store, Random& random, int count) {
  std::map<SessionId, Expected> expected;
  for (int i = 0; i < count; ++i) {
    const NewSession session = random.session();
    store.submit({session});
    expected[session.id] = {session.kept, {}, session.reference};
    if (random.chance()) continue;
    SessionWrite write;
    write.id = session.id;
    write.kept = random.kept();
    if (random.chance())
      write.last_error = LastError{random.letters(5), random.letters(random.below(30)), random.wall()};
    if (random.chance()) write.transition = random.transition();
    store.write(write);
    expected[session.id].kept = write.kept;
    expected[session.id].error = write.last_error;
  }
  return expected;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(recovery)

BOOST_DATA_TEST_CASE(every_live_session_comes_back_field_by_field, boost::unit_test::data::make({1, 2, 3}),
                     seed) {
  const TempDir dir;
  Random random(static_cast<std::uint64_t>(seed));
  std::map<SessionId, Expected> expected;
  {
    OpenStore store(dir / "db");
    expected = populate(store, random, 150);
  }
  std::erase_if(expected, [](const auto& entry) { return entry.second.kept.final; });
  OpenStore store(dir / "db");
  std::map<SessionId, SessionRecord> recovered;
  store.store->recover([&](const SessionRecord& record) { recovered[record.id] = record; });
  BOOST_REQUIRE(recovered.size() == expected.size());
  for (const auto& [id, what] : expected) {
    BOOST_REQUIRE(recovered.contains(id));
    BOOST_TEST((recovered[id].kept == what.kept));
    BOOST_TEST(same(recovered[id].last_error, what.error));
    BOOST_TEST(recovered[id].reference == what.reference);
  }
}

BOOST_AUTO_TEST_CASE(states_are_counted_as_stored) {
  const TempDir dir;
  Random random(5);
  std::array<std::uint64_t, kAllStates.size()> expected{};
  {
    OpenStore store(dir / "db");
    for (const auto& [id, what] : populate(store, random, 100))
      ++expected[static_cast<std::size_t>(what.kept.state)];
  }
  OpenStore store(dir / "db");
  BOOST_TEST((store.store->count_states() == expected));
}

BOOST_AUTO_TEST_CASE(sessions_come_back_in_order_of_submission) {
  const TempDir dir;
  Random random(6);
  std::vector<SessionId> expected;
  {
    OpenStore store(dir / "db");
    for (int i = 0; i < 50; ++i) {
      NewSession session = new_session(random.id());
      session.kept.submitted_at += std::chrono::seconds(i);
      store.submit({session});
      expected.push_back(session.id);
    }
  }
  OpenStore store(dir / "db");
  std::vector<SessionId> recovered;
  store.store->recover([&](const SessionRecord& record) { recovered.push_back(record.id); });
  BOOST_TEST((recovered == expected));
}

BOOST_AUTO_TEST_CASE(history_comes_back_with_every_field) {
  const TempDir dir;
  Random random(8);
  const NewSession session = random.session();
  std::vector<Transition> expected{session.transition};
  {
    OpenStore store(dir / "db");
    store.submit({session});
    for (int i = 0; i < 20; ++i) {
      SessionWrite write;
      write.id = session.id;
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

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
