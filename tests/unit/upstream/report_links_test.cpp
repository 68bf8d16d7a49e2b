// The links to reports in insights: where they are, and what else looks like one.
#include "src/upstream/report_links.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/unit/upstream/reading.hpp"

namespace bankconnect::test {

namespace {

const std::vector<ReportFormat> kBoth = {ReportFormat::xlsx, ReportFormat::xml};

std::string links(std::string_view insights, const std::vector<ReportFormat>& wanted = kBoth) {
  std::string out;
  const ReportLinks found = upstream::report_links(insights, wanted);
  for (const ReportLink& link : found.links)
    out += link.name.account + "." + std::string(to_string(link.name.format)) + "=" + link.url + " ";
  return found.some_unusable ? out + "and unusable ones" : out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(report_links)

BOOST_AUTO_TEST_CASE(each_account_has_a_link_for_each_format_that_is_wanted) {
  const std::string insights =
      R"({"session_id":"s","accounts":[{"account_id":"a-1","data":{"fraud":[],"xlsx_report_url":"x1",)"
      R"("xml_report_url":"m1"}},{"account_id":"a-2","data":{"xml_report_url":"m2","xlsx_report_url":"x2"}}]})";
  BOOST_TEST(links(insights) == "a-1.xlsx=x1 a-1.xml=m1 a-2.xlsx=x2 a-2.xml=m2 ");
  BOOST_TEST(links(insights, {ReportFormat::xml}) == "a-1.xml=m1 a-2.xml=m2 ");
  BOOST_TEST(links(insights, {}).empty());
}

BOOST_AUTO_TEST_CASE(the_order_of_keys_does_not_matter_and_escapes_are_read) {
  BOOST_TEST(links(R"({"accounts":[{"data":{"xlsx_report_url":"https:\/\/s3\u002ex"},"account_id":"a"}]})") ==
             "a.xlsx=https://s3.x ");
}

BOOST_AUTO_TEST_CASE(a_link_beside_the_data_of_its_account_is_one_too) {
  BOOST_TEST(links(R"({"accounts":[{"account_id":"a","xlsx_report_url":"x"}]})") == "a.xlsx=x ");
}

BOOST_AUTO_TEST_CASE(what_only_looks_like_a_link_is_none) {
  for (const char* const insights :
       {R"({"accounts":[{"account_id":"a","data":{"deeper":{"xlsx_report_url":"x"}}}]})",
        R"({"accounts":[{"account_id":"a","other":{"xlsx_report_url":"x"}}]})",
        R"({"accounts":[{"account_id":"a","data":{"xlsx_report_url":null,"xml_report_url":""}}]})",
        R"({"accounts":[{"account_id":"a","data":{"transactions":[{"xlsx_report_url":"x"}]}}]})",
        R"({"others":[{"account_id":"a","data":{"xlsx_report_url":"x"}}]})",
        R"({"xlsx_report_url":"x","accounts":[]})",
        R"({"accounts":{"account_id":"a","xlsx_report_url":"x"}})"})
    BOOST_TEST(links(insights).empty(), insights);
}

BOOST_AUTO_TEST_CASE(a_link_of_an_account_without_a_name_that_fits_a_file_cannot_be_used) {
  for (const char* const account : {"", "../../etc/passwd", "a b", "a.b", "\u00e4"}) {
    const std::string insights =
        std::string(R"({"accounts":[{"account_id":")") + account + R"(","data":{"xlsx_report_url":"x"}}]})";
    BOOST_TEST(links(insights) == "and unusable ones", insights);
  }
  BOOST_TEST(links(R"({"accounts":[{"data":{"xlsx_report_url":"x"}}]})") == "and unusable ones");
  BOOST_TEST(links(R"({"accounts":[{"data":{"xlsx_report_url":null}}]})").empty());
}

BOOST_AUTO_TEST_CASE(an_account_that_is_listed_twice_counts_once_and_their_number_has_a_limit) {
  std::string insights = R"({"accounts":[)";
  for (int i = 0; i < 400; ++i)
    insights += (i == 0 ? "" : ",") + (R"({"account_id":"a)" + std::to_string(i / 2)) +
                R"(","data":{"xlsx_report_url":"x","xml_report_url":"m"}})";
  const ReportLinks all = upstream::report_links(insights + "]}", kBoth);
  BOOST_TEST(all.links.size() == 200U);
  BOOST_TEST(all.some_unusable);
}

BOOST_AUTO_TEST_CASE(a_url_that_is_too_long_to_be_one_is_not_cut_to_another_one) {
  const std::string url(10'000, 'x');
  BOOST_TEST(links(R"({"accounts":[{"account_id":"a","xlsx_report_url":")" + url + R"("}]})") == "a.xlsx= ");
}

BOOST_AUTO_TEST_CASE(an_answer_has_the_links_that_its_question_wanted) {
  const std::string body = R"({"session_id":")" + kSession.text() +
                           R"(","accounts":[{"account_id":"a","data":{"xlsx_report_url":"x","v":NaN}}]})";
  upstream::HttpAnswer http;
  http.status = 200;
  http.body = body;
  Question wanting = question(Call::insights);
  BOOST_TEST(!upstream::read_answer(wanting, http, kNow).event.links_reports);
  wanting.report_formats = {ReportFormat::xlsx};
  const Answer answer = upstream::read_answer(wanting, http, kNow);
  BOOST_TEST(answer.event.links_reports);
  BOOST_TEST_REQUIRE(answer.report_links.links.size() == 1U);
  BOOST_TEST(answer.report_links.links[0].url == "x");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
