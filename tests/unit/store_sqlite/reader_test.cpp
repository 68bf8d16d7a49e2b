// Another process reads the database: its snapshot stays in the write-ahead log until it ends.
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "tests/support/print.hpp"
#include "tests/unit/store_sqlite/foreign_reader.hpp"
#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/random_values.hpp"

namespace bankconnect::test {
namespace {

bool in_files(const std::string& path, const std::string& needle) {
  for (const char* suffix : {"", "-wal"}) {
    std::ifstream file(path + suffix, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    if (bytes.find(needle) != std::string::npos) return true;
  }
  return false;
}

struct Submission {
  Submission() : store(dir / "db"), session(new_session(random.id(), random.letters(100))) {
    store.submit({session});
  }
  TempDir dir;
  OpenStore store;
  Random random{4};
  NewSession session;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(reader, Submission)

BOOST_AUTO_TEST_CASE(an_erasure_completes_when_the_last_reader_of_the_old_snapshot_has_ended) {
  ForeignReader foreign(dir / "db");
  bool erased = false;
  store.store->erase(session.id, [&](const Result<std::optional<State>>& result) {
    erased = true;
    BOOST_TEST(result.has_value());
    BOOST_TEST(!in_files(dir / "db", session.reference));
  });
  BOOST_TEST(store.loop.run_until([&] { return !store.session(session.id).has_value(); }));
  BOOST_TEST(!store.loop.run_until([&] { return erased; }, std::chrono::milliseconds(200)));
  foreign.end();
  BOOST_TEST(store.loop.run_until([&] { return erased; }));
}

BOOST_AUTO_TEST_CASE(a_foreign_reader_does_not_delay_submissions_behind_an_erasure) {
  const ForeignReader foreign(dir / "db");
  store.store->erase(session.id, [](const Result<std::optional<State>>&) {});
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i)
    store.submit({new_session(random.id())});
  const auto took = std::chrono::steady_clock::now() - began;
  BOOST_TEST((took < std::chrono::seconds(2)),
             "20 commits took " << took / std::chrono::milliseconds(1) << " ms");
}

BOOST_AUTO_TEST_CASE(a_repeated_erasure_completes_no_earlier_than_the_first) {
  ForeignReader foreign(dir / "db");
  int answers = 0;
  for (int i = 0; i < 2; ++i) {
    store.store->erase(session.id, [&](const Result<std::optional<State>>&) { ++answers; });
    // In order with it.
    store.wait<Result<std::optional<SessionRecord>>>(
        [this](auto loaded) { store.store->load(session.id, loaded); });
  }
  BOOST_TEST(!store.loop.run_until([&] { return answers > 0; }, std::chrono::milliseconds(100)));
  foreign.end();
  BOOST_TEST(store.loop.run_until([&] { return answers == 2; }));
}

BOOST_AUTO_TEST_CASE(closing_refuses_an_erasure_that_a_reader_blocks) {
  const ForeignReader foreign(dir / "db");
  std::optional<Error> refused;
  store.store->erase(session.id,
                     [&](const Result<std::optional<State>>& result) { refused = result.error(); });
  store.store->close();
  BOOST_REQUIRE(store.loop.run_until([&] { return refused.has_value(); }));
  BOOST_TEST(refused->code == ErrorCode::store_unavailable);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
