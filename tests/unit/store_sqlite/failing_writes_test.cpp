// Writes that fail although space can be preallocated: quotas, and volumes that promise more than they have.
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cerrno>

#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/random_values.hpp"

namespace bankconnect::test {
namespace {

std::atomic<bool> out_of_space = false;

ssize_t limited_pwrite(int fd, const void* bytes, std::size_t size, off_t at) {
  if (!out_of_space) return ::pwrite(fd, bytes, size, at);
  errno = ENOSPC;
  return -1;
}

/// SQLite writes through `limited_pwrite` while one of these exists.
struct LimitedWrites {
  LimitedWrites() { set(reinterpret_cast<sqlite3_syscall_ptr>(limited_pwrite)); }
  ~LimitedWrites() {
    out_of_space = false;
    set(nullptr);
  }
  LimitedWrites(const LimitedWrites&) = delete;
  LimitedWrites& operator=(const LimitedWrites&) = delete;

  static void set(sqlite3_syscall_ptr call) {
    sqlite3_vfs* const vfs = sqlite3_vfs_find("unix");
    for (const char* const name : {"pwrite", "pwrite64"})
      vfs->xSetSystemCall(vfs, name, call);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(failing_writes)

BOOST_AUTO_TEST_CASE(the_disk_counts_as_full_until_a_write_has_worked) {
  const LimitedWrites limited;
  TempDir dir;
  Random random(3);
  OpenStore store(dir / "db");
  BOOST_TEST_REQUIRE(store.submit({new_session(random.id(), "")}).has_value());
  out_of_space = true;
  for (int i = 0; i < 5; ++i) {
    BOOST_TEST(store.submit({new_session(random.id(), "")}).has_error());
    BOOST_TEST(store.facts().disk_full);
    const auto writable = store.wait<Result<void>>([&](auto done) { store.store->check_writable(done); });
    BOOST_TEST(writable.has_error());
    BOOST_TEST(!store.store->writable());
  }
  // The store's own probes, too.
  BOOST_TEST(!store.loop.run_until([&] { return store.store->writable(); }, std::chrono::milliseconds(1500)));
  out_of_space = false;
  BOOST_TEST(store.loop.run_until([&] { return store.store->writable(); }));
  BOOST_TEST(store.submit({new_session(random.id(), "")}).has_value());
  BOOST_TEST(!store.failure.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
