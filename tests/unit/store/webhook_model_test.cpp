// Whatever happens in whatever order, the store keeps what the model says, before and after restarts.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/store/open_store.hpp"
#include "tests/unit/store/small_disk.hpp"
#include "tests/unit/store/webhook_model.hpp"
#include "tests/unit/store/webhooks.hpp"

namespace bankconnect::test {
namespace {

using namespace std::chrono_literals;

/// Random happenings at the store and at the model. Few sessions and few bodies, so that they meet again; and
/// bodies so large that every bound but that of ten thousand is reached.
class Life {
 public:
  Life(const std::string& path, std::uint64_t seed) : path_(path), random_(seed) {
    store_ = std::make_unique<OpenStore>(path_);
    for (int i = 0; i < 40; ++i)
      ids_.push_back(random_.id());
  }

  void go_on(int steps) {
    for (int i = 0; i < steps; ++i) {
      now_ += std::chrono::minutes(random_.below(60));
      const std::uint64_t dice = random_.below(100);
      if (dice < 82) {
        take();
      } else if (dice < 87) {
        submit();
      } else if (dice < 90) {
        finish();
      } else if (dice < 95) {
        const SessionId id = any();
        store_->erase(id);
        model_.erase(id);
      } else if (dice < 97) {
        store_->sweep_hints(now_);
        model_.sweep(now_);
      } else {
        reopen();
      }
    }
  }
  /// Webhooks that the full disk refuses: nothing of them may be left.
  void fail(SmallDisk& disk) {
    disk.fill();
    bool refused = false;
    for (int i = 0; i < 500 && !refused; ++i)
      refused = take();
    BOOST_REQUIRE(refused);
    take();
    disk.make_room();
  }
  void reopen() {
    store_.reset();
    store_ = std::make_unique<OpenStore>(path_);
  }

  void compare() {
    std::vector<HintRecord> stored = store_->all_hints();
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
      bytes += row.body_kept ? row.bytes : 0;
    BOOST_REQUIRE(read_from_outside(path_, "SELECT coalesce(sum(length(body)), 0) FROM webhook_bodies") ==
                  bytes);
  }

 private:
  SessionId any() { return ids_[random_.below(ids_.size())]; }

  /// True when the store refused it.
  bool take() {
    static constexpr std::array<std::size_t, 6> kSizes = {2, 30, 300, 90'000, 300'000, 800'000};
    const SessionId id = random_.below(4) == 0 ? ids_.front() : any();
    const std::size_t size = kSizes[random_.below(kSizes.size())];
    // Of small ones there are many, so that a session gets more than its hundred; large ones come again.
    const std::uint64_t which = random_.below(size < 1000 ? 200 : 6);
    std::string body(size, static_cast<char>('a' + which % 26));
    body += std::to_string(which);
    HintWrite write = alone(hint_of(id, body, now_));
    write.keep_unknown = random_.below(8) != 0;
    const auto taken = store_->take_hint(write);
    if (taken.has_error()) {
      BOOST_TEST(taken.error().code == "STORE_UNAVAILABLE");
      return true;
    }
    const HintTaken expected = model_.take(write.hint, write.keep_unknown);
    BOOST_REQUIRE((taken->result == expected.result));
    BOOST_REQUIRE(taken->duplicate == expected.duplicate);
    return false;
  }
  void submit() {
    const SessionId id = any();
    const auto outcome = store_->submit({new_session(id)}).value();
    BOOST_REQUIRE(outcome[0].accepted == !model_.follows(id));
    BOOST_REQUIRE((outcome[0].hinted_at == model_.submit(id)));
  }
  void finish() {
    const SessionId id = any();
    if (!model_.follows(id)) return;
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

BOOST_DATA_TEST_CASE(the_store_keeps_what_the_model_keeps, boost::unit_test::data::make({1, 2, 3, 4}), seed) {
  const TempDir dir;
  Life life(dir / "db", static_cast<std::uint64_t>(seed));
  for (int round = 0; round < 8; ++round) {
    life.go_on(100);
    life.compare();
  }
  life.reopen();
  life.compare();
}

BOOST_TEST_DECORATOR(*boost::unit_test::precondition(can_mount))
BOOST_DATA_TEST_CASE(also_when_the_disk_was_full_at_times, boost::unit_test::data::make({5, 6}), seed) {
  SmallDisk disk("size=128m");
  Life life(disk / "db", static_cast<std::uint64_t>(seed));
  for (int round = 0; round < 6; ++round) {
    life.go_on(80);
    life.fail(disk);
    life.go_on(20);
    life.compare();
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
