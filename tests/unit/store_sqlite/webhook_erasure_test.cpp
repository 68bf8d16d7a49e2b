// A session's webhooks are erased with it, from the list and from the files.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/traces.hpp"
#include "tests/unit/store_sqlite/webhooks.hpp"

namespace bankconnect::test {
namespace {

/// Submits sessions with webhooks of every size, some stored before the submission, and keeps their traces.
class SessionsWithWebhooks {
 public:
  SessionsWithWebhooks(OpenStore& store, std::uint64_t seed) : store_(store), random_(seed) {}

  NewSession submit_one() {
    const NewSession session = new_session(random_.id());
    const std::size_t early = random_.below(3);
    store_webhooks(session.id, early);
    store_.submit({session});
    store_webhooks(session.id, 1 + random_.below(140));
    return session;
  }
  void store_webhooks(const SessionId& id, std::size_t count) {
    std::vector<WebhookWrite> writes;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t size = random_.below(20) == 0 ? random_.below(300'000) : 8 + random_.below(3000);
      Webhook webhook = hint_of(id, random_.bytes(size));
      webhook.event_name = random_.letters(8 + random_.below(90));
      traces_[id].push_back({"body", webhook.body});
      traces_[id].push_back({"event name", webhook.event_name});
      traces_[id].push_back({"hash", std::string(webhook.sha256.begin(), webhook.sha256.end())});
      writes.push_back(without_wake_up(std::move(webhook)));
      if (random_.below(10) == 0) writes.push_back(writes.back());
    }
    traces_[id].push_back({"id", std::string(id.bytes.begin(), id.bytes.end())});
    store_.store_webhooks(std::move(writes));
  }
  const std::vector<Trace>& traces(const SessionId& id) const { return traces_.at(id); }

 private:
  OpenStore& store_;
  Random random_;
  std::map<SessionId, std::vector<Trace>> traces_;
};

void check_none_left(const std::string& path, const std::vector<Trace>& erased) {
  const auto found = Search(path).find(erased);
  BOOST_TEST(found.empty(), first_few(found));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(webhook_erasure)

BOOST_AUTO_TEST_CASE(the_search_finds_the_traces_of_stored_webhooks) {
  const TempDir dir;
  OpenStore store(dir / "db");
  SessionsWithWebhooks population(store, 1);
  const NewSession session = population.submit_one();
  BOOST_TEST(Search(dir / "db").find(population.traces(session.id)).size() >= 3U);
}

BOOST_AUTO_TEST_CASE(an_erased_session_has_no_webhooks_and_others_keep_theirs) {
  const TempDir dir;
  OpenStore store(dir / "db");
  SessionsWithWebhooks population(store, 2);
  const NewSession erased = population.submit_one();
  const NewSession stays = population.submit_one();
  WebhookQuery of_the_other;
  of_the_other.id = stays.id;
  const std::size_t before = store.all_webhooks(of_the_other).size();
  store.erase(erased.id);
  WebhookQuery query;
  query.id = erased.id;
  BOOST_TEST(store.all_webhooks(query).empty());
  BOOST_TEST(store.all_webhooks(of_the_other).size() == before);
}

BOOST_DATA_TEST_CASE(no_byte_of_an_erased_sessions_webhooks_is_left_in_the_files,
                     boost::unit_test::data::make({3, 4, 5}), seed) {
  const TempDir dir;
  OpenStore store(dir / "db");
  SessionsWithWebhooks population(store, static_cast<std::uint64_t>(seed));
  std::vector<NewSession> sessions;
  for (int i = 0; i < 12; ++i)
    sessions.push_back(population.submit_one());
  std::vector<Trace> erased;
  for (std::size_t i = 0; i < sessions.size(); i += 2) {
    store.erase(sessions[i].id);
    const auto& traces = population.traces(sessions[i].id);
    erased.insert(erased.end(), traces.begin(), traces.end());
    check_none_left(dir / "db", erased);
  }
  // Old pages in the cache must not come back with later writes.
  for (int i = 0; i < 4; ++i)
    population.submit_one();
  check_none_left(dir / "db", erased);
}

BOOST_AUTO_TEST_CASE(no_byte_is_left_of_webhooks_that_came_before_their_erased_session) {
  const TempDir dir;
  OpenStore store(dir / "db");
  SessionsWithWebhooks population(store, 6);
  const SessionId id = Random(60).id();
  population.store_webhooks(id, 130);
  population.submit_one();
  store.submit({new_session(id)});
  store.erase(id);
  check_none_left(dir / "db", population.traces(id));
}

BOOST_AUTO_TEST_CASE(no_byte_is_left_of_erased_unclaimed_webhooks) {
  const TempDir dir;
  OpenStore store(dir / "db");
  SessionsWithWebhooks population(store, 8);
  const SessionId id = Random(80).id();
  population.store_webhooks(id, 20);
  BOOST_TEST(!store.erase(id).value().has_value());
  BOOST_TEST(store.all_webhooks().empty());
  check_none_left(dir / "db", population.traces(id));
}

BOOST_AUTO_TEST_CASE(no_byte_is_left_of_webhooks_that_retention_erased) {
  const TempDir dir;
  OpenStore store(dir / "db");
  SessionsWithWebhooks population(store, 7);
  std::vector<Trace> erased;
  for (int i = 0; i < 10; ++i) {
    const NewSession session = population.submit_one();
    if (i % 2 == 0) continue;
    store.write(step_to(session, State::failed, true));
    population.store_webhooks(session.id, 2);
    const auto& traces = population.traces(session.id);
    erased.insert(erased.end(), traces.begin(), traces.end());
  }
  const Swept swept = store.sweep(kThen + std::chrono::seconds(1), 1000);
  BOOST_REQUIRE(swept.erased.size() == 5U);
  WebhookQuery recorded;
  recorded.result = WebhookResult::recorded;
  BOOST_TEST(store.all_webhooks(recorded).empty());
  check_none_left(dir / "db", erased);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
