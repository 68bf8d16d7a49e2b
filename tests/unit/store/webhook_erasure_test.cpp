// A session's webhooks go with it: from the list, and from the files.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/store/open_store.hpp"
#include "tests/unit/store/traces.hpp"
#include "tests/unit/store/webhooks.hpp"

namespace bankconnect::test {
namespace {

/// Sessions with webhooks of every size, some of which came before the session did.
class Told {
 public:
  Told(OpenStore& store, std::uint64_t seed) : store_(store), random_(seed) {}

  NewSession session() {
    const NewSession session = new_session(random_.id());
    const std::size_t early = random_.below(3);
    webhooks(session.id, early);
    store_.submit({session});
    webhooks(session.id, 1 + random_.below(140));
    return session;
  }
  void webhooks(const SessionId& id, std::size_t count) {
    std::vector<HintWrite> writes;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t size = random_.below(20) == 0 ? random_.below(300'000) : 8 + random_.below(3000);
      Hint hint = hint_of(id, random_.bytes(size));
      hint.event_name = random_.letters(8 + random_.below(90));
      traces_[id].push_back({"body", hint.body});
      traces_[id].push_back({"event name", hint.event_name});
      traces_[id].push_back({"hash", std::string(hint.sha256.begin(), hint.sha256.end())});
      writes.push_back(alone(std::move(hint)));
      if (random_.below(10) == 0) writes.push_back(writes.back());
    }
    traces_[id].push_back({"id", std::string(id.bytes.begin(), id.bytes.end())});
    store_.take_hints(std::move(writes));
  }
  const std::vector<Trace>& traces(const SessionId& id) const { return traces_.at(id); }

 private:
  OpenStore& store_;
  Random random_;
  std::map<SessionId, std::vector<Trace>> traces_;
};

void check_gone(const std::string& path, const std::vector<Trace>& gone) {
  const auto found = Search(path).find(gone);
  BOOST_TEST(found.empty(), first_few(found));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(webhook_erasure)

BOOST_AUTO_TEST_CASE(a_webhook_that_is_kept_can_be_found) {
  const TempDir dir;
  OpenStore store(dir / "db");
  Told told(store, 1);
  const NewSession session = told.session();
  BOOST_TEST(Search(dir / "db").find(told.traces(session.id)).size() >= 3U);
}

BOOST_AUTO_TEST_CASE(an_erased_session_has_no_webhooks_and_others_keep_theirs) {
  const TempDir dir;
  OpenStore store(dir / "db");
  Told told(store, 2);
  const NewSession gone = told.session();
  const NewSession stays = told.session();
  HintQuery of_the_other;
  of_the_other.id = stays.id;
  const std::size_t before = store.all_hints(of_the_other).size();
  store.erase(gone.id);
  HintQuery query;
  query.id = gone.id;
  BOOST_TEST(store.all_hints(query).empty());
  BOOST_TEST(store.all_hints(of_the_other).size() == before);
}

BOOST_DATA_TEST_CASE(no_byte_of_an_erased_sessions_webhooks_is_left_in_the_files,
                     boost::unit_test::data::make({3, 4, 5}), seed) {
  const TempDir dir;
  OpenStore store(dir / "db");
  Told told(store, static_cast<std::uint64_t>(seed));
  std::vector<NewSession> sessions;
  for (int i = 0; i < 12; ++i)
    sessions.push_back(told.session());
  std::vector<Trace> gone;
  for (std::size_t i = 0; i < sessions.size(); i += 2) {
    store.erase(sessions[i].id);
    const auto& traces = told.traces(sessions[i].id);
    gone.insert(gone.end(), traces.begin(), traces.end());
    check_gone(dir / "db", gone);
  }
  // What the cache holds of earlier pages must not come back with later webhooks.
  for (int i = 0; i < 4; ++i)
    told.session();
  check_gone(dir / "db", gone);
}

BOOST_AUTO_TEST_CASE(no_byte_is_left_of_a_session_whose_webhooks_came_long_before_it) {
  const TempDir dir;
  OpenStore store(dir / "db");
  Told told(store, 6);
  const SessionId id = Random(60).id();
  told.webhooks(id, 130);
  told.session();
  store.submit({new_session(id)});
  store.erase(id);
  check_gone(dir / "db", told.traces(id));
}

BOOST_AUTO_TEST_CASE(no_byte_is_left_of_what_was_kept_for_a_session_nobody_submitted) {
  const TempDir dir;
  OpenStore store(dir / "db");
  Told told(store, 8);
  const SessionId id = Random(80).id();
  told.webhooks(id, 20);
  BOOST_TEST(!store.erase(id).value().has_value());
  BOOST_TEST(store.all_hints().empty());
  check_gone(dir / "db", told.traces(id));
}

BOOST_AUTO_TEST_CASE(no_byte_is_left_of_webhooks_that_retention_erased) {
  const TempDir dir;
  OpenStore store(dir / "db");
  Told told(store, 7);
  std::vector<Trace> gone;
  for (int i = 0; i < 10; ++i) {
    const NewSession session = told.session();
    if (i % 2 == 0) continue;
    store.write(step_to(session, State::failed, true));
    told.webhooks(session.id, 2);
    const auto& traces = told.traces(session.id);
    gone.insert(gone.end(), traces.begin(), traces.end());
  }
  const Swept swept = store.sweep(kThen + std::chrono::seconds(1), 1000);
  BOOST_REQUIRE(swept.erased.size() == 5U);
  HintQuery recorded;
  recorded.result = HintResult::recorded;
  BOOST_TEST(store.all_hints(recorded).empty());
  check_gone(dir / "db", gone);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
