// Reading reports over the control socket.
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/control/running_control.hpp"

namespace bankconnect::test {

namespace {

struct WithReports : RunningControl {
  const std::string bytes = std::string("PK\0\xff", 4);

  WithReports() {
    submit_id(uuid(1));
    SessionWrite write;
    write.id = *SessionId::parse(uuid(1));
    write.durable.state = State::enriched;
    write.durable.final = true;
    write.durable.since = Wall(std::chrono::hours(400'000));
    const Wall at(std::chrono::hours(1));
    write.reports.push_back(
        {{"a-1", ReportFormat::xlsx}, std::make_shared<const Payload>(pack(bytes, at)), {}});
    write.reports.push_back({{"a-1", ReportFormat::xml}, nullptr, {"HTTP_404", "gone", at}});
    this->write(std::move(write));
  }
  static std::string path_of(const std::string& file) {
    return "/v1/sessions/" + uuid(1) + "/reports/" + file;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(reports, WithReports)

BOOST_AUTO_TEST_CASE(a_report_is_sent_byte_for_byte_as_what_it_is) {
  const HttpResponse response = get(path_of("a-1.xlsx"));
  BOOST_TEST(response.status == 200);
  BOOST_TEST(response.body == bytes);
  BOOST_TEST(response.headers.find("spreadsheetml.sheet") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_session_lists_its_reports_and_why_one_is_missing) {
  const auto session = boost::json::parse(get("/v1/sessions/" + uuid(1)).body);
  const auto& reports = session.at("reports").as_array();
  BOOST_TEST_REQUIRE(reports.size() == 2U);
  BOOST_TEST(reports[0].at("account").as_string() == "a-1");
  BOOST_TEST(reports[0].at("format").as_string() == "xlsx");
  BOOST_TEST(reports[0].at("bytes").to_number<int>() == 4);
  BOOST_TEST(reports[0].at("sha256").as_string().size() == 64U);
  BOOST_TEST(reports[0].at("fetched_at").is_string());
  BOOST_TEST(reports[1].at("error").at("code").as_string() == "HTTP_404");
  BOOST_TEST(!reports[1].as_object().contains("bytes"));
}

BOOST_AUTO_TEST_CASE(a_report_that_is_not_there_is_404_and_a_name_that_is_none_400) {
  for (const char* const file : {"a-1.xml", "a-2.xlsx"}) {
    const HttpResponse response = get(path_of(file));
    BOOST_TEST(response.status == 404, file);
    BOOST_TEST(response.error_code() == "NOT_AVAILABLE", file);
  }
  for (const char* const file : {"a-1", "a-1.pdf", "a-1."})
    BOOST_TEST(get(path_of(file)).error_code() == "BAD_REQUEST", file);
  BOOST_TEST(get("/v1/sessions/" + uuid(2) + "/reports/a-1.xlsx").error_code() == "SESSION_NOT_FOLLOWED");
  BOOST_TEST(get("/v1/sessions/xx/reports/a-1.xlsx").error_code() == "INVALID_SESSION_ID");
  BOOST_TEST(get(path_of("")).error_code() == "NO_SUCH_ENDPOINT");
  BOOST_TEST(get(path_of("a/b.xlsx")).error_code() == "NO_SUCH_ENDPOINT");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
