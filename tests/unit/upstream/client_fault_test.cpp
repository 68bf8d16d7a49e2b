// Servers that refuse, reset, stall or flood, or send invalid HTTP: each is a passing fault with a code of
// its own.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "tests/unit/upstream/client_fixture.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(client_fault, ClientFixture)

void check(const Answer& answer, const std::string& code) {
  BOOST_TEST(trigger(answer) == "passing_fault");
  BOOST_TEST(error_code(answer) == code);
  BOOST_TEST(!answer.payload);
  BOOST_TEST((answer.event.call == Call::insights));
}

BOOST_AUTO_TEST_CASE(a_refused_connection_is_reported_as_connection_refused) {
  serve({{}});
  start_client();
  server.reset();
  settle();
  const Answer answer = ask(Call::insights);
  check(answer, "CONNECTION_REFUSED");
  BOOST_TEST(answer.http_status == 0);
}

BOOST_AUTO_TEST_CASE(a_reset_instead_of_an_answer_is_reported_as_connection_reset) {
  against({{Reply{"", Reply::Then::reset}}});
  check(ask(Call::insights), "CONNECTION_RESET");
}

BOOST_AUTO_TEST_CASE(a_close_instead_of_an_answer_is_reported_as_connection_closed) {
  against({{Reply{"", Reply::Then::close}}});
  check(ask(Call::insights), "CONNECTION_CLOSED");
}

BOOST_AUTO_TEST_CASE(an_answer_that_ends_early_is_reported_as_truncated) {
  const std::vector<std::string> cut = {
      "HTTP/1.1 200 O",
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
  };
  for (const std::string& bytes : cut) {
    BOOST_TEST_CONTEXT(bytes) {
      against({{Reply{bytes, Reply::Then::close}}});
      check(ask(Call::insights), "TRUNCATED");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_valid_json_body_shorter_than_its_content_length_is_truncated) {
  against({{Reply{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"accounts\":[]}", Reply::Then::close}}});
  check(ask(Call::insights), "TRUNCATED");
}

BOOST_AUTO_TEST_CASE(a_server_that_never_answers_is_reported_as_timeout) {
  config.request_timeout = std::chrono::milliseconds(100);
  against({{Reply{"", Reply::Then::stall}}});
  check(ask(Call::insights), "TIMEOUT");
}

BOOST_AUTO_TEST_CASE(an_answer_that_stalls_midway_is_reported_as_timeout) {
  config.request_timeout = std::chrono::milliseconds(100);
  against({{Reply{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{", Reply::Then::stall}}});
  check(ask(Call::insights), "TIMEOUT");
}

BOOST_AUTO_TEST_CASE(an_answer_sent_byte_by_byte_does_not_extend_the_deadline) {
  config.request_timeout = std::chrono::milliseconds(100);
  against({{Reply{"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", Reply::Then::dribble}}});
  check(ask(Call::insights), "TIMEOUT");
}

BOOST_AUTO_TEST_CASE(an_answer_below_the_least_throughput_is_reported_as_too_slow_before_its_deadline) {
  config.answer_grace = std::chrono::milliseconds(50);
  config.min_throughput = 1'000'000;
  const std::string body_begun = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{";
  const std::string header_begun = "HTTP/1.1 200 OK\r\nX-Slow: ";
  for (const std::string& bytes : {body_begun, header_begun}) {
    for (const Reply::Then then : {Reply::Then::dribble, Reply::Then::stall}) {
      against({{Reply{bytes, then}}});
      check(ask(Call::insights), "TOO_SLOW");
    }
  }
}

BOOST_AUTO_TEST_CASE(an_answer_whose_header_comes_early_may_take_its_time_for_the_body) {
  config.answer_grace = std::chrono::milliseconds(10);
  config.min_throughput = 1'000'000;
  config.request_timeout = std::chrono::milliseconds(300);
  for (const char* bytes :
       {"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "HTTP/1.1 102 Processing\r\n\r\n"}) {
    against({{Reply{bytes, Reply::Then::stall}}});
    check(ask(Call::insights), "TIMEOUT");
  }
}

BOOST_AUTO_TEST_CASE(an_answer_that_has_not_begun_is_not_too_slow) {
  config.answer_grace = std::chrono::milliseconds(10);
  config.min_throughput = 1'000'000;
  against({{Reply{http(200, kProcessing), Reply::Then::keep, std::chrono::milliseconds(100)}}});
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
}

BOOST_AUTO_TEST_CASE(without_a_least_throughput_an_answer_may_take_until_its_deadline) {
  config.answer_grace = std::chrono::milliseconds(10);
  config.min_throughput = 0;
  config.request_timeout = std::chrono::milliseconds(100);
  against({{Reply{"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", Reply::Then::dribble}}});
  check(ask(Call::insights), "TIMEOUT");
}

BOOST_AUTO_TEST_CASE(a_body_over_the_size_limit_is_reported_as_response_too_large) {
  config.max_response_size = 1000;
  const std::string large(1001, 'x');
  for (const std::string& bytes :
       {http(200, large), std::string("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n"),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + large + "\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n" + large}) {
    against({{Reply{bytes, Reply::Then::close}}});
    check(ask(Call::insights), "RESPONSE_TOO_LARGE");
  }
}

BOOST_AUTO_TEST_CASE(a_body_exactly_at_the_size_limit_is_accepted) {
  const std::string body = R"({"accounts":[")" + std::string(1000, 'x') + "\"]}";
  config.max_response_size = body.size();
  against({{Reply{http(200, body)}}});
  BOOST_TEST(trigger(ask(Call::insights)) == "insights_fetched");
}

BOOST_AUTO_TEST_CASE(a_flood_of_header_lines_is_reported_as_bad_http) {
  std::string flood = "HTTP/1.1 200 OK\r\n";
  while (flood.size() < 1'000'000)
    flood += "X-Flood: " + std::string(100, 'x') + "\r\n";
  against({{Reply{flood, Reply::Then::stall}}});
  check(ask(Call::insights), "BAD_HTTP");
}

BOOST_AUTO_TEST_CASE(an_endless_header_line_is_reported_as_bad_http) {
  against({{Reply{"HTTP/1.1 200 OK\r\nX-Flood: " + std::string(1'000'000, 'x'), Reply::Then::stall}}});
  check(ask(Call::insights), "BAD_HTTP");
}

BOOST_AUTO_TEST_CASE(too_many_interim_answers_are_reported_as_bad_http) {
  std::string flood;
  for (int i = 0; i < 1000; ++i)
    flood += "HTTP/1.1 100 Continue\r\n\r\n";
  against({{Reply{flood, Reply::Then::stall}}});
  check(ask(Call::insights), "BAD_HTTP");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_http_are_a_passing_fault) {
  for (const char* bytes :
       {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/2 200\r\n\r\n", "\x15\x03\x01\x00\x02\x02\x0a",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nbad line\r\n\r\n"}) {
    BOOST_TEST_CONTEXT(bytes) {
      config.request_timeout = std::chrono::milliseconds(500);
      against({{Reply{bytes, Reply::Then::close}}});
      BOOST_TEST(trigger(ask(Call::insights)) == "passing_fault");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_redirect_is_not_followed) {
  serve({{Reply{""}}});
  const std::string elsewhere = "Location: http://127.0.0.1:" + server->port() + "/elsewhere/\r\n";
  for (const int status : {301, 302, 303, 307, 308}) {
    BOOST_TEST_CONTEXT(status) {
      against({{Reply{http(status, "", elsewhere)}, Reply{http(200, "{}")}}});
      BOOST_TEST(trigger(ask(Call::initiate)) == "account_refused");
      settle();
      BOOST_TEST(server->requests.size() == 1u);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_compressed_answer_is_refused_as_unexpected_body) {
  against({{Reply{http(200, "\x1f\x8b\x08", "Content-Encoding: gzip\r\n")}}});
  check(ask(Call::insights), "UNEXPECTED_BODY");
}

BOOST_AUTO_TEST_CASE(a_content_encoding_that_names_no_compression_is_accepted) {
  for (const char* coding : {"Identity", "utf-8", "UTF8", "none", ""}) {
    against({{Reply{http(200, kProcessing, "Content-Encoding: " + std::string(coding) + "\r\n")}}});
    BOOST_TEST(trigger(ask(Call::progress)) == "still_processing", coding);
  }
}

BOOST_AUTO_TEST_CASE(a_status_line_without_a_reason_is_read) {
  for (const char* status_line : {"HTTP/1.1 200\r\n", "HTTP/1.1 200 \r\n"}) {
    against({{Reply{status_line + ("Content-Length: " + std::to_string(kProcessing.size())) + "\r\n\r\n" +
                    kProcessing}}});
    BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  }
  against({{Reply{"HTTP/1.1 103\r\n\r\nHTTP/1.1 503\r\nContent-Length: 0\r\n\r\n"}}});
  BOOST_TEST(error_code(ask(Call::progress)) == "HTTP_503");
}

BOOST_AUTO_TEST_CASE(no_error_message_contains_the_api_key) {
  for (const Reply& reply :
       {Reply{"", Reply::Then::reset}, Reply{"x-api-key: the-key\r\n\r\n", Reply::Then::close}}) {
    against({{reply}});
    BOOST_TEST(ask(Call::insights).error->message.find("the-key") == std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
