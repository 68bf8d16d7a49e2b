// Which report is fetched next, and when a session has waited for its reports long enough.
#include "src/follow/report_fetches.hpp"

#include <boost/test/unit_test.hpp>
#include <map>

#include "tests/support/fake_world.hpp"

namespace bankconnect::test {

using follow::ReportFetches;

namespace {

ReportLink link(const std::string& account, const std::string& url = "https://s3/1") {
  return {{account, ReportFormat::xlsx}, url};
}

ReportAnswer failure(ReportAnswer::Result result, const char* code = "HTTP_503") {
  ReportAnswer answer;
  answer.result = result;
  answer.error.code = code;
  return answer;
}

struct AwaitedReports {
  Policy policy;
  ReportFetches fetches{policy};
  Steady now{1000s};

  void links(std::vector<ReportLink> given, std::uint32_t session = 1) {
    fetches.await(id_of(session), now + 10min);
    fetches.set_links(id_of(session), {std::move(given), false}, now);
  }
  /// What is fetched now.
  std::string fetch() {
    const auto next = fetches.next(now);
    if (!next) return "";
    under_way[next->link.name.account] = *next;
    return next->link.name.account;
  }
  void store(const std::string& account) {
    fetches.left();
    fetches.stored(under_way.at(account), now);
  }
  void fail(const std::string& account, ReportAnswer::Result result, const char* code = "HTTP_503") {
    fetches.left();
    fetches.failed(under_way.at(account), failure(result, code), now, 0);
  }
  std::map<std::string, ReportFetches::Fetch> under_way;
  std::string ended() {
    const auto session = fetches.next_ended(now);
    return session ? std::string(to_string(session->trigger)) : "";
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(report_fetches, AwaitedReports)

BOOST_AUTO_TEST_CASE(two_reports_are_fetched_at_once_each_of_another_session) {
  links({link("a"), link("b")});
  BOOST_TEST(fetch() == "a");
  BOOST_TEST(fetch().empty());
  links({link("c")}, 2);
  links({link("d")}, 3);
  BOOST_TEST(fetch() == "c");
  BOOST_TEST(fetch().empty());
  BOOST_TEST((fetches.next_time() > now));
}

BOOST_AUTO_TEST_CASE(a_session_whose_reports_hang_costs_the_others_one_fetch_each_time) {
  links({link("a"), link("b"), link("c")});
  BOOST_TEST(fetch() == "a");
  now += 1s;
  links({link("x")}, 2);
  links({link("y")}, 3);
  links({link("z")}, 4);
  BOOST_TEST(fetch() == "x");
  now += 1min;
  fail("a", ReportAnswer::Result::try_again);
  BOOST_TEST(fetch() == "y");
  store("x");
  BOOST_TEST(fetch() == "z");
  store("y");
  BOOST_TEST(fetch() == "b");
}

BOOST_AUTO_TEST_CASE(what_is_being_stored_when_the_time_is_over_counts_as_stored) {
  links({link("a")});
  fetch();
  fetches.storing(under_way.at("a"));
  now += 10min;
  BOOST_TEST(ended() == "reports_fetched");
  BOOST_TEST(fetches.end(id_of(1)).empty());
}

BOOST_AUTO_TEST_CASE(reports_stored_before_a_restart_are_not_fetched_again) {
  fetches.await(id_of(1), now + 10min);
  fetches.add_stored(id_of(1), {link("a").name});
  fetches.set_links(id_of(1), {{link("a"), link("b")}, false}, now);
  BOOST_TEST(fetch() == "b");
  store("b");
  BOOST_TEST(ended() == "reports_fetched");
}

BOOST_AUTO_TEST_CASE(what_was_stored_before_a_restart_is_not_all_while_no_links_are_known) {
  fetches.await(id_of(1), now + 10min);
  fetches.add_stored(id_of(1), {link("a").name});
  now += 10min;
  BOOST_TEST(ended() == "reports_missing");
}

BOOST_AUTO_TEST_CASE(links_that_cannot_be_used_are_missing_reports) {
  fetches.await(id_of(1), now + 10min);
  fetches.set_links(id_of(1), {{link("a")}, true}, now);
  fetch();
  store("a");
  BOOST_TEST(ended() == "reports_missing");
  fetches.await(id_of(2), now + 10min);
  fetches.set_links(id_of(2), {{}, true}, now);
  BOOST_TEST(ended() == "reports_missing");
}

BOOST_AUTO_TEST_CASE(a_session_has_its_reports_once_all_of_them_are_on_disk) {
  links({link("a"), link("b")});
  fetch();
  store("a");
  BOOST_TEST(ended().empty());
  fetch();
  store("b");
  BOOST_TEST(ended() == "reports_fetched");
  BOOST_TEST(ended().empty());
  BOOST_TEST(fetches.end(id_of(1)).empty());
}

BOOST_AUTO_TEST_CASE(a_host_that_cannot_answer_is_asked_again_with_growing_pauses_and_not_for_ever) {
  links({link("a")});
  Duration last = 0s;
  for (int i = 1; i < ReportFetches::kMostTries; ++i) {
    BOOST_TEST(fetch() == "a");
    fail("a", ReportAnswer::Result::try_again);
    BOOST_TEST(fetch().empty());
    const Duration pause = std::min(fetches.next_time(), now + 1min) - now;
    BOOST_TEST((pause >= last));
    last = pause;
    now += pause;
  }
  BOOST_TEST(fetch() == "a");
  fail("a", ReportAnswer::Result::try_again);
  BOOST_TEST(ended() == "reports_missing");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_fetched_is_not_tried_again_and_named_at_the_end) {
  links({link("a"), link("b")});
  fetch();
  store("a");
  fetch();
  fail("b", ReportAnswer::Result::impossible, "HTTP_404");
  BOOST_TEST(ended() == "reports_missing");
  const std::vector<ReportWrite> missing = fetches.end(id_of(1));
  BOOST_TEST_REQUIRE(missing.size() == 1U);
  BOOST_TEST(missing[0].name.account == "b");
  BOOST_TEST(missing[0].error.code == "HTTP_404");
}

BOOST_AUTO_TEST_CASE(fresh_links_are_wanted_once_and_only_for_what_was_not_fetched) {
  links({link("a"), link("b")});
  fetch();
  store("a");
  fetch();
  fail("b", ReportAnswer::Result::link_expired);
  BOOST_TEST(ended() == "report_link_expired");
  BOOST_TEST(ended().empty());
  fetches.set_links(id_of(1), {{link("a", "https://s3/2"), link("b", "https://s3/2")}, false}, now);
  BOOST_TEST(fetch() == "b");
  BOOST_TEST(under_way.at("b").link.url == "https://s3/2");
  BOOST_TEST(fetch().empty());
  fail("b", ReportAnswer::Result::link_expired);
  BOOST_TEST(ended() == "reports_missing");
}

BOOST_AUTO_TEST_CASE(a_report_without_a_fresh_link_is_missing) {
  links({link("a"), link("b")});
  fetch();
  fail("a", ReportAnswer::Result::link_expired);
  fetch();
  fail("b", ReportAnswer::Result::link_expired);
  BOOST_TEST(ended() == "report_link_expired");
  fetches.set_links(id_of(1), {{link("a")}, false}, now);
  BOOST_TEST(fetch() == "a");
  store("a");
  BOOST_TEST(ended() == "reports_missing");
}

BOOST_AUTO_TEST_CASE(the_end_of_patience_is_the_end_whatever_is_under_way) {
  links({link("a")});
  fetch();
  now += 10min;
  BOOST_TEST((fetches.next_time() <= now));
  BOOST_TEST(ended() == "reports_missing");
  BOOST_TEST(fetches.end(id_of(1)).front().error.code == "NOT_FETCHED");
  store("a");  // it comes too late
  BOOST_TEST(ended().empty());
}

BOOST_AUTO_TEST_CASE(a_session_without_links_waits_for_them_until_its_time_is_over) {
  fetches.await(id_of(1), now + 10min);
  BOOST_TEST(fetch().empty());
  BOOST_TEST((fetches.next_time() == now + 10min));
  now += 10min;
  BOOST_TEST(ended() == "reports_missing");
  BOOST_TEST(fetches.end(id_of(1)).empty());
}

BOOST_AUTO_TEST_CASE(a_fetch_that_hung_while_its_session_was_refreshed_is_not_taken_for_the_new_one) {
  links({link("a")});
  fetch();
  const ReportFetches::Fetch old = under_way.at("a");
  fetches.end(id_of(1));
  links({link("a")});
  BOOST_TEST(!fetches.awaits(old));
  fetches.left();
  fetches.failed(old, failure(ReportAnswer::Result::try_again), now, 0);
  fetches.stored(old, now);
  BOOST_TEST(ended().empty());
  BOOST_TEST(fetch() == "a");
  BOOST_TEST(fetches.awaits(under_way.at("a")));
  BOOST_TEST(!fetches.awaits(old));
  now += 10min;
  BOOST_TEST(ended() == "reports_missing");
  fetches.end(id_of(1));
  BOOST_TEST((fetches.next_time() == kNever));
}

BOOST_AUTO_TEST_CASE(a_session_that_ended_is_fetched_no_more) {
  links({link("a"), link("b"), link("c")});
  fetches.end(id_of(1));
  BOOST_TEST(fetch().empty());
  BOOST_TEST((fetches.next_time() == kNever));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
