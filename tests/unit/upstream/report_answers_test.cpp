// Which links to reports are followed, and what the answers of their hosts mean.
#include "src/upstream/report_answers.hpp"

#include <boost/test/unit_test.hpp>

#include "bankconnect/payload.hpp"
#include "tests/unit/upstream/reading.hpp"

namespace bankconnect::test {

namespace {

using Result = ReportAnswer::Result;

std::string target_of(const std::string& url, const std::vector<std::string>& allowed = {"*.amazonaws.com"}) {
  const auto target = upstream::report_target(url, allowed, kNow);
  return target.has_error() ? target.error().code
                            : target->host.host + ":" + target->host.port + target->target;
}

ReportAnswer answer_of(int status, std::string body = "<Error/>", const std::string& coding = "") {
  upstream::HttpAnswer http;
  http.status = status;
  http.body = std::move(body);
  http.content_encoding = coding;
  return upstream::read_report(std::move(http), 1000, kNow);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(report_answers)

BOOST_AUTO_TEST_CASE(a_link_keeps_its_path_and_query_byte_for_byte) {
  BOOST_TEST(target_of("https://b.s3.ap-south-1.amazonaws.com/a/r%20b.xlsx?X-Amz-Signature=%2F+a&x=1#part") ==
             "b.s3.ap-south-1.amazonaws.com:443/a/r%20b.xlsx?X-Amz-Signature=%2F+a&x=1");
  BOOST_TEST(target_of("https://S3.AMAZONAWS.COM:8443?q") == "S3.AMAZONAWS.COM:8443/?q");
}

BOOST_AUTO_TEST_CASE(only_https_is_followed_but_for_loopback) {
  BOOST_TEST(target_of("http://b.s3.amazonaws.com/r") == "LINK_NOT_HTTPS");
  BOOST_TEST(target_of("http://127.0.0.1:99/r", {"127.0.0.1"}) == "127.0.0.1:99/r");
}

BOOST_AUTO_TEST_CASE(a_host_has_to_be_allowed_by_itself_or_by_its_domain) {
  BOOST_TEST(target_of("https://amazonaws.com/r") == "HOST_NOT_ALLOWED");
  BOOST_TEST(target_of("https://evil-amazonaws.com/r") == "HOST_NOT_ALLOWED");
  BOOST_TEST(target_of("https://s3.amazonaws.com.evil.example/r") == "HOST_NOT_ALLOWED");
  BOOST_TEST(target_of("https://169.254.169.254/latest/meta-data") == "HOST_NOT_ALLOWED");
  BOOST_TEST(target_of("https://127.0.0.1/r") == "HOST_NOT_ALLOWED");
  BOOST_TEST(target_of("https://reports.example/r", {"reports.example"}) == "reports.example:443/r");
  BOOST_TEST(target_of("https://a.reports.example/r", {"reports.example"}) == "HOST_NOT_ALLOWED");
}

BOOST_AUTO_TEST_CASE(what_is_no_plain_link_is_not_followed) {
  for (const char* const url :
       {"", "s3_presigned_url", "/r", "file:///etc/passwd", "ftp://s3.amazonaws.com/r",
        "https://user:password@s3.amazonaws.com/r", "https://s3.amazonaws.com@evil.example/r", "https:///r",
        "http://%31%32%37.0.0.1%00.amazonaws.com/r", "https://evil.example%00.amazonaws.com/r",
        "https://evil.example%20HTTP%2F1.1%0D%0AX-y.amazonaws.com/r", "https://a%ff.amazonaws.com/r",
        "https://s3.amazonaws.com:99999/r", "https://s3.amazonaws.com/a b"})
    BOOST_TEST(target_of(url) == "BAD_LINK", url);
}

BOOST_AUTO_TEST_CASE(a_host_in_an_error_has_a_limit) {
  const std::string host(5000, 'a');
  const auto target = upstream::report_target("https://" + host + ".example/r", {"*.amazonaws.com"}, kNow);
  BOOST_TEST_REQUIRE(target.has_error());
  BOOST_TEST(target.error().message.size() < 300U);
}

BOOST_AUTO_TEST_CASE(no_error_contains_the_link) {
  const std::string secret = "X-Amz-Signature=5ec7e7";
  for (const char* const url : {"http://s3.amazonaws.com/r?", "https://evil.example/r?", "https://a b/r?"}) {
    const auto target = upstream::report_target(url + secret, {"*.amazonaws.com"}, kNow);
    BOOST_TEST_REQUIRE(target.has_error());
    BOOST_TEST(target.error().message.find(secret) == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_report_is_packed_byte_for_byte) {
  const std::string bytes("PK\0\xff", 4);
  const ReportAnswer answer = answer_of(200, bytes);
  BOOST_TEST((answer.result == Result::fetched));
  BOOST_TEST(unpack(*answer.report).value() == bytes);
  BOOST_TEST(answer.report->bytes == 4U);
}

BOOST_AUTO_TEST_CASE(statuses_say_whether_the_link_is_over_or_worth_another_try) {
  for (const int status : {400, 401, 403})
    BOOST_TEST((answer_of(status).result == Result::link_expired), status);
  for (const int status : {408, 425, 429, 500, 502, 503, 504})
    BOOST_TEST((answer_of(status).result == Result::try_again), status);
  for (const int status : {201, 204, 206, 301, 302, 307, 404, 410, 451})
    BOOST_TEST((answer_of(status).result == Result::impossible), status);
  BOOST_TEST(answer_of(404).error.code == "HTTP_404");
  BOOST_TEST(answer_of(302).error.message.find("redirect") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_empty_report_is_tried_again_and_a_compressed_one_is_bounded) {
  BOOST_TEST((answer_of(200, "").result == Result::try_again));
  BOOST_TEST((answer_of(200, "xx", "br").result == Result::impossible));
  const ReportAnswer large =
      upstream::read_report(upstream::TransportError{"RESPONSE_TOO_LARGE", "", true}, 1000, kNow);
  BOOST_TEST((large.result == Result::impossible));
  BOOST_TEST(large.error.message.find("reports.max_size") != std::string::npos);
  BOOST_TEST((upstream::read_report(upstream::TransportError{"TIMEOUT", "", true}, 1000, kNow).result ==
              Result::try_again));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
