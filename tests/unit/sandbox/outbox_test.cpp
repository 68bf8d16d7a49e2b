// The queue of all webhooks, on made-up time.
#define BOOST_TEST_DYN_LINK
#include "src/sandbox/outbox.hpp"

#include <boost/test/unit_test.hpp>

#include "src/sandbox/identity.hpp"
#include "tests/unit/sandbox/webhook_life.hpp"

using namespace bankconnect::sandbox;
using namespace std::chrono_literals;

namespace {

struct Post : WebhookLife {
  Outbox outbox;

  explicit Post(const std::string& keys = "", const std::string& top = "") : WebhookLife(keys, top) {
    plan(0s);
  }

  void plan(Duration age) { outbox.plan(session, common(), kStart + age); }

  void request(Duration age) {
    session.events.requested = kStart + age;
    plan(age);
  }

  // "completion enrichment": the events that leave by then, in their order.
  std::string leaves(Duration age) {
    std::string text;
    while (const auto sending = outbox.take_due(kStart + age)) {
      if (!text.empty()) text += ' ';
      text += name_of(kWebhookEventNames, sending->occasion.event);
      outbox.follow_up(sending->session_id, kStart + age);
    }
    return text;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(outbox)

BOOST_AUTO_TEST_CASE(each_webhook_leaves_once_when_it_is_due) {
  Post post;
  BOOST_TEST((post.outbox.next_due() == kStart + 3s));
  BOOST_TEST(post.leaves(2999ms) == "");
  BOOST_TEST(post.leaves(3s) == "completion");
  post.request(4s);
  post.plan(5s);
  BOOST_TEST((post.outbox.next_due() == kStart + 7s));
  BOOST_TEST(post.leaves(1h) == "enrichment");
  post.plan(2h);
  BOOST_TEST(post.leaves(3h) == "");
  BOOST_TEST(!post.outbox.next_due().has_value());
}

BOOST_AUTO_TEST_CASE(what_no_longer_comes_to_pass_is_not_told) {
  Post post("expires_in = \"5m\"\nthen = \"in_progress\"");
  post.request(10s);  // too early, and no expiry any more
  BOOST_TEST(post.outbox.size() == 1U);
  BOOST_TEST(post.leaves(1h) == "enrichment");
}

BOOST_AUTO_TEST_CASE(what_came_to_pass_is_told_however_late) {
  Post post(WebhookLife::fault("kind = \"late\"\ndelay = \"1m\""));
  post.session.events.deleted = kStart + 10s;
  post.plan(10s);
  BOOST_TEST(post.leaves(62s) == "");
  BOOST_TEST(post.leaves(63s) == "completion");
}

BOOST_AUTO_TEST_CASE(an_early_one_is_not_repeated_when_its_time_comes) {
  Post post(WebhookLife::fault("kind = \"early\"\nevent = \"enrichment\""));
  BOOST_TEST(post.leaves(3s) == "completion");
  post.request(4s);
  BOOST_TEST(post.leaves(5s) == "enrichment");
  post.plan(6s);
  BOOST_TEST(post.leaves(1h) == "");
}

BOOST_AUTO_TEST_CASE(a_doubled_one_leaves_twice) {
  Post at_once(WebhookLife::fault("kind = \"doubled\""));
  BOOST_TEST(at_once.leaves(3s) == "completion completion");
  Post apart(WebhookLife::fault("kind = \"doubled\"\ndelay = \"1s\""));
  BOOST_TEST(apart.leaves(3s) == "completion");
  BOOST_TEST((apart.outbox.next_due() == kStart + 4s));
  BOOST_TEST(apart.leaves(4s) == "completion");
  BOOST_TEST(apart.leaves(1h) == "");
}

BOOST_AUTO_TEST_CASE(a_reordered_one_comes_after_the_next) {
  Post post(WebhookLife::fault("kind = \"reordered\""));
  BOOST_TEST(post.leaves(3s) == "");
  post.request(4s);
  BOOST_TEST(post.leaves(7s) == "enrichment completion");
}

BOOST_AUTO_TEST_CASE(a_forged_one_is_due_at_the_beginning) {
  Post post(WebhookLife::fault("kind = \"before_submission\"\nevent = \"enrichment\""));
  BOOST_TEST(post.leaves(0s) == "enrichment");
  post.request(4s);
  BOOST_TEST(post.leaves(1h) == "completion");
}

BOOST_AUTO_TEST_CASE(ten_thousand_sessions_leave_in_the_order_of_their_time) {
  Post post;
  constexpr int kMany = 10'000;
  for (int i = 0; i < kMany; ++i) {
    post.session.id = derived_uuid(std::to_string(i));
    post.session.events.created = kStart + std::chrono::milliseconds{(i * 7919) % kMany};
    post.outbox.plan(post.session, post.common(), post.session.events.created);
  }
  int taken = 0;
  Instant last = kStart;
  while (const auto sending = post.outbox.take_due(kStart + 1h)) {
    BOOST_TEST_REQUIRE((sending->due >= last));
    last = sending->due;
    ++taken;
  }
  BOOST_TEST(taken == kMany + 1);
}

BOOST_AUTO_TEST_SUITE_END()
