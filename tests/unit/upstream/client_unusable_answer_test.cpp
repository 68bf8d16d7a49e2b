// A connection is reused only after a usable answer: once answers are out of step with requests, they stay
// so.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "tests/unit/upstream/certificates.hpp"
#include "tests/unit/upstream/client_fixture.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(client_unusable_answer, ClientFixture)

const std::string kOfAnotherSession =
    R"({"session_id":")" + std::string(kOtherSession) + R"(","session_progress":"completed"})";

BOOST_AUTO_TEST_CASE(a_connection_that_delivered_another_sessions_answer_is_not_reused) {
  const Reply meant_for_another{http(200, R"({"session_progress":"completed"})")};
  against({{Reply{http(200, kOfAnotherSession)}, meant_for_another}, {kFine}});
  BOOST_TEST(error_code(ask(Call::progress)) == "WRONG_SESSION");
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  BOOST_TEST(server->connections == 2u);
}

BOOST_AUTO_TEST_CASE(a_connection_with_an_unusable_answer_is_not_reused) {
  struct Row {
    Call call;
    std::string answer;
    std::string code;
  };
  const std::vector<Row> rows = {
      {Call::progress, http(200, "<html>"), "NOT_JSON"},
      {Call::progress, http(200, "{}"), "UNEXPECTED_BODY"},
      {Call::initiate, http(202, kOfAnotherSession), "WRONG_SESSION"},
      {Call::progress, http(200, kProcessing, "Content-Encoding: gzip\r\n"), "UNEXPECTED_BODY"},
      {Call::session_status, http(200, "{}"), "UNEXPECTED_BODY"},  // read on the worker
      {Call::insights, http(200, kOfAnotherSession), "WRONG_SESSION"},
      {Call::insights, http(200, R"({"accounts":[)"), "NOT_JSON"},
      {Call::progress, http(502, "<html>"), "HTTP_502"},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(to_string(row.call) << " " << row.answer) {
      against({{Reply{row.answer}, kFine}, {kFine}});
      BOOST_TEST(error_code(ask(row.call)) == row.code);
      ask(Call::progress);
      BOOST_TEST(server->connections == 2u);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_connection_with_a_documented_refusal_is_reused) {
  for (const char* code : {"SESSION_NOT_FOUND", "PROCESSING_NOT_REQUESTED", "ACCESS_DENIED"}) {
    BOOST_TEST_CONTEXT(code) {
      against({{Reply{http(404, error_body(code))}, kFine}, {kFine}});
      ask(Call::progress);
      ask(Call::progress);
      BOOST_TEST(server->connections == 1u);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_connection_is_reused_after_an_answer_read_on_the_worker) {
  const std::string large = R"({"accounts":[],"x":")" + std::string(200'000, 'x') + "\"}";
  against({{Reply{http(200, large)}, kFine}, {kFine}});
  BOOST_TEST(trigger(ask(Call::insights)) == "insights_fetched");
  ask(Call::progress);
  BOOST_TEST(server->connections == 1u);
}

BOOST_AUTO_TEST_CASE(a_connection_with_an_unusable_registration_answer_is_not_reused) {
  against({{Reply{http(200, "<html>")}, kFine}, {kFine}});
  BOOST_TEST(register_webhook("https://lender.example/").registration.code == "NOT_JSON");
  ask(Call::progress);
  BOOST_TEST(server->connections == 2u);
}

BOOST_AUTO_TEST_CASE(an_unsolicited_answer_already_buffered_by_tls_is_detected) {
  // The first answer fills a TLS record, so that the second is in a record of its own and both are read at
  // once.
  constexpr std::size_t kRecord = 16 * 1024;
  std::string first = R"({"session_progress":"processing","x":"")" + std::string("}");
  const std::size_t without = http(200, std::string(kRecord - 1000, ' ')).size() - (kRecord - 1000);
  first.insert(first.size() - 2, std::string(kRecord - without - first.size(), 'x'));
  BOOST_REQUIRE(http(200, first).size() == kRecord);

  const Authority authority;
  boost::asio::ssl::context tls = authority.server_context({});
  config.ca_file = authority.file();
  serve({{Reply{http(200, first) + http(200, R"({"session_progress":"completed"})"), Reply::Then::stall}},
         {kFine}},
        &tls);
  start_client("localhost", "https");
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  BOOST_TEST(server->connections == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
