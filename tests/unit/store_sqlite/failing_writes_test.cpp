// Writes that fail although space can be preallocated: quotas, and volumes that promise more than they have.
#include <boost/test/unit_test.hpp>

#include "tests/unit/store_sqlite/faulty_disk.hpp"
#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/random_values.hpp"

namespace bankconnect::test {
BOOST_AUTO_TEST_SUITE(failing_writes)

BOOST_AUTO_TEST_CASE(the_disk_counts_as_full_until_a_write_has_worked) {
  FaultyDisk disk;
  TempDir dir;
  Random random(3);
  OpenStore store(dir / "db");
  BOOST_TEST_REQUIRE(store.submit({new_session(random.id(), "")}).has_value());
  disk.fill();
  for (int i = 0; i < 5; ++i) {
    BOOST_TEST(store.submit({new_session(random.id(), "")}).has_error());
    BOOST_TEST(store.facts().disk_full);
    const auto writable = store.wait<Result<void>>([&](auto done) { store.store->check_writable(done); });
    BOOST_TEST(writable.has_error());
    BOOST_TEST(!store.store->writable());
  }
  // The store's own probes, too.
  BOOST_TEST(!store.loop.run_until([&] { return store.store->writable(); }, std::chrono::milliseconds(1500)));
  disk.work();
  BOOST_TEST(store.loop.run_until([&] { return store.store->writable(); }));
  BOOST_TEST(store.submit({new_session(random.id(), "")}).has_value());
  BOOST_TEST(!store.failure.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
