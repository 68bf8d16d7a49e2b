// Stored webhooks stay within their limits, whatever is sent.
#include <boost/test/unit_test.hpp>

#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/small_disk.hpp"
#include "tests/unit/store_sqlite/webhooks.hpp"

namespace bankconnect::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPerSession = 100;
constexpr std::size_t kUnclaimed = 10'000;
constexpr std::int64_t kMiB = 1 << 20;

struct Limits {
  /// `count` webhooks, each for a session of its own.
  std::vector<WebhookWrite> for_unknown_sessions(std::size_t count, Wall at = kThen) {
    std::vector<WebhookWrite> writes;
    for (std::size_t i = 0; i < count; ++i)
      writes.push_back(without_wake_up(hint_of(random.id(), random.letters(20), at)));
    return writes;
  }
  std::vector<WebhookWrite> for_session(const SessionId& id, std::size_t count) {
    std::vector<WebhookWrite> writes;
    for (std::size_t i = 0; i < count; ++i)
      writes.push_back(without_wake_up(hint_of(id, random.letters(20))));
    return writes;
  }
  /// Bytes of stored bodies, read through another connection.
  std::int64_t bytes_stored() const {
    return read_from_outside(dir / "db", "SELECT coalesce(sum(length(body)), 0) FROM webhook_bodies");
  }
  static std::size_t kept(OpenStore& store) {
    WebhookQuery query;
    query.result = WebhookResult::kept;
    return store.all_webhooks(query).size();
  }

  TempDir dir;
  Random random{23};
  const SessionId unknown = random.id();
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(webhook_bounds, Limits)

BOOST_AUTO_TEST_CASE(a_session_keeps_its_hundred_newest_webhooks) {
  OpenStore store(dir / "db");
  store.submit({new_session(unknown)});
  const auto sent = for_session(unknown, 130);
  store.store_webhooks(sent);
  const auto listed = store.all_webhooks();
  BOOST_REQUIRE(listed.size() == kPerSession);
  for (std::size_t i = 0; i < kPerSession; ++i)
    BOOST_TEST((listed[i].sha256 == sent[129 - i].webhook.sha256));
}

BOOST_AUTO_TEST_CASE(a_repeated_webhook_is_evicted_as_one_that_just_arrived) {
  OpenStore store(dir / "db");
  const auto sent = for_session(unknown, kPerSession);
  store.store_webhooks(sent);
  store.store_webhook(sent[0]);
  store.store_webhooks(for_session(unknown, 1));
  const auto listed = store.all_webhooks();
  BOOST_TEST(listed.size() == kPerSession);
  BOOST_TEST((listed[1].sha256 == sent[0].webhook.sha256));
}

BOOST_AUTO_TEST_CASE(a_session_over_its_limit_evicts_no_webhook_of_another) {
  OpenStore store(dir / "db");
  const SessionId quiet = random.id();
  store.store_webhooks(for_session(quiet, 3));
  store.store_webhooks(for_session(unknown, 150));
  WebhookQuery query;
  query.id = quiet;
  BOOST_TEST(store.all_webhooks(query).size() == 3U);
}

BOOST_AUTO_TEST_CASE(at_most_a_mebibyte_of_bodies_is_stored_for_a_session) {
  OpenStore store(dir / "db");
  for (int i = 0; i < 4; ++i)
    store.store_webhook(without_wake_up(hint_of(unknown, random.bytes(400'000))));
  BOOST_TEST(bytes_stored() == 800'000);
}

BOOST_AUTO_TEST_CASE(a_webhook_whose_body_is_not_stored_is_listed_with_size_and_hash_and_counted) {
  OpenStore store(dir / "db");
  store.store_webhook(without_wake_up(hint_of(unknown, random.bytes(kMiB))));
  const Webhook beyond = hint_of(unknown, random.bytes(400'000));
  BOOST_TEST(!store.store_webhook(without_wake_up(beyond))->duplicate);
  BOOST_TEST(store.store_webhook(without_wake_up(beyond))->duplicate);
  const WebhookRecord listed = store.all_webhooks().front();
  BOOST_TEST(listed.bytes == 400'000U);
  BOOST_TEST((listed.sha256 == beyond.sha256));
  BOOST_TEST(listed.count == 2U);
}

BOOST_AUTO_TEST_CASE(exactly_a_mebibyte_of_bodies_is_stored_for_a_session) {
  OpenStore store(dir / "db");
  store.store_webhook(without_wake_up(hint_of(unknown, random.bytes(kMiB - 10))));
  store.store_webhook(without_wake_up(hint_of(unknown, "0123456789")));
  BOOST_TEST(bytes_stored() == kMiB);
  store.store_webhook(without_wake_up(hint_of(unknown, "x")));
  BOOST_TEST(bytes_stored() == kMiB);
}

BOOST_AUTO_TEST_CASE(ten_thousand_unclaimed_webhooks_are_stored_and_the_oldest_evicted) {
  OpenStore store(dir / "db");
  const auto sent = for_unknown_sessions(kUnclaimed + 300);
  store.store_webhooks(sent);
  const auto listed = store.all_webhooks();
  BOOST_REQUIRE(listed.size() == kUnclaimed);
  BOOST_TEST((listed.back().id == sent[300].webhook.id));
  BOOST_TEST((listed.front().id == sent.back().webhook.id));
}

BOOST_AUTO_TEST_CASE(sixteen_mebibytes_of_unclaimed_bodies_are_stored_and_the_oldest_evicted) {
  OpenStore store(dir / "db");
  for (int i = 0; i < 20; ++i)
    store.store_webhook(without_wake_up(hint_of(random.id(), random.bytes(kMiB - 1))));
  store.store_webhook(without_wake_up(hint_of(random.id(), std::string(16, 'x'))));
  BOOST_TEST(bytes_stored() == 16 * kMiB);
  store.store_webhook(without_wake_up(hint_of(random.id(), "y")));
  BOOST_TEST(bytes_stored() == 15 * (kMiB - 1) + 17);
}

BOOST_AUTO_TEST_CASE(unclaimed_webhooks_never_evict_those_of_a_followed_session) {
  OpenStore store(dir / "db");
  store.submit({new_session(unknown)});
  store.store_webhooks(for_session(unknown, 5));
  store.store_webhooks(for_unknown_sessions(kUnclaimed + 50));
  WebhookQuery query;
  query.id = unknown;
  BOOST_TEST(store.all_webhooks(query).size() == 5U);
  BOOST_TEST(kept(store) == kUnclaimed);
}

BOOST_AUTO_TEST_CASE(an_unknown_session_over_its_limit_evicts_its_own_webhooks) {
  OpenStore store(dir / "db");
  store.store_webhooks(for_unknown_sessions(kUnclaimed - kPerSession));
  store.store_webhooks(for_session(unknown, kPerSession + 50));
  BOOST_TEST(kept(store) == kUnclaimed);
}

BOOST_AUTO_TEST_CASE(webhooks_that_a_submission_adopts_no_longer_count_as_unclaimed) {
  OpenStore store(dir / "db");
  store.store_webhooks(for_unknown_sessions(kUnclaimed - kPerSession));
  store.store_webhooks(for_session(unknown, kPerSession));
  store.submit({new_session(unknown)});
  store.store_webhooks(for_unknown_sessions(kPerSession));
  BOOST_TEST(kept(store) == kUnclaimed);
  BOOST_TEST(store.all_webhooks().size() == kUnclaimed + kPerSession);
}

BOOST_AUTO_TEST_CASE(the_limit_of_unclaimed_webhooks_holds_over_a_restart) {
  {
    OpenStore store(dir / "db");
    store.store_webhooks(for_unknown_sessions(kUnclaimed - 10));
  }
  OpenStore store(dir / "db");
  store.store_webhooks(for_unknown_sessions(30));
  BOOST_TEST(kept(store) == kUnclaimed);
}

BOOST_AUTO_TEST_CASE(rolled_back_webhooks_do_not_count_as_unclaimed,
                     *boost::unit_test::precondition(can_mount)) {
  SmallDisk disk("size=32m");
  OpenStore store(disk / "db");
  store.store_webhooks(for_unknown_sessions(kUnclaimed - 10));
  disk.fill();
  std::size_t refused = 0;
  for (int i = 0; i < 200 && refused < 300; ++i) {
    for (const auto& stored : store.store_webhooks(for_unknown_sessions(5)))
      refused += stored.has_error() ? 1 : 0;
  }
  BOOST_REQUIRE(refused >= 300U);
  disk.make_room();
  store.store_webhooks(for_unknown_sessions(kPerSession));
  BOOST_TEST(kept(store) == kUnclaimed);
}

BOOST_AUTO_TEST_CASE(an_unclaimed_webhook_expires_after_a_week) {
  OpenStore store(dir / "db");
  const Wall now = kThen + 30 * 24h;
  store.store_webhooks(for_unknown_sessions(4, now - 7 * 24h - 1s));
  store.store_webhooks(for_unknown_sessions(3, now - 7 * 24h + 1s));
  store.expire_unclaimed(now);
  BOOST_TEST(kept(store) == 3U);
}

BOOST_AUTO_TEST_CASE(an_unclaimed_webhook_expires_a_week_after_its_last_arrival) {
  OpenStore store(dir / "db");
  store.store_webhook(without_wake_up(hint_of(unknown, "{}", kThen)));
  store.store_webhook(without_wake_up(hint_of(unknown, "{}", kThen + 6 * 24h)));
  store.expire_unclaimed(kThen + 8 * 24h);
  BOOST_TEST(kept(store) == 1U);
}

BOOST_AUTO_TEST_CASE(webhooks_of_a_followed_session_do_not_expire) {
  OpenStore store(dir / "db");
  store.submit({new_session(unknown)});
  store.store_webhook(without_wake_up(hint_of(unknown, "{}", kThen)));
  store.expire_unclaimed(kThen + 300 * 24h);
  BOOST_TEST(store.all_webhooks().size() == 1U);
}

BOOST_AUTO_TEST_CASE(expired_webhooks_no_longer_count_as_unclaimed) {
  OpenStore store(dir / "db");
  store.store_webhooks(for_unknown_sessions(kUnclaimed - 50, kThen));
  store.store_webhooks(for_unknown_sessions(50, kThen + 8 * 24h));
  BOOST_TEST(store.expire_unclaimed(kThen + 8 * 24h) > 1);  // in several transactions
  store.store_webhooks(for_unknown_sessions(kPerSession));
  BOOST_TEST(kept(store) == 50U + kPerSession);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
