// A full disk passes: nothing that was acknowledged is lost, and work goes on by itself when there is room
// again.
#include <sys/mount.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "tests/unit/store/open_store.hpp"
#include "tests/unit/store/random_values.hpp"

namespace bankconnect::test {
namespace {

/// A small file system of its own, where the rights allow it.
class SmallDisk {
 public:
  SmallDisk() : mounted_(::mount("tmpfs", dir_.path().c_str(), "tmpfs", 0, "size=3m,mode=0700") == 0) {
    if (!mounted_) BOOST_TEST_MESSAGE("SKIPPED: no small file system can be mounted here (needs root)");
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(dir_.path().c_str(), MNT_DETACH);
  }
  bool usable() const { return mounted_; }
  std::string operator/(const std::string& name) const { return dir_ / name; }

  void fill() {
    std::ofstream file(*this / "ballast", std::ios::binary);
    const std::string block(4096, 'x');
    while (file)
      file.write(block.data(), static_cast<std::streamsize>(block.size())).flush();
  }
  void make_room() { std::filesystem::remove(*this / "ballast"); }

 private:
  TempDir dir_;
  bool mounted_;
};

NewSession submitted(OpenStore& store, Random& random) {
  NewSession session = new_session(random.id(), random.letters(100));
  BOOST_REQUIRE(store.submit({session}).has_value());
  return session;
}

/// Submits until that is refused for want of space.
std::vector<NewSession> submit_until_refused(OpenStore& store, Random& random, std::string& code) {
  std::vector<NewSession> accepted;
  for (int i = 0; i < 10'000; ++i) {
    NewSession session = new_session(random.id(), random.letters(100));
    const auto result = store.submit({session});
    if (result.has_error()) {
      code = result.error().code;
      return accepted;
    }
    accepted.push_back(session);
  }
  return accepted;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(disk_full)

BOOST_AUTO_TEST_CASE(submissions_are_refused_and_reads_still_work) {
  SmallDisk disk;
  if (!disk.usable()) return;
  Random random(1);
  OpenStore store(disk / "db");
  const NewSession session = submitted(store, random);
  disk.fill();
  std::string code;
  submit_until_refused(store, random, code);
  BOOST_TEST(code == "STORE_UNAVAILABLE");
  BOOST_TEST(store.facts().disk_full);
  BOOST_TEST(store.session(session.id).has_value());
  BOOST_TEST(!store.failure.has_value());
}

BOOST_AUTO_TEST_CASE(own_writes_wait_and_go_on_in_order_when_there_is_room) {
  SmallDisk disk;
  if (!disk.usable()) return;
  Random random(2);
  OpenStore store(disk / "db");
  const NewSession session = submitted(store, random);
  disk.fill();
  std::string code;
  submit_until_refused(store, random, code);
  std::vector<std::uint64_t> seqs;
  for (int i = 0; i < 5; ++i) {
    SessionWrite write = step_to(session, State::processing);
    write.payload = payload_of(random.bytes(100'000));
    store.store->write(std::move(write), [&](Committed, const std::optional<EventRecord>& event) {
      seqs.push_back(event->seq);
    });
  }
  BOOST_TEST(!store.loop.run_until([&] { return !seqs.empty(); }, std::chrono::milliseconds(300)));
  disk.make_room();
  BOOST_TEST(store.loop.run_until([&] { return seqs.size() == 5; }));
  for (std::size_t i = 1; i < seqs.size(); ++i)
    BOOST_TEST(seqs[i] == seqs[i - 1] + 1);
  BOOST_TEST(submitted(store, random).reference.size() == 100U);
  BOOST_TEST(!store.facts().disk_full);
}

BOOST_AUTO_TEST_CASE(nothing_that_was_acknowledged_is_lost) {
  SmallDisk disk;
  if (!disk.usable()) return;
  Random random(3);
  std::vector<NewSession> accepted;
  {
    OpenStore store(disk / "db");
    disk.fill();
    std::string code;
    accepted = submit_until_refused(store, random, code);
    disk.make_room();
  }
  OpenStore store(disk / "db");
  for (const NewSession& session : accepted)
    BOOST_REQUIRE(store.session(session.id).has_value());
  BOOST_TEST(store.facts().last_event_seq == accepted.size());
}

BOOST_AUTO_TEST_CASE(a_copy_that_does_not_fit_leaves_nothing_behind) {
  SmallDisk disk;
  if (!disk.usable()) return;
  Random random(4);
  const TempDir dir;
  OpenStore store(dir / "db");
  SessionWrite write = step_to(submitted(store, random), State::processing);
  write.payload = payload_of(random.bytes(5'000'000));
  store.write(std::move(write));
  const auto refused = store.backup(disk / "copy");
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST(refused.error().code == "BACKUP_FAILED");
  BOOST_TEST(std::filesystem::is_empty(disk / ""));
  BOOST_TEST(!store.failure.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
