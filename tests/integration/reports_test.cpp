// Reports fetched with the insights: from the stand-in, as from S3, to a file of bankconnectctl.
#include <algorithm>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/integration/world.hpp"

namespace bankconnect::test {

namespace {

std::string scenario(const std::string& more = "", const char* valid = "1h") {
  return std::string(
             "[scenario.quick]\nno_uploads = \"0s\"\nin_progress = \"100ms\"\nprocessing = \"300ms\"\n") +
         "report_links = \"" + valid + "\"\n" + more + session_entry(session_id(1), "quick");
}

std::string fault(const std::string& fields) {
  return "[[scenario.quick.fault]]\ncall = \"report\"\n" + fields;
}

class ReportWorld : public World {
 public:
  explicit ReportWorld(const std::string& scenarios,
                       const std::string& settings = "fetch = [\"xlsx\", \"xml\"]")
      : World(scenarios) {
    configure("reports", settings + "\nallow = [\"127.0.0.1\"]");
    start_daemon();
    submit(session_id(1));
  }
  std::string ended() { return ending(session_id(1)); }
  boost::json::array reports() const { return session(session_id(1)).at("reports").as_array(); }
  std::vector<std::string> anomalies() const {
    return boost::json::value_to<std::vector<std::string>>(session(session_id(1)).at("anomalies"));
  }
  /// The request log is written a little later.
  bool reaches_calls(const std::string& call, long count) const {
    return eventually([&] {
      const auto all = requests();
      return std::ranges::count(all, call, &Logged::call) == count;
    });
  }
  RunResult ctl(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--socket", folder / "socket"});
    return run(BANKCONNECTCTL, arguments);
  }
};

const std::vector<std::string> kMissing = {"REPORTS_MISSING"};

}  // namespace

BOOST_AUTO_TEST_SUITE(reports)

BOOST_AUTO_TEST_CASE(reports_are_stored_with_the_insights_and_no_key_is_sent_for_them) {
  ReportWorld world(scenario());
  BOOST_TEST(world.ended() == "ENRICHED complete");
  BOOST_TEST(world.anomalies().empty());
  const auto reports = world.reports();
  BOOST_TEST_REQUIRE(reports.size() == 2U);
  for (const auto& report : reports)
    BOOST_TEST(report.at("bytes").to_number<int>() > 0);
  BOOST_TEST(world.reaches_calls("report", 2));
  for (const Logged& request : world.requests())
    BOOST_TEST(request.effect != "keys_leaked");

  const auto account = boost::json::value_to<std::string>(reports[0].at("account"));
  const std::string file = world.folder / "report.xlsx";
  const RunResult ambiguous = world.ctl({"report", session_id(1)});
  BOOST_TEST(ambiguous.code == 2, ambiguous.output);
  BOOST_TEST(ambiguous.output.find(account + ".xml") != std::string::npos, ambiguous.output);
  const RunResult written = world.ctl({"report", session_id(1), "--format", "xlsx", "--output", file});
  BOOST_TEST(written.code == 0, written.output);
  const std::string bytes = read_file(file);
  BOOST_TEST(bytes.starts_with("PK\x03\x04"));
  BOOST_TEST(bytes.size() == reports[0].at("bytes").to_number<std::size_t>());
  BOOST_TEST((std::filesystem::status(file).permissions() == std::filesystem::perms(0600)));
  const RunResult printed = world.ctl({"report", session_id(1), "--account", account, "--format", "xml"});
  BOOST_TEST(printed.output.find("<Report>") != std::string::npos, printed.output);
  BOOST_TEST(world.ctl({"report", session_id(1), "--account", "none"}).code == 1);
  BOOST_TEST(world.ctl({"report", session_id(2)}).code == 3);
  BOOST_TEST(world.ctl({"report", session_id(1), "--format", "xml", "--output", "/no/such/file"}).code == 74);
  write_file(file, "older");
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  BOOST_TEST(world.ctl({"report", session_id(1), "--format", "xml", "--output", file}).code == 0);
  BOOST_TEST(read_file(file).starts_with("<?xml"));
  BOOST_TEST((std::filesystem::status(file).permissions() == std::filesystem::perms(0600)));
  BOOST_TEST(world.ctl({"report", session_id(1), "--format", "xml", "--output", "/dev/null"}).code == 0);
}

BOOST_AUTO_TEST_CASE(without_the_key_no_link_is_followed) {
  ReportWorld world(scenario(), "");
  BOOST_TEST(world.ended() == "ENRICHED complete");
  BOOST_TEST(world.reports().empty());
  BOOST_TEST(world.reaches_calls("report", 0));
}

BOOST_AUTO_TEST_CASE(a_host_of_reports_that_fails_for_a_while_is_asked_again) {
  ReportWorld world(scenario(fault("nth = [1, 2]\nkind = \"status\"\nstatus = 503\n")));
  BOOST_TEST(world.ended() == "ENRICHED complete");
  BOOST_TEST(world.anomalies().empty());
  BOOST_TEST(world.reaches_calls("report", 4));
}

BOOST_AUTO_TEST_CASE(links_that_are_over_lead_to_fresh_insights_once) {
  ReportWorld world(scenario(fault("nth = [1]\nkind = \"status\"\nstatus = 403\n")), "fetch = [\"xml\"]");
  BOOST_TEST(world.ended() == "ENRICHED complete");
  BOOST_TEST(world.anomalies().empty());
  BOOST_TEST(world.reaches_calls("insights", 2));
  BOOST_TEST(world.reaches_calls("report", 2));
}

BOOST_AUTO_TEST_CASE(links_that_are_over_every_time_are_an_anomaly_and_are_named) {
  ReportWorld world(scenario("", "0s"), "fetch = [\"xml\"]");
  BOOST_TEST(world.ended() == "ENRICHED complete");
  BOOST_TEST(world.anomalies() == kMissing, boost::test_tools::per_element());
  BOOST_TEST(world.reaches_calls("insights", 2));
  BOOST_TEST(world.reports().at(0).at("error").at("code").as_string() == "HTTP_403");
  const RunResult missing = world.ctl({"report", session_id(1)});
  BOOST_TEST(missing.code == 1);
  BOOST_TEST(missing.output.find("HTTP_403") != std::string::npos, missing.output);
}

BOOST_AUTO_TEST_CASE(a_report_that_is_gone_is_asked_for_once_and_the_others_are_kept) {
  ReportWorld world(scenario(fault("nth = [1]\nkind = \"status\"\nstatus = 404\n")));
  BOOST_TEST(world.ended() == "ENRICHED complete");
  BOOST_TEST(world.anomalies() == kMissing, boost::test_tools::per_element());
  BOOST_TEST(world.reaches_calls("report", 2));
  const auto reports = world.reports();
  BOOST_TEST(std::ranges::count_if(
                 reports, [](const auto& report) { return report.as_object().contains("bytes"); }) == 1);
}

BOOST_AUTO_TEST_CASE(a_redirect_or_a_report_too_large_is_not_fetched) {
  for (const char* const kind : {"kind = \"redirect\"\nlocation = \"http://127.0.0.1:1/x\"\n",
                                 "kind = \"oversize\"\nsize = \"2MiB\"\n"}) {
    ReportWorld world(scenario(fault(kind)), "fetch = [\"xml\"]\nmax_size = \"1MiB\"");
    BOOST_TEST(world.ended() == "ENRICHED complete");
    BOOST_TEST(world.anomalies() == kMissing, boost::test_tools::per_element());
    BOOST_TEST(world.reaches_calls("report", 1));
  }
}

BOOST_AUTO_TEST_CASE(enriched_comes_without_a_report_that_hangs_at_the_end_of_patience) {
  ReportWorld world(scenario(fault("kind = \"stall\"\n")), "fetch = [\"xml\"]\npatience = \"2s\"");
  BOOST_TEST_REQUIRE(eventually(
      [&] { return world.session(session_id(1)).at("why").at("rule").as_string() == "awaiting_reports"; }));
  BOOST_TEST(world.state(session_id(1)) == "PROCESSING");
  BOOST_TEST(world.ended() == "ENRICHED complete");
  BOOST_TEST(world.anomalies() == kMissing, boost::test_tools::per_element());
  BOOST_TEST(world.reports().at(0).at("error").at("code").as_string() == "NOT_FETCHED");
}

BOOST_AUTO_TEST_CASE(a_daemon_killed_while_it_waits_fetches_them_after_its_start) {
  ReportWorld world(scenario(fault("nth = [1]\nkind = \"stall\"\n")), "fetch = [\"xml\"]");
  BOOST_TEST_REQUIRE(eventually(
      [&] { return world.session(session_id(1)).at("why").at("rule").as_string() == "awaiting_reports"; }));
  world.kill_daemon();
  world.start_daemon();
  BOOST_TEST(world.ended() == "ENRICHED complete");
  BOOST_TEST(world.anomalies().empty());
  BOOST_TEST(world.reports().at(0).at("bytes").to_number<int>() > 0);
}

BOOST_AUTO_TEST_CASE(a_refresh_fetches_missing_reports) {
  ReportWorld world(scenario(fault("nth = [1]\nkind = \"status\"\nstatus = 404\n")), "fetch = [\"xml\"]");
  BOOST_TEST(world.ended() == "ENRICHED complete");
  BOOST_TEST_REQUIRE(world.reports().at(0).as_object().contains("error"));
  BOOST_TEST(world.request("POST", "/v1/sessions/" + session_id(1) + "/refresh").status == 202);
  BOOST_TEST(eventually([&] { return world.reports().at(0).as_object().contains("bytes"); }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
