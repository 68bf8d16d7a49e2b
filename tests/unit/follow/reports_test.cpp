// Reports at the follower: on disk before the session is ENRICHED, and no hindrance to anything else.
#include <boost/test/unit_test.hpp>

#include "tests/support/fake_world.hpp"

namespace bankconnect::test {

namespace {

FollowOptions with_reports() {
  FollowOptions options = without_rate_limit();
  options.report_formats = {ReportFormat::xlsx, ReportFormat::xml};
  return options;
}

ReportAnswer fetched(std::uint64_t bytes = 7) {
  ReportAnswer answer;
  auto report = std::make_shared<Payload>();
  report->bytes = bytes;
  answer.report = std::move(report);
  return answer;
}

ReportAnswer failed(ReportAnswer::Result result) {
  ReportAnswer answer;
  answer.result = result;
  answer.error.code = "HTTP_403";
  return answer;
}

Answer linking_insights(std::vector<ReportLink> links) {
  Answer answer = insights();
  answer.event.links_reports = !links.empty();
  answer.report_links.links = std::move(links);
  return answer;
}

ReportLink xlsx(const std::string& account = "a") {
  return {{account, ReportFormat::xlsx}, "https://s3.example/" + account};
}

class Reported : public FakeWorld {
 public:
  Reported() : FakeWorld({}, with_reports()) {}

  void to_insights(const SessionId& id) {
    submit({id});
    answer(upload(UploadStatus::completed));
    answer(plain(Trigger::accepted));
    pass(2s);
    answer(plain(Trigger::progress_finished));
    answer(session_status(1, 0));
  }
  void to_fetching(const SessionId& id, std::vector<ReportLink> links = {xlsx()}) {
    to_insights(id);
    answer(linking_insights(std::move(links)));
  }
  void answer_report(ReportAnswer given) {
    upstream.answer_report(std::move(given));
    settle();
  }
  const SessionRecord& on_disk() { return store.records.at(id_of(1)); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(reports_at_the_follower, Reported)

BOOST_AUTO_TEST_CASE(the_formats_wanted_are_named_when_the_insights_are_asked_for) {
  to_insights(id_of(1));
  BOOST_TEST((upstream.open.front().question.call == Call::insights));
  BOOST_TEST(upstream.open.front().question.report_formats.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_report_is_on_disk_before_its_session_is_enriched) {
  to_fetching(id_of(1));
  BOOST_TEST(on_disk().durable.state == State::processing);
  BOOST_TEST_REQUIRE(upstream.reports.size() == 1U);
  upstream.answer_report(fetched());
  BOOST_TEST(on_disk().reports.empty());
  store.commit();
  BOOST_TEST(on_disk().reports.size() == 1U);
  BOOST_TEST(on_disk().durable.state == State::processing);
  store.commit();
  BOOST_TEST(on_disk().durable.state == State::enriched);
}

BOOST_AUTO_TEST_CASE(the_error_of_a_report_that_cannot_be_had_is_stored_with_the_end) {
  to_fetching(id_of(1), {xlsx("a"), xlsx("b")});
  answer_report(fetched());
  answer_report(failed(ReportAnswer::Result::impossible));
  BOOST_TEST(on_disk().durable.state == State::enriched);
  BOOST_TEST(on_disk().durable.anomalies == kReportsMissing);
  BOOST_TEST_REQUIRE(on_disk().reports.size() == 2U);
  BOOST_TEST(!on_disk().reports[0].error.has_value());
  BOOST_TEST(on_disk().reports[1].error->code == "HTTP_403");
}

BOOST_AUTO_TEST_CASE(a_link_that_is_over_is_replaced_once_by_fresh_insights) {
  to_fetching(id_of(1));
  answer_report(failed(ReportAnswer::Result::link_expired));
  BOOST_TEST_REQUIRE(upstream.open.size() == 1U);
  BOOST_TEST((upstream.open.front().question.call == Call::insights));
  answer(linking_insights({{{"a", ReportFormat::xlsx}, "https://s3.example/new"}}));
  BOOST_TEST_REQUIRE(upstream.reports.size() == 1U);
  BOOST_TEST(upstream.reports.front().first.url == "https://s3.example/new");
  answer_report(fetched());
  BOOST_TEST(on_disk().durable.state == State::enriched);
}

BOOST_AUTO_TEST_CASE(enriched_comes_without_reports_at_the_end_of_patience_also_while_bankconnect_is_away) {
  to_fetching(id_of(1));
  submit({id_of(2)});
  for (int i = 0; i < 30; ++i) {
    if (!upstream.open.empty()) answer(fault(Trigger::passing_fault, "CONNECTION_REFUSED"));
    pass(10s);
  }
  BOOST_TEST((follower->followed().upstream.kind == UpstreamCondition::Kind::broken));
  pass(5min);
  BOOST_TEST(on_disk().durable.state == State::enriched);
  BOOST_TEST(on_disk().durable.anomalies == kReportsMissing);
  BOOST_TEST(on_disk().reports[0].error->code == "NOT_FETCHED");
  answer_report(fetched());  // too late: nothing is stored
  BOOST_TEST(on_disk().reports[0].error.has_value());
}

BOOST_AUTO_TEST_CASE(reports_that_hang_hinder_no_poll_and_count_as_no_failure_of_bankconnect) {
  to_fetching(id_of(1), {xlsx("a"), xlsx("b"), xlsx("c")});
  BOOST_TEST(upstream.reports.size() == 1U);
  BOOST_TEST(follower->followed().in_flight == 0U);
  submit({id_of(2)});
  answer(upload(UploadStatus::completed));
  answer(plain(Trigger::accepted));
  for (int i = 0; i < 20; ++i) {
    pass(2s);
    BOOST_TEST_REQUIRE(upstream.open.size() == 1U);
    answer(plain(Trigger::still_processing));
    if (i % 2 == 0 && !upstream.reports.empty()) answer_report(failed(ReportAnswer::Result::try_again));
  }
  BOOST_TEST((follower->followed().upstream.kind == UpstreamCondition::Kind::flowing));
}

BOOST_AUTO_TEST_CASE(after_a_restart_fresh_links_are_fetched_and_the_patience_is_what_is_left_of_it) {
  to_fetching(id_of(1));
  clock.pass(6min);
  crash_and_restart();
  pass(2s);
  BOOST_TEST_REQUIRE(upstream.open.size() == 1U);
  BOOST_TEST((upstream.open.front().question.call == Call::insights));
  answer(linking_insights({xlsx()}));
  BOOST_TEST(upstream.reports.size() == 1U);
  pass(3min);
  BOOST_TEST(on_disk().durable.state == State::processing);
  pass(1min);
  BOOST_TEST(on_disk().durable.state == State::enriched);
}

BOOST_AUTO_TEST_CASE(a_report_of_a_session_that_was_erased_meanwhile_is_dropped) {
  to_fetching(id_of(1));
  follower->erase(id_of(1), [](const auto&) {});
  settle();
  submit({id_of(1)});
  answer_report(fetched());
  BOOST_TEST(on_disk().reports.empty());
  BOOST_TEST(on_disk().durable.state == State::no_uploads);
}

BOOST_AUTO_TEST_CASE(a_session_erased_while_its_report_is_being_committed_is_left_alone) {
  to_fetching(id_of(1));
  follower->erase(id_of(1), [](const auto&) {});
  upstream.answer_report(fetched());
  settle();
  BOOST_TEST(store.records.empty());
  BOOST_TEST(follower->followed().live == 0U);
}

BOOST_AUTO_TEST_CASE(a_refresh_fetches_the_reports_anew_and_keeps_the_old_ones_until_then) {
  to_fetching(id_of(1));
  answer_report(fetched(7));
  BOOST_TEST(command(id_of(1), Command::refresh).has_value());
  answer(session_status(1, 0));
  answer(linking_insights({xlsx()}));
  BOOST_TEST(on_disk().reports[0].bytes == 7U);
  BOOST_TEST_REQUIRE(upstream.reports.size() == 1U);
  answer_report(fetched(8));
  BOOST_TEST(on_disk().reports[0].bytes == 8U);
  BOOST_TEST(!has_calls(on_disk().durable));
  BOOST_TEST(follower->followed().live == 0U);
}

BOOST_AUTO_TEST_CASE(reports_that_cannot_be_written_keep_their_places_so_that_memory_stays_bounded) {
  for (std::uint32_t session = 1; session <= 3; ++session)
    to_fetching(id_of(session), {xlsx("a")});
  BOOST_TEST(upstream.reports.size() == 2U);
  upstream.answer_report(fetched());
  upstream.answer_report(fetched());
  follower->run();
  BOOST_TEST(upstream.reports.empty());
  settle();
  BOOST_TEST(upstream.reports.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_report_on_its_way_to_the_disk_at_the_end_of_patience_is_not_missing) {
  to_fetching(id_of(1));
  upstream.answer_report(fetched());
  clock.pass(10min);
  follower->run();
  settle();
  BOOST_TEST(on_disk().durable.state == State::enriched);
  BOOST_TEST(on_disk().durable.anomalies == 0);
  BOOST_TEST(on_disk().reports.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_restart_fetches_only_what_is_not_stored) {
  to_fetching(id_of(1), {xlsx("a"), xlsx("b")});
  answer_report(fetched());
  crash_and_restart();
  pass(2s);
  answer(linking_insights({xlsx("a"), xlsx("b")}));
  BOOST_TEST_REQUIRE(upstream.reports.size() == 1U);
  BOOST_TEST(upstream.reports.front().first.name.account == "b");
  answer_report(fetched());
  BOOST_TEST(on_disk().durable.state == State::enriched);
}

BOOST_AUTO_TEST_CASE(a_daemon_that_was_away_for_longer_than_its_patience_tries_once) {
  to_fetching(id_of(1));
  clock.pass(1h);
  crash_and_restart();
  pass(2s);
  answer(linking_insights({xlsx()}));
  BOOST_TEST(on_disk().durable.state == State::processing);
  answer_report(fetched());
  BOOST_TEST(on_disk().durable.anomalies == 0);
}

BOOST_AUTO_TEST_CASE(a_refresh_that_comes_between_the_end_and_its_commit_is_asked_for) {
  to_fetching(id_of(1));
  answer_report(failed(ReportAnswer::Result::link_expired));
  BOOST_TEST_REQUIRE(upstream.open.size() == 1U);
  clock.pass(10min);
  follower->run();                              // ENRICHED, on its way to the disk
  upstream.answer(linking_insights({xlsx()}));  // and the insights are too late
  follower->command(id_of(1), Command::refresh, [](const auto&) {});
  settle();
  BOOST_TEST_REQUIRE(upstream.open.size() == 1U);
  BOOST_TEST((upstream.open.front().question.call == Call::session_status));
}

BOOST_AUTO_TEST_CASE(no_report_is_asked_for_once_the_daemon_is_stopping) {
  to_insights(id_of(1));
  follower->stop();
  answer(linking_insights({xlsx()}));
  BOOST_TEST(upstream.reports.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
