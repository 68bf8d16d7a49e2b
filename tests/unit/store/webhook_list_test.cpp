// The list of webhooks: newest arrival first, in pages; and the last registration.
#include <boost/test/unit_test.hpp>

#include "tests/unit/store/open_store.hpp"
#include "tests/unit/store/webhooks.hpp"

namespace bankconnect::test {
namespace {

using namespace std::chrono_literals;

/// A hundred webhooks, one a second: three followed sessions, one of them final, and a stranger take turns.
struct Listed {
  Listed() {
    store.submit(sessions);
    store.write(step_to(sessions[2], State::failed, true));
    std::vector<HintWrite> writes;
    for (std::size_t i = 0; i < 100; ++i) {
      const SessionId& id = i % 4 == 3 ? stranger : sessions[i % 4].id;
      arrived.push_back(hint_of(id, std::to_string(i), kThen + i * 1s));
      writes.push_back(alone(arrived.back()));
    }
    store.take_hints(std::move(writes));
  }
  /// The numbers of what is listed, page by page.
  std::vector<std::string> listed(HintQuery query, std::uint32_t limit) {
    std::vector<std::string> bodies;
    query.limit = limit;
    do {
      const HintPage page = store.hints(query);
      BOOST_TEST(page.hints.size() <= limit);
      for (const HintRecord& hint : page.hints)
        bodies.push_back(body_of(hint));
      query.before = page.next;
    } while (query.before != 0);
    return bodies;
  }
  std::string body_of(const HintRecord& record) const {
    for (const Hint& hint : arrived) {
      if (hint.id == record.id && hint.sha256 == record.sha256) return hint.body;
    }
    return "unknown";
  }
  /// What arrived and is wanted, newest first.
  template <class Wanted>
  std::vector<std::string> newest_first(Wanted wanted) const {
    std::vector<std::string> bodies;
    for (auto hint = arrived.rbegin(); hint != arrived.rend(); ++hint) {
      if (wanted(*hint)) bodies.push_back(hint->body);
    }
    return bodies;
  }

  TempDir dir;
  Random random{22};
  std::vector<NewSession> sessions{new_session(random.id()), new_session(random.id()),
                                   new_session(random.id())};
  const SessionId stranger = random.id();
  OpenStore store{dir / "db"};
  std::vector<Hint> arrived;
};

bool everything(const Hint&) {
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

BOOST_AUTO_TEST_CASE(pages_of_any_size_lead_through_all_newest_first) {
  for (const std::uint32_t limit : {1U, 7U, 50U, 99U, 100U, 101U, kMaxHintsPage})
    BOOST_TEST(listed({}, limit) == newest_first(everything), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_full_last_page_has_no_next) {
  HintQuery query;
  query.limit = 100;
  BOOST_TEST(store.hints(query).next == 0U);
}

BOOST_AUTO_TEST_CASE(a_session_chooses) {
  HintQuery query;
  query.id = sessions[1].id;
  BOOST_TEST(listed(query, 4) == newest_first([&](const Hint& hint) { return hint.id == sessions[1].id; }),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_result_chooses) {
  HintQuery query;
  query.result = HintResult::accepted;
  BOOST_TEST(listed(query, 4) == newest_first([&](const Hint& hint) {
               return hint.id == sessions[0].id || hint.id == sessions[1].id;
             }),
             boost::test_tools::per_element());
  query.result = HintResult::recorded;
  BOOST_TEST(listed(query, 4) == newest_first([&](const Hint& hint) { return hint.id == sessions[2].id; }),
             boost::test_tools::per_element());
  query.result = HintResult::kept;
  BOOST_TEST(listed(query, 4) == newest_first([&](const Hint& hint) { return hint.id == stranger; }),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_session_and_a_result_choose_together) {
  HintQuery query;
  query.id = sessions[2].id;
  query.result = HintResult::recorded;
  BOOST_TEST(listed(query, 10).size() == 25U);
  query.result = HintResult::accepted;
  BOOST_TEST(listed(query, 10).empty());
}

BOOST_AUTO_TEST_CASE(a_session_that_had_none_has_an_empty_page) {
  HintQuery query;
  query.id = random.id();
  const HintPage page = store.hints(query);
  BOOST_TEST(page.hints.empty());
  BOOST_TEST(page.next == 0U);
}

BOOST_AUTO_TEST_CASE(a_repeated_body_is_the_newest_arrival) {
  store.take_hint(alone(hint_of(sessions[0].id, "0", kThen + 500s)));
  BOOST_TEST(body_of(store.hints({}).hints.front()) == "0");
  BOOST_TEST(store.all_hints().size() == 100U);
}

BOOST_AUTO_TEST_CASE(what_arrives_between_two_pages_moves_nothing_on_the_second) {
  HintQuery query;
  query.limit = 30;
  const HintPage first = store.hints(query);
  store.take_hint(alone(hint_of(stranger, "new")));
  query.before = first.next;
  BOOST_TEST(body_of(store.hints(query).hints.front()) == "69");
}

BOOST_AUTO_TEST_CASE(a_cursor_beyond_every_webhook_begins_with_the_newest) {
  HintQuery query;
  query.before = UINT64_MAX;
  BOOST_TEST(body_of(store.hints(query).hints.front()) == "99");
}

BOOST_AUTO_TEST_CASE(the_facts_say_when_the_last_one_came) {
  BOOST_TEST((store.facts().last_hint_at == kThen + 99s));
  store.take_hint(alone(hint_of(stranger, "3", kThen + 700s)));
  BOOST_TEST((store.facts().last_hint_at == kThen + 700s));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(webhook_registration)

BOOST_AUTO_TEST_CASE(a_new_database_knows_of_no_registration_and_no_webhook) {
  const TempDir dir;
  OpenStore store(dir / "db");
  BOOST_TEST(!store.facts().registration.has_value());
  BOOST_TEST((store.facts().last_hint_at == kNoWall));
}

BOOST_AUTO_TEST_CASE(a_registration_is_kept_over_a_restart_field_by_field) {
  const TempDir dir;
  {
    OpenStore store(dir / "db");
    BOOST_TEST(store.keep(registration_at(kThen)).has_value());
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

BOOST_AUTO_TEST_CASE(a_registration_takes_the_place_of_the_one_before) {
  const TempDir dir;
  OpenStore store(dir / "db");
  store.keep(registration_at(kThen));
  Registration second = registration_at(kThen + 60s);
  second.code.clear();
  store.keep(second);
  BOOST_TEST((store.facts().registration->at == kThen + 60s));
  BOOST_TEST(store.facts().registration->code.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
