// A full disk passes: nothing that was acknowledged is lost, and work goes on by itself when there is room
// again.
#include <boost/test/unit_test.hpp>

#include "tests/unit/store/open_store.hpp"
#include "tests/unit/store/random_values.hpp"
#include "tests/unit/store/small_disk.hpp"
#include "tests/unit/store/webhooks.hpp"

namespace bankconnect::test {
namespace {

NewSession submitted(OpenStore& store, Random& random) {
  NewSession session = new_session(random.id(), random.letters(100));
  BOOST_REQUIRE(store.submit({session}).has_value());
  return session;
}

/// With half a megabyte that is not in the database yet.
void fill_log(OpenStore& store, Random& random) {
  SessionWrite write = step_to(submitted(store, random), State::processing);
  write.payload = payload_of(random.bytes(500'000));
  store.write(std::move(write));
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

BOOST_AUTO_TEST_SUITE(disk_full, *boost::unit_test::precondition(can_mount))

BOOST_AUTO_TEST_CASE(submissions_are_refused_and_reads_still_work) {
  SmallDisk disk;
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

BOOST_AUTO_TEST_CASE(a_full_disk_is_told_of_until_there_is_room_though_nobody_writes) {
  SmallDisk disk;
  Random random(10);
  OpenStore store(disk / "db");
  submitted(store, random);
  disk.fill();
  std::string code;
  submit_until_refused(store, random, code);
  store.sweep_hints(kThen);
  BOOST_TEST(store.facts().disk_full);
  disk.make_room();
  BOOST_TEST(store.loop.run_until([&] { return !store.store->full(); }));
}

BOOST_AUTO_TEST_CASE(own_writes_wait_and_go_on_in_order_when_there_is_room) {
  SmallDisk disk;
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

BOOST_AUTO_TEST_CASE(an_erasure_is_refused_without_effect_where_the_log_cannot_be_emptied) {
  SmallDisk disk;
  Random random(7);
  OpenStore store(disk / "db");
  const NewSession session = submitted(store, random);
  fill_log(store, random);
  disk.fill(64 * 1024);  // for the erasure, not for what the log holds
  const auto refused = store.erase(session.id);
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST(refused.error().code == "STORE_UNAVAILABLE");
  BOOST_TEST(store.session(session.id).has_value());
  disk.make_room();
  BOOST_TEST(store.erase(session.id).value().has_value());
  BOOST_TEST(!store.session(session.id).has_value());
  BOOST_TEST(!store.failure.has_value());
}

BOOST_AUTO_TEST_CASE(a_refused_erasure_leaves_the_room_there_is_to_others) {
  SmallDisk disk;
  Random random(9);
  OpenStore store(disk / "db");
  const NewSession session = submitted(store, random);
  fill_log(store, random);
  disk.fill(300 * 1024);
  int refused = 0;
  int taken = 0;
  for (int i = 0; i < 5; ++i) {
    store.store->erase(session.id,
                       [&](const Result<std::optional<State>>& erased) { refused += erased.has_error(); });
    store.store->submit({new_session(random.id(), "")}, [&](const Result<std::vector<Submitted>>& submitted) {
      taken += submitted.has_value();
    });
  }
  BOOST_TEST(store.loop.run_until([&] { return refused == 5 && taken == 5; }));
  BOOST_TEST(!store.facts().disk_full);
}

/// Closes the database, which removes the files beside it; then neither of them can be made.
void is_not_opened(SmallDisk& disk, const std::function<void()>& use_up,
                   const std::function<void()>& make_room) {
  Random random(8);
  NewSession session;
  {
    OpenStore store(disk / "db");
    session = submitted(store, random);
  }
  use_up();
  StoreOptions options;
  options.path = disk / "db";
  {
    const auto refused = Store::open(options);
    BOOST_REQUIRE(refused.has_error());
    BOOST_TEST((refused.error().failure == OpenFailure::disk_full));
    BOOST_TEST(refused.error().message.find("the disk is full") != std::string::npos,
               refused.error().message);
  }
  make_room();
  OpenStore store(disk / "db");
  BOOST_TEST(store.session(session.id).has_value());
}

BOOST_AUTO_TEST_CASE(a_database_whose_files_cannot_be_made_is_not_opened_and_the_disk_is_named) {
  SmallDisk disk;
  is_not_opened(
      disk, [&] { disk.fill(); }, [&] { disk.make_room(); });
}

BOOST_AUTO_TEST_CASE(nor_is_it_where_there_is_room_and_no_file_can_be_made) {
  SmallDisk disk("size=3m,nr_inodes=8");
  is_not_opened(
      disk, [&] { disk.use_up_all_files(); },
      [&] { ::mount("tmpfs", (disk / "").c_str(), "tmpfs", MS_REMOUNT, "nr_inodes=50"); });
}

BOOST_AUTO_TEST_CASE(a_copy_that_does_not_fit_leaves_nothing_behind) {
  SmallDisk disk;
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

BOOST_AUTO_TEST_CASE(a_webhook_is_refused_and_neither_it_nor_its_wake_up_is_kept) {
  SmallDisk disk;
  Random random(5);
  OpenStore store(disk / "db");
  const NewSession session = submitted(store, random);
  disk.fill();
  std::string code;
  submit_until_refused(store, random, code);
  const auto refused = store.take_hint(waking(session, hint_of(session.id, random.bytes(500'000))));
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST(refused.error().code == "STORE_UNAVAILABLE");
  disk.make_room();
  submitted(store, random);
  BOOST_TEST(store.all_hints().empty());
  BOOST_TEST((store.session(session.id)->kept.hinted_at == kNoWall));
}

BOOST_AUTO_TEST_CASE(the_same_webhook_is_taken_once_there_is_room) {
  SmallDisk disk;
  Random random(6);
  OpenStore store(disk / "db");
  disk.fill();
  const Hint hint = hint_of(random.id(), random.bytes(900'000));
  BOOST_REQUIRE(store.take_hint(alone(hint)).has_error());
  disk.make_room();
  const auto taken = store.take_hint(alone(hint));
  BOOST_REQUIRE(taken.has_value());
  BOOST_TEST(!taken->duplicate);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
