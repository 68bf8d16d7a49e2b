// A disk that does not answer: what is shown, what goes on, and what is refused.
#include <boost/test/unit_test.hpp>

#include "tests/support/print.hpp"
#include "tests/unit/store_sqlite/faulty_disk.hpp"
#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/random_values.hpp"
#include "tests/unit/store_sqlite/webhooks.hpp"

namespace bankconnect::test {
namespace {

using namespace std::chrono_literals;

struct HangingDisk {
  HangingDisk() : store(dir / "db") {
    BOOST_TEST_REQUIRE(store.submit({stored}).has_value());
    disk.hang();
    store.store->submit(
        {waiting}, [this](const Result<std::vector<Submitted>>& result) { answered = result.has_value(); });
    disk.wait_for_hanging_write();
  }
  ~HangingDisk() { disk.work(); }
  HangingDisk(const HangingDisk&) = delete;
  HangingDisk& operator=(const HangingDisk&) = delete;

  /// Waits until the write has waited so long.
  WriteDelay delay_from(Duration oldest) {
    WriteDelay delay = store.store->write_delay();
    while (delay.oldest < oldest) {
      std::this_thread::sleep_for(1ms);
      delay = store.store->write_delay();
    }
    return delay;
  }

  FaultyDisk disk;
  TempDir dir;
  Random random{5};
  NewSession stored = new_session(random.id(), "stored");
  NewSession waiting = new_session(random.id(), "waiting");
  OpenStore store;
  bool answered = false;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(hanging_writes, HangingDisk)

BOOST_AUTO_TEST_CASE(reads_see_what_is_committed_and_wait_for_no_commit) {
  BOOST_TEST(store.session(stored.id).has_value());
  BOOST_TEST(!store.session(waiting.id).has_value());
  BOOST_TEST(store.sessions({}).sessions.size() == 1U);
  BOOST_TEST(store.events(0).newest == 1U);
  BOOST_TEST(!answered);
}

BOOST_AUTO_TEST_CASE(the_age_of_the_write_is_shown_while_it_waits) {
  const WriteDelay delay = delay_from(50ms);
  BOOST_TEST((delay.longest >= 50ms));
  BOOST_TEST((delay.stuck > 0ms));
  BOOST_TEST((store.facts().commit_p99 >= 50ms));
}

BOOST_AUTO_TEST_CASE(a_write_queued_later_does_not_make_the_oldest_look_younger) {
  store.store->submit({new_session(random.id(), "")}, [](const Result<std::vector<Submitted>>&) {});
  BOOST_TEST((delay_from(50ms).oldest >= 50ms));
}

BOOST_AUTO_TEST_CASE(it_completes_when_the_disk_answers_and_the_wait_is_remembered) {
  delay_from(50ms);
  disk.work();
  BOOST_TEST(store.loop.run_until([this] { return answered; }));
  BOOST_TEST(store.session(waiting.id).has_value());
  while (store.store->write_delay().stuck > 0ms)
    std::this_thread::sleep_for(1ms);
  const WriteDelay delay = store.store->write_delay();
  BOOST_TEST((delay.oldest == 0ms));
  BOOST_TEST((delay.longest >= 50ms));
}

BOOST_AUTO_TEST_CASE(requests_beyond_64_MiB_are_refused_at_once) {
  constexpr std::size_t kBody = 16 << 20;
  std::vector<Result<StoredWebhook>> answers;
  for (int i = 0; i < 5; ++i) {
    Webhook webhook = hint_of(stored.id, std::string(kBody, static_cast<char>('a' + i)));
    store.store->store_webhook(without_wake_up(std::move(webhook)),
                               [&](const Result<StoredWebhook>& answer) { answers.push_back(answer); });
  }
  BOOST_TEST(store.loop.run_until([&] { return answers.size() == 2; }));
  for (const auto& answer : answers)
    BOOST_TEST((answer.has_error() && answer.error().code == ErrorCode::store_unavailable));
  disk.work();
  BOOST_TEST(store.loop.run_until([&] { return answers.size() == 5; }));
  BOOST_TEST(answers.back().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
