// Erased sessions leave the tables and the files.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/random_values.hpp"
#include "tests/unit/store_sqlite/traces.hpp"

namespace bankconnect::test {
namespace {

struct Stored {
  NewSession session;
  std::vector<Trace> traces;
};

/// Sessions whose rows grow and shrink, with the traces they left.
class Population {
 public:
  Population(OpenStore& store, std::uint64_t seed) : store_(store), random_(seed) {}

  void submit(std::size_t count) {
    std::vector<NewSession> batch;
    for (std::size_t i = 0; i < count; ++i) {
      Stored one{new_session(random_.id(), random_.letters(8 + random_.below(190))), {}};
      one.traces.push_back({"id", std::string(one.session.id.bytes.begin(), one.session.id.bytes.end())});
      one.traces.push_back({"id as text", one.session.id.text()});
      one.traces.push_back({"reference", one.session.reference});
      batch.push_back(one.session);
      sessions.push_back(std::move(one));
    }
    store_.submit(std::move(batch));
  }

  /// Writes a transition of a random session: its row grows or shrinks, and may get payloads.
  void change(std::size_t largest_payload) {
    Stored& one = sessions[random_.below(sessions.size())];
    SessionWrite write = step_to(one.session, random_.any(State::processing));
    write.reason_code = random_.letters(20);
    write.last_error =
        LastError{random_.letters(16), random_.letters(random_.below(300)), write.durable.since};
    one.traces.push_back({"reason code", write.reason_code});
    one.traces.push_back({"error code", write.last_error->code});
    one.traces.push_back({"error message", write.last_error->message});
    if (random_.chance()) {
      write.accounts = random_.letters(random_.below(3000));
      one.traces.push_back({"accounts", *write.accounts});
    }
    if (random_.chance()) {
      write.payload(random_.chance() ? Call::session_status : Call::insights) =
          payload_of(random_.bytes(100 + random_.below(random_.below(8) == 0 ? largest_payload : 2000)));
      one.traces.push_back({"payload", (write.insights ? write.insights : write.session_status)->compressed});
    }
    store_.store->write(std::move(write), [this](Committed, const Written&) { ++written_; });
    ++writing_;
    if (writing_ % 20 == 0) settle();
  }

  void settle() {
    store_.loop.run_until([this] { return written_ == writing_; });
  }

  /// Removes a random session from the population and returns it.
  Stored take() {
    std::swap(sessions[random_.below(sessions.size())], sessions.back());
    Stored one = std::move(sessions.back());
    sessions.pop_back();
    return one;
  }

  std::vector<Stored> sessions;

 private:
  OpenStore& store_;
  Random random_;
  std::uint64_t writing_ = 0;
  std::uint64_t written_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(erasure)

BOOST_AUTO_TEST_CASE(the_search_finds_the_traces_of_a_stored_session) {
  const TempDir dir;
  OpenStore store(dir / "db");
  Population population(store, 1);
  population.submit(3);
  BOOST_TEST(Search(dir / "db").find(population.sessions[0].traces).size() >= 2U);
}

BOOST_DATA_TEST_CASE(nothing_of_an_erased_session_is_left_in_the_files,
                     boost::unit_test::data::make({1, 2, 3, 4}), seed) {
  const TempDir dir;
  OpenStore store(dir / "db");
  Population population(store, static_cast<std::uint64_t>(seed));
  std::vector<Trace> erased;
  for (int round = 0; round < 4; ++round) {
    population.submit(120);
    for (int i = 0; i < 200; ++i)
      population.change(round == 0 ? 1'000'000 : 50'000);
    population.settle();
    for (int i = 0; i < 40; ++i) {
      Stored one = population.take();
      BOOST_REQUIRE(store.erase(one.session.id).value().has_value());
      erased.insert(erased.end(), one.traces.begin(), one.traces.end());
    }
    const auto found = Search(dir / "db").find(erased);
    BOOST_TEST(found.empty(), "after erasing, round " << round << ": " << first_few(found));
  }
  // Old pages in the cache must not come back with later writes.
  population.submit(200);
  for (int i = 0; i < 200; ++i)
    population.change(5'000);
  population.settle();
  const auto found = Search(dir / "db").find(erased);
  BOOST_TEST(found.empty(), "after later writes: " << first_few(found));
}

BOOST_AUTO_TEST_CASE(nothing_of_a_session_past_retention_is_left_in_the_files) {
  const TempDir dir;
  OpenStore store(dir / "db");
  Population population(store, 99);
  population.submit(300);
  for (int i = 0; i < 300; ++i)
    population.change(20'000);
  population.settle();
  std::vector<Trace> erased;
  for (int i = 0; i < 100; ++i) {
    Stored one = population.take();
    store.write(step_to(one.session, State::failed, true));
    erased.insert(erased.end(), one.traces.begin(), one.traces.end());
  }
  const Swept swept =
      store.sweep(population.sessions[0].session.durable.since + std::chrono::seconds(1), 1000);
  BOOST_REQUIRE(swept.erased.size() == 100U);
  const auto found = Search(dir / "db").find(erased);
  BOOST_TEST(found.empty(), first_few(found));
}

BOOST_AUTO_TEST_CASE(sessions_that_are_not_erased_stay_readable) {
  const TempDir dir;
  OpenStore store(dir / "db");
  Population population(store, 7);
  population.submit(100);
  for (int i = 0; i < 200; ++i)
    population.change(100'000);
  population.settle();
  for (int i = 0; i < 50; ++i)
    store.erase(population.take().session.id);
  for (const Stored& one : population.sessions) {
    const auto record = store.session(one.session.id);
    BOOST_REQUIRE(record.has_value());
    BOOST_TEST(record->reference == one.session.reference);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
