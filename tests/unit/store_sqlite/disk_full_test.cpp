// A full disk is transient: nothing that was acknowledged is lost, and writing resumes when space is freed.
#include <boost/test/unit_test.hpp>

#include "tests/support/print.hpp"
#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/random_values.hpp"
#include "tests/unit/store_sqlite/small_disk.hpp"
#include "tests/unit/store_sqlite/webhooks.hpp"

namespace bankconnect::test {
namespace {

NewSession submitted(OpenStore& store, Random& random) {
  NewSession session = new_session(random.id(), random.letters(100));
  BOOST_REQUIRE(store.submit({session}).has_value());
  return session;
}

/// Leaves half a megabyte in the write-ahead log.
void fill_log(OpenStore& store, Random& random) {
  SessionWrite write = step_to(submitted(store, random), State::processing);
  write.payload(Call::session_status) = payload_of(random.bytes(500'000));
  store.write(std::move(write));
}

/// Submits until a submission is refused; `code` gets its error.
std::vector<NewSession> submit_until_refused(OpenStore& store, Random& random,
                                             std::optional<ErrorCode>& code) {
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

BOOST_AUTO_TEST_CASE(a_full_disk_refuses_submissions_and_still_serves_reads) {
  SmallDisk disk;
  Random random(1);
  OpenStore store(disk / "db");
  const NewSession session = submitted(store, random);
  disk.fill();
  std::optional<ErrorCode> code;
  submit_until_refused(store, random, code);
  BOOST_REQUIRE(code.has_value());
  BOOST_TEST(*code == ErrorCode::store_unavailable);
  BOOST_TEST(store.facts().disk_full);
  BOOST_TEST(store.session(session.id).has_value());
  BOOST_TEST(!store.failure.has_value());
}

BOOST_AUTO_TEST_CASE(the_store_becomes_writable_when_space_is_freed_without_any_write) {
  SmallDisk disk;
  Random random(10);
  OpenStore store(disk / "db");
  submitted(store, random);
  disk.fill();
  std::optional<ErrorCode> code;
  submit_until_refused(store, random, code);
  store.expire_unclaimed(kThen);
  BOOST_TEST(store.facts().disk_full);
  BOOST_TEST(!store.store->writable());
  disk.make_room();
  BOOST_TEST(store.loop.run_until([&] { return store.store->writable(); }));
}

BOOST_AUTO_TEST_CASE(own_writes_wait_for_disk_space_and_then_complete_in_order) {
  SmallDisk disk;
  Random random(2);
  OpenStore store(disk / "db");
  const NewSession session = submitted(store, random);
  disk.fill();
  std::optional<ErrorCode> code;
  submit_until_refused(store, random, code);
  std::vector<std::uint64_t> seqs;
  for (int i = 0; i < 5; ++i) {
    SessionWrite write = step_to(session, State::processing);
    write.payload(Call::session_status) = payload_of(random.bytes(100'000));
    store.store->write(std::move(write),
                       [&](Committed, const Written& written) { seqs.push_back(written.event->seq); });
  }
  BOOST_TEST(!store.loop.run_until([&] { return !seqs.empty(); }, std::chrono::milliseconds(300)));
  disk.make_room();
  BOOST_TEST(store.loop.run_until([&] { return seqs.size() == 5; }));
  for (std::size_t i = 1; i < seqs.size(); ++i)
    BOOST_TEST(seqs[i] == seqs[i - 1] + 1);
  BOOST_TEST(submitted(store, random).reference.size() == 100U);
  BOOST_TEST(!store.facts().disk_full);
}

BOOST_AUTO_TEST_CASE(no_acknowledged_submission_is_lost_on_a_full_disk) {
  SmallDisk disk;
  Random random(3);
  std::vector<NewSession> accepted;
  {
    OpenStore store(disk / "db");
    disk.fill();
    std::optional<ErrorCode> code;
    accepted = submit_until_refused(store, random, code);
    disk.make_room();
  }
  OpenStore store(disk / "db");
  for (const NewSession& session : accepted)
    BOOST_REQUIRE(store.session(session.id).has_value());
  BOOST_TEST(store.facts().last_event_seq == accepted.size());
}

BOOST_AUTO_TEST_CASE(an_erasure_is_refused_without_effect_when_the_write_ahead_log_cannot_be_truncated) {
  SmallDisk disk;
  Random random(7);
  OpenStore store(disk / "db");
  const NewSession session = submitted(store, random);
  fill_log(store, random);
  disk.fill(64 * 1024);  // enough for the erasure, not for the pages in the write-ahead log
  const auto refused = store.erase(session.id);
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST(refused.error().code == ErrorCode::store_unavailable);
  BOOST_TEST(store.session(session.id).has_value());
  disk.make_room();
  BOOST_TEST(store.erase(session.id).value().has_value());
  BOOST_TEST(!store.session(session.id).has_value());
  BOOST_TEST(!store.failure.has_value());
}

BOOST_AUTO_TEST_CASE(a_refused_erasure_leaves_the_remaining_space_to_other_writes) {
  SmallDisk disk;
  Random random(9);
  OpenStore store(disk / "db");
  const NewSession session = submitted(store, random);
  fill_log(store, random);
  disk.fill(300 * 1024);
  int refused = 0;
  int accepted = 0;
  for (int i = 0; i < 5; ++i) {
    store.store->erase(session.id,
                       [&](const Result<std::optional<State>>& erased) { refused += erased.has_error(); });
    store.store->submit({new_session(random.id(), "")}, [&](const Result<std::vector<Submitted>>& submitted) {
      accepted += submitted.has_value();
    });
  }
  BOOST_TEST(store.loop.run_until([&] { return refused == 5 && accepted == 5; }));
  BOOST_TEST(!store.facts().disk_full);
}

/// Closing the database removes the files beside it; opening it has to create them again, and cannot.
void check_that_opening_reports_a_full_disk(SmallDisk& disk, const std::function<void()>& use_up,
                                            const std::function<void()>& make_room) {
  Random random(8);
  NewSession session;
  {
    OpenStore store(disk / "db");
    session = submitted(store, random);
  }
  use_up();
  SqliteOptions options;
  options.path = disk / "db";
  {
    const auto refused = open_sqlite_store(options);
    BOOST_REQUIRE(refused.has_error());
    BOOST_TEST((refused.error().failure == OpenFailure::disk_full));
    BOOST_TEST(refused.error().message.find("the disk is full") != std::string::npos,
               refused.error().message);
  }
  make_room();
  OpenStore store(disk / "db");
  BOOST_TEST(store.session(session.id).has_value());
}

BOOST_AUTO_TEST_CASE(opening_reports_a_full_disk_when_no_byte_is_free) {
  SmallDisk disk;
  check_that_opening_reports_a_full_disk(
      disk, [&] { disk.fill(); }, [&] { disk.make_room(); });
}

BOOST_AUTO_TEST_CASE(opening_reports_a_full_disk_when_no_inode_is_free) {
  SmallDisk disk("size=3m,nr_inodes=8");
  check_that_opening_reports_a_full_disk(
      disk, [&] { disk.use_up_all_files(); },
      [&] { ::mount("tmpfs", (disk / "").c_str(), "tmpfs", MS_REMOUNT, "nr_inodes=50"); });
}

BOOST_AUTO_TEST_CASE(a_backup_that_does_not_fit_leaves_no_file) {
  SmallDisk disk;
  Random random(4);
  const TempDir dir;
  OpenStore store(dir / "db");
  SessionWrite write = step_to(submitted(store, random), State::processing);
  write.payload(Call::session_status) = payload_of(random.bytes(5'000'000));
  store.write(std::move(write));
  const auto refused = store.backup(disk / "copy");
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST(refused.error().code == ErrorCode::backup_failed);
  BOOST_TEST(std::filesystem::is_empty(disk / ""));
  BOOST_TEST(!store.failure.has_value());
}

BOOST_AUTO_TEST_CASE(a_webhook_refused_on_a_full_disk_stores_neither_itself_nor_a_wake_up_time) {
  SmallDisk disk;
  Random random(5);
  OpenStore store(disk / "db");
  const NewSession session = submitted(store, random);
  disk.fill();
  std::optional<ErrorCode> code;
  submit_until_refused(store, random, code);
  const auto refused = store.store_webhook(with_wake_up(session, hint_of(session.id, random.bytes(500'000))));
  BOOST_REQUIRE(refused.has_error());
  BOOST_TEST(refused.error().code == ErrorCode::store_unavailable);
  disk.make_room();
  submitted(store, random);
  BOOST_TEST(store.all_webhooks().empty());
  BOOST_TEST((store.session(session.id)->durable.hinted_at == kNoWall));
}

BOOST_AUTO_TEST_CASE(a_webhook_refused_on_a_full_disk_is_new_when_sent_again) {
  SmallDisk disk;
  Random random(6);
  OpenStore store(disk / "db");
  disk.fill();
  const Webhook webhook = hint_of(random.id(), random.bytes(900'000));
  BOOST_REQUIRE(store.store_webhook(without_wake_up(webhook)).has_error());
  disk.make_room();
  const auto stored = store.store_webhook(without_wake_up(webhook));
  BOOST_REQUIRE(stored.has_value());
  BOOST_TEST(!stored->duplicate);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
