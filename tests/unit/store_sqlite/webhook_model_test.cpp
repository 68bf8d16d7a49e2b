// After random operations and restarts, the store lists the same webhooks as a reference model.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/print.hpp"
#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/small_disk.hpp"
#include "tests/unit/store_sqlite/webhook_model.hpp"
#include "tests/unit/store_sqlite/webhooks.hpp"

namespace bankconnect::test {
namespace {

using namespace std::chrono_literals;

/// Random operations on the store and the model. Sessions and bodies are few, so that they repeat; some
/// bodies are so large that every limit but that of ten thousand webhooks is reached.
class RandomOperations {
 public:
  RandomOperations(const std::string& path, std::uint64_t seed) : path_(path), random_(seed) {
    store_ = std::make_unique<OpenStore>(path_);
    for (int i = 0; i < 40; ++i)
      ids_.push_back(random_.id());
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      now_ += std::chrono::minutes(random_.below(60));
      const std::uint64_t dice = random_.below(100);
      if (dice < 82) {
        store_one();
      } else if (dice < 87) {
        submit();
      } else if (dice < 90) {
        finish();
      } else if (dice < 95) {
        const SessionId id = any();
        store_->erase(id);
        model_.erase(id);
      } else if (dice < 97) {
        store_->expire_unclaimed(now_);
        model_.expire_unclaimed(now_);
      } else {
        reopen();
      }
    }
  }
  /// Sends webhooks until the full disk refuses one, and one more.
  void fill_disk_until_refused(SmallDisk& disk) {
    disk.fill();
    bool refused = false;
    for (int i = 0; i < 500 && !refused; ++i)
      refused = store_one();
    BOOST_REQUIRE(refused);
    store_one();
    disk.make_room();
  }
  void reopen() {
    store_.reset();
    store_ = std::make_unique<OpenStore>(path_);
  }

  void compare() {
    std::vector<WebhookRecord> stored = store_->all_webhooks();
    std::ranges::reverse(stored);
    BOOST_REQUIRE(stored.size() == model_.rows.size());
    for (std::size_t i = 0; i < stored.size(); ++i) {
      const InboxModel::Row& row = model_.rows[i];
      BOOST_REQUIRE((stored[i].id == row.id && stored[i].sha256 == row.sha256));
      BOOST_REQUIRE((stored[i].result == row.result));
      BOOST_REQUIRE(stored[i].count == row.count);
      BOOST_REQUIRE((stored[i].received_at == row.received_at));
      BOOST_REQUIRE((stored[i].last_received_at == row.last_received_at));
    }
    std::int64_t bytes = 0;
    for (const InboxModel::Row& row : model_.rows)
      bytes += row.body_stored ? row.bytes : 0;
    BOOST_REQUIRE(read_from_outside(path_, "SELECT coalesce(sum(length(body)), 0) FROM webhook_bodies") ==
                  bytes);
  }

 private:
  SessionId any() { return ids_[random_.below(ids_.size())]; }

  /// True when the store refused the webhook.
  bool store_one() {
    static constexpr std::array<std::size_t, 6> kSizes = {2, 30, 300, 90'000, 300'000, 800'000};
    const SessionId id = random_.below(4) == 0 ? ids_.front() : any();
    const std::size_t size = kSizes[random_.below(kSizes.size())];
    // Many small bodies, so that a session gets more than a hundred; few large ones, so that they repeat.
    const std::uint64_t which = random_.below(size < 1000 ? 200 : 6);
    std::string body(size, static_cast<char>('a' + which % 26));
    body += std::to_string(which);
    WebhookWrite write = without_wake_up(hint_of(id, body, now_));
    write.keep_unknown = random_.below(8) != 0;
    const auto stored = store_->store_webhook(write);
    if (stored.has_error()) {
      BOOST_TEST(stored.error().code == ErrorCode::store_unavailable);
      return true;
    }
    const StoredWebhook expected = model_.store(write.webhook, write.keep_unknown);
    BOOST_REQUIRE((stored->result == expected.result));
    BOOST_REQUIRE(stored->duplicate == expected.duplicate);
    return false;
  }
  void submit() {
    const SessionId id = any();
    const auto outcome = store_->submit({new_session(id)}).value();
    BOOST_REQUIRE(outcome[0].accepted == !model_.knows(id));
    BOOST_REQUIRE((outcome[0].hinted_at == model_.submit(id)));
  }
  void finish() {
    const SessionId id = any();
    if (!model_.knows(id)) return;
    store_->write(step_to(new_session(id), State::failed, true));
    model_.finish(id);
  }

  const std::string path_;
  Random random_;
  std::unique_ptr<OpenStore> store_;
  InboxModel model_;
  std::vector<SessionId> ids_;
  Wall now_ = kThen;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(webhook_model)

BOOST_DATA_TEST_CASE(the_store_matches_the_model_after_random_operations,
                     boost::unit_test::data::make({1, 2, 3, 4}), seed) {
  const TempDir dir;
  RandomOperations operations(dir / "db", static_cast<std::uint64_t>(seed));
  for (int round = 0; round < 8; ++round) {
    operations.run(100);
    operations.compare();
  }
  operations.reopen();
  operations.compare();
}

BOOST_TEST_DECORATOR(*boost::unit_test::precondition(can_mount))
BOOST_DATA_TEST_CASE(the_store_matches_the_model_when_the_disk_was_full_at_times,
                     boost::unit_test::data::make({5, 6}), seed) {
  SmallDisk disk("size=128m");
  RandomOperations operations(disk / "db", static_cast<std::uint64_t>(seed));
  for (int round = 0; round < 6; ++round) {
    operations.run(80);
    operations.fill_disk_until_refused(disk);
    operations.run(20);
    operations.compare();
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
