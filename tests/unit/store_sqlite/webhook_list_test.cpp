// The list of webhooks in pages, newest arrival first; and the last registration.
#include <boost/test/unit_test.hpp>

#include "tests/unit/store_sqlite/open_store.hpp"
#include "tests/unit/store_sqlite/webhooks.hpp"

namespace bankconnect::test {
namespace {

using namespace std::chrono_literals;

/// A hundred webhooks, one a second, for four sessions in turn: two live, one final, one unknown.
struct Listed {
  Listed() {
    store.submit(sessions);
    store.write(step_to(sessions[2], State::failed, true));
    std::vector<WebhookWrite> writes;
    for (std::size_t i = 0; i < 100; ++i) {
      const SessionId& id = i % 4 == 3 ? unknown : sessions[i % 4].id;
      arrived.push_back(hint_of(id, std::to_string(i), kThen + i * 1s));
      writes.push_back(without_wake_up(arrived.back()));
    }
    store.store_webhooks(std::move(writes));
  }
  /// The bodies of what is listed, page by page.
  std::vector<std::string> listed(WebhookQuery query, std::uint32_t limit) {
    std::vector<std::string> bodies;
    query.limit = limit;
    do {
      const WebhookPage page = store.webhooks(query);
      BOOST_TEST(page.webhooks.size() <= limit);
      for (const WebhookRecord& webhook : page.webhooks)
        bodies.push_back(body_of(webhook));
      query.before = page.next;
    } while (query.before != 0);
    return bodies;
  }
  std::string body_of(const WebhookRecord& record) const {
    for (const Webhook& webhook : arrived) {
      if (webhook.id == record.id && webhook.sha256 == record.sha256) return webhook.body;
    }
    return "unknown";
  }
  /// The bodies of what arrived and is wanted.
  template <class Wanted>
  std::vector<std::string> arrived_newest_first(Wanted wanted) const {
    std::vector<std::string> bodies;
    for (auto webhook = arrived.rbegin(); webhook != arrived.rend(); ++webhook) {
      if (wanted(*webhook)) bodies.push_back(webhook->body);
    }
    return bodies;
  }

  TempDir dir;
  Random random{22};
  std::vector<NewSession> sessions{new_session(random.id()), new_session(random.id()),
                                   new_session(random.id())};
  const SessionId unknown = random.id();
  OpenStore store{dir / "db"};
  std::vector<Webhook> arrived;
};

bool any_webhook(const Webhook&) {
  return true;
}

Registration registration_at(Wall at) {
  Registration registration;
  registration.webhook_url = "https://lender.example/webhooks/bankconnect";
  registration.webhook_mode = "[\"A\"]";
  registration.at = at;
  registration.http_status = 403;
  registration.code = "ACCESS_DENIED";
  registration.message = "no";
  return registration;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(webhook_list, Listed)

BOOST_AUTO_TEST_CASE(pages_of_any_size_list_every_webhook_newest_first) {
  for (const std::uint32_t limit : {1U, 7U, 50U, 99U, 100U, 101U, kMaxWebhooksPage})
    BOOST_TEST(listed({}, limit) == arrived_newest_first(any_webhook), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_full_last_page_of_webhooks_has_no_next) {
  WebhookQuery query;
  query.limit = 100;
  BOOST_TEST(store.webhooks(query).next == 0U);
}

BOOST_AUTO_TEST_CASE(webhooks_are_listed_by_session) {
  WebhookQuery query;
  query.id = sessions[1].id;
  BOOST_TEST(listed(query, 4) ==
                 arrived_newest_first([&](const Webhook& webhook) { return webhook.id == sessions[1].id; }),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(webhooks_are_listed_by_result) {
  WebhookQuery query;
  query.result = WebhookResult::accepted;
  BOOST_TEST(listed(query, 4) == arrived_newest_first([&](const Webhook& webhook) {
               return webhook.id == sessions[0].id || webhook.id == sessions[1].id;
             }),
             boost::test_tools::per_element());
  query.result = WebhookResult::recorded;
  BOOST_TEST(listed(query, 4) ==
                 arrived_newest_first([&](const Webhook& webhook) { return webhook.id == sessions[2].id; }),
             boost::test_tools::per_element());
  query.result = WebhookResult::kept;
  BOOST_TEST(
      listed(query, 4) == arrived_newest_first([&](const Webhook& webhook) { return webhook.id == unknown; }),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(webhooks_are_listed_by_session_and_result) {
  WebhookQuery query;
  query.id = sessions[2].id;
  query.result = WebhookResult::recorded;
  BOOST_TEST(listed(query, 10).size() == 25U);
  query.result = WebhookResult::accepted;
  BOOST_TEST(listed(query, 10).empty());
}

BOOST_AUTO_TEST_CASE(a_session_without_webhooks_has_an_empty_page) {
  WebhookQuery query;
  query.id = random.id();
  const WebhookPage page = store.webhooks(query);
  BOOST_TEST(page.webhooks.empty());
  BOOST_TEST(page.next == 0U);
}

BOOST_AUTO_TEST_CASE(a_repeated_body_is_listed_as_the_newest_arrival) {
  store.store_webhook(without_wake_up(hint_of(sessions[0].id, "0", kThen + 500s)));
  BOOST_TEST(body_of(store.webhooks({}).webhooks.front()) == "0");
  BOOST_TEST(store.all_webhooks().size() == 100U);
}

BOOST_AUTO_TEST_CASE(a_webhook_that_arrives_between_two_pages_does_not_shift_the_second) {
  WebhookQuery query;
  query.limit = 30;
  const WebhookPage first = store.webhooks(query);
  store.store_webhook(without_wake_up(hint_of(unknown, "new")));
  query.before = first.next;
  BOOST_TEST(body_of(store.webhooks(query).webhooks.front()) == "69");
}

BOOST_AUTO_TEST_CASE(a_cursor_beyond_the_newest_webhook_begins_with_it) {
  WebhookQuery query;
  query.before = UINT64_MAX;
  BOOST_TEST(body_of(store.webhooks(query).webhooks.front()) == "99");
}

BOOST_AUTO_TEST_CASE(facts_give_the_time_of_the_last_webhook) {
  BOOST_TEST((store.facts().last_webhook_at == kThen + 99s));
  store.store_webhook(without_wake_up(hint_of(unknown, "3", kThen + 700s)));
  BOOST_TEST((store.facts().last_webhook_at == kThen + 700s));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(webhook_registration)

BOOST_AUTO_TEST_CASE(a_new_database_has_no_registration_and_no_webhook) {
  const TempDir dir;
  OpenStore store(dir / "db");
  BOOST_TEST(!store.facts().registration.has_value());
  BOOST_TEST((store.facts().last_webhook_at == kNoWall));
}

BOOST_AUTO_TEST_CASE(a_registration_survives_a_restart_field_by_field) {
  const TempDir dir;
  {
    OpenStore store(dir / "db");
    BOOST_TEST(store.save_registration(registration_at(kThen)).has_value());
  }
  OpenStore store(dir / "db");
  const auto kept = store.facts().registration;
  BOOST_REQUIRE(kept.has_value());
  BOOST_TEST(kept->webhook_url == "https://lender.example/webhooks/bankconnect");
  BOOST_TEST(kept->webhook_mode == "[\"A\"]");
  BOOST_TEST((kept->at == kThen));
  BOOST_TEST(kept->http_status == 403);
  BOOST_TEST(kept->code == "ACCESS_DENIED");
  BOOST_TEST(kept->message == "no");
}

BOOST_AUTO_TEST_CASE(a_registration_replaces_the_stored_one) {
  const TempDir dir;
  OpenStore store(dir / "db");
  store.save_registration(registration_at(kThen));
  Registration second = registration_at(kThen + 60s);
  second.code.clear();
  store.save_registration(second);
  BOOST_TEST((store.facts().registration->at == kThen + 60s));
  BOOST_TEST(store.facts().registration->code.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
