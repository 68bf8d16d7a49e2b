// However much is sent, and by whomever, what is kept stays within its bounds.
#include <boost/test/unit_test.hpp>

#include "tests/unit/store/open_store.hpp"
#include "tests/unit/store/small_disk.hpp"
#include "tests/unit/store/webhooks.hpp"

namespace bankconnect::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPerSession = 100;
constexpr std::size_t kOfStrangers = 10'000;
constexpr std::int64_t kMiB = 1 << 20;

struct Bounds {
  /// `count` webhooks, each for a session of its own.
  std::vector<HintWrite> of_strangers(std::size_t count, Wall at = kThen) {
    std::vector<HintWrite> writes;
    for (std::size_t i = 0; i < count; ++i)
      writes.push_back(alone(hint_of(random.id(), random.letters(20), at)));
    return writes;
  }
  std::vector<HintWrite> of_one(const SessionId& id, std::size_t count) {
    std::vector<HintWrite> writes;
    for (std::size_t i = 0; i < count; ++i)
      writes.push_back(alone(hint_of(id, random.letters(20))));
    return writes;
  }
  /// Bytes of bodies as another program finds them.
  std::int64_t bytes_kept() const {
    return read_from_outside(dir / "db", "SELECT coalesce(sum(length(body)), 0) FROM webhook_bodies");
  }
  static std::size_t kept(OpenStore& store) {
    HintQuery query;
    query.result = HintResult::kept;
    return store.all_hints(query).size();
  }

  TempDir dir;
  Random random{23};
  const SessionId stranger = random.id();
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(webhook_bounds, Bounds)

BOOST_AUTO_TEST_CASE(a_session_keeps_its_hundred_newest_webhooks) {
  OpenStore store(dir / "db");
  store.submit({new_session(stranger)});
  const auto sent = of_one(stranger, 130);
  store.take_hints(sent);
  const auto hints = store.all_hints();
  BOOST_REQUIRE(hints.size() == kPerSession);
  for (std::size_t i = 0; i < kPerSession; ++i)
    BOOST_TEST((hints[i].sha256 == sent[129 - i].hint.sha256));
}

BOOST_AUTO_TEST_CASE(a_repeated_webhook_is_not_among_the_oldest) {
  OpenStore store(dir / "db");
  const auto sent = of_one(stranger, kPerSession);
  store.take_hints(sent);
  store.take_hint(sent[0]);
  store.take_hints(of_one(stranger, 1));
  const auto hints = store.all_hints();
  BOOST_TEST(hints.size() == kPerSession);
  BOOST_TEST((hints[1].sha256 == sent[0].hint.sha256));
}

BOOST_AUTO_TEST_CASE(another_sessions_webhooks_are_left_alone_by_a_session_that_has_too_many) {
  OpenStore store(dir / "db");
  const SessionId quiet = random.id();
  store.take_hints(of_one(quiet, 3));
  store.take_hints(of_one(stranger, 150));
  HintQuery query;
  query.id = quiet;
  BOOST_TEST(store.all_hints(query).size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_mebibyte_of_bodies_is_kept_of_a_session) {
  OpenStore store(dir / "db");
  for (int i = 0; i < 4; ++i)
    store.take_hint(alone(hint_of(stranger, random.bytes(400'000))));
  BOOST_TEST(bytes_kept() == 800'000);
}

BOOST_AUTO_TEST_CASE(a_body_that_is_not_kept_is_still_listed_with_its_size_and_hash_and_counted) {
  OpenStore store(dir / "db");
  store.take_hint(alone(hint_of(stranger, random.bytes(kMiB))));
  const Hint beyond = hint_of(stranger, random.bytes(400'000));
  BOOST_TEST(!store.take_hint(alone(beyond))->duplicate);
  BOOST_TEST(store.take_hint(alone(beyond))->duplicate);
  const HintRecord listed = store.all_hints().front();
  BOOST_TEST(listed.bytes == 400'000U);
  BOOST_TEST((listed.sha256 == beyond.sha256));
  BOOST_TEST(listed.count == 2U);
}

BOOST_AUTO_TEST_CASE(exactly_a_mebibyte_fits) {
  OpenStore store(dir / "db");
  store.take_hint(alone(hint_of(stranger, random.bytes(kMiB - 10))));
  store.take_hint(alone(hint_of(stranger, "0123456789")));
  BOOST_TEST(bytes_kept() == kMiB);
  store.take_hint(alone(hint_of(stranger, "x")));
  BOOST_TEST(bytes_kept() == kMiB);
}

BOOST_AUTO_TEST_CASE(ten_thousand_webhooks_of_strangers_are_kept_and_the_oldest_make_room) {
  OpenStore store(dir / "db");
  const auto sent = of_strangers(kOfStrangers + 300);
  store.take_hints(sent);
  const auto hints = store.all_hints();
  BOOST_REQUIRE(hints.size() == kOfStrangers);
  BOOST_TEST((hints.back().id == sent[300].hint.id));
  BOOST_TEST((hints.front().id == sent.back().hint.id));
}

BOOST_AUTO_TEST_CASE(sixteen_mebibytes_of_strangers_bodies_are_kept_and_the_oldest_make_room) {
  OpenStore store(dir / "db");
  for (int i = 0; i < 20; ++i)
    store.take_hint(alone(hint_of(random.id(), random.bytes(kMiB - 1))));
  store.take_hint(alone(hint_of(random.id(), std::string(16, 'x'))));
  BOOST_TEST(bytes_kept() == 16 * kMiB);
  store.take_hint(alone(hint_of(random.id(), "y")));
  BOOST_TEST(bytes_kept() == 15 * (kMiB - 1) + 17);
}

BOOST_AUTO_TEST_CASE(strangers_never_push_out_what_belongs_to_a_followed_session) {
  OpenStore store(dir / "db");
  store.submit({new_session(stranger)});
  store.take_hints(of_one(stranger, 5));
  store.take_hints(of_strangers(kOfStrangers + 50));
  HintQuery query;
  query.id = stranger;
  BOOST_TEST(store.all_hints(query).size() == 5U);
  BOOST_TEST(kept(store) == kOfStrangers);
}

BOOST_AUTO_TEST_CASE(a_stranger_that_has_too_many_pushes_out_its_own) {
  OpenStore store(dir / "db");
  store.take_hints(of_strangers(kOfStrangers - kPerSession));
  store.take_hints(of_one(stranger, kPerSession + 50));
  BOOST_TEST(kept(store) == kOfStrangers);
}

BOOST_AUTO_TEST_CASE(what_a_submission_takes_over_makes_room_for_other_strangers) {
  OpenStore store(dir / "db");
  store.take_hints(of_strangers(kOfStrangers - kPerSession));
  store.take_hints(of_one(stranger, kPerSession));
  store.submit({new_session(stranger)});
  store.take_hints(of_strangers(kPerSession));
  BOOST_TEST(kept(store) == kOfStrangers);
  BOOST_TEST(store.all_hints().size() == kOfStrangers + kPerSession);
}

BOOST_AUTO_TEST_CASE(the_bound_holds_over_a_restart) {
  {
    OpenStore store(dir / "db");
    store.take_hints(of_strangers(kOfStrangers - 10));
  }
  OpenStore store(dir / "db");
  store.take_hints(of_strangers(30));
  BOOST_TEST(kept(store) == kOfStrangers);
}

BOOST_AUTO_TEST_CASE(what_was_rolled_back_takes_no_room, *boost::unit_test::precondition(can_mount)) {
  SmallDisk disk("size=32m");
  OpenStore store(disk / "db");
  store.take_hints(of_strangers(kOfStrangers - 10));
  disk.fill();
  std::size_t refused = 0;
  for (int i = 0; i < 200 && refused < 300; ++i) {
    for (const auto& taken : store.take_hints(of_strangers(5)))
      refused += taken.has_error() ? 1 : 0;
  }
  BOOST_REQUIRE(refused >= 300U);
  disk.make_room();
  store.take_hints(of_strangers(kPerSession));
  BOOST_TEST(kept(store) == kOfStrangers);
}

BOOST_AUTO_TEST_CASE(after_a_week_a_strangers_webhook_is_dropped) {
  OpenStore store(dir / "db");
  const Wall now = kThen + 30 * 24h;
  store.take_hints(of_strangers(4, now - 7 * 24h - 1s));
  store.take_hints(of_strangers(3, now - 7 * 24h + 1s));
  store.sweep_hints(now);
  BOOST_TEST(kept(store) == 3U);
}

BOOST_AUTO_TEST_CASE(a_week_counts_from_the_last_arrival) {
  OpenStore store(dir / "db");
  store.take_hint(alone(hint_of(stranger, "{}", kThen)));
  store.take_hint(alone(hint_of(stranger, "{}", kThen + 6 * 24h)));
  store.sweep_hints(kThen + 8 * 24h);
  BOOST_TEST(kept(store) == 1U);
}

BOOST_AUTO_TEST_CASE(a_followed_sessions_webhooks_are_not_dropped_for_their_age) {
  OpenStore store(dir / "db");
  store.submit({new_session(stranger)});
  store.take_hint(alone(hint_of(stranger, "{}", kThen)));
  store.sweep_hints(kThen + 300 * 24h);
  BOOST_TEST(store.all_hints().size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_was_dropped_for_its_age_makes_room) {
  OpenStore store(dir / "db");
  store.take_hints(of_strangers(kOfStrangers - 50, kThen));
  store.take_hints(of_strangers(50, kThen + 8 * 24h));
  BOOST_TEST(store.sweep_hints(kThen + 8 * 24h) > 1);  // nobody's commit waits for ten thousand of them
  store.take_hints(of_strangers(kPerSession));
  BOOST_TEST(kept(store) == 50U + kPerSession);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
