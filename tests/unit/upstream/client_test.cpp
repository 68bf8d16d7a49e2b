// The requests that the client sends, and how it reads the answers of a well-behaved server.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "bankconnect/payload.hpp"
#include "tests/unit/upstream/client_fixture.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(client, ClientFixture)

bool has_line(const std::string& request, const std::string& line) {
  return request.find("\r\n" + line + "\r\n") != std::string::npos;
}

BOOST_AUTO_TEST_CASE(every_call_is_sent_to_its_path_with_a_trailing_slash) {
  against({Script(5, Reply{http(200, "{}")})});
  const std::string session = "/bank-connect/v1/session_data/" + kSession.text();
  const std::vector<std::pair<Call, std::string>> rows = {
      {Call::upload_status, "GET " + session + "/session_upload_status/ HTTP/1.1\r\n"},
      {Call::initiate, "POST " + session + "/initiate_processing/ HTTP/1.1\r\n"},
      {Call::progress, "GET " + session + "/progress/ HTTP/1.1\r\n"},
      {Call::session_status, "GET " + session + "/session_status/ HTTP/1.1\r\n"},
      {Call::insights, "GET " + session + "/insights/ HTTP/1.1\r\n"},
  };
  for (const auto& [call, start_line] : rows) {
    BOOST_TEST_CONTEXT(to_string(call)) {
      ask(call);
      BOOST_TEST(server->requests.back().starts_with(start_line));
    }
  }
}

BOOST_AUTO_TEST_CASE(every_call_carries_both_keys_and_the_user_agent) {
  against({Script(5, Reply{http(200, "{}")})});
  for (const Call call : kAllCalls) {
    ask(call);
    BOOST_TEST_CONTEXT(server->requests.back()) {
      BOOST_TEST(has_line(server->requests.back(), "x-api-key: the-key"));
      BOOST_TEST(has_line(server->requests.back(), "server-hash: the-hash"));
      BOOST_TEST(has_line(server->requests.back(), "Host: 127.0.0.1:" + server->port()));
      BOOST_TEST(has_line(server->requests.back(), "User-Agent: bankconnectd/test"));
      BOOST_TEST(has_line(server->requests.back(), "Accept-Encoding: identity"));
      BOOST_TEST(has_line(server->requests.back(), "Cache-Control: no-store, no-cache"));
    }
  }
}

BOOST_AUTO_TEST_CASE(initiate_sends_an_empty_json_object) {
  against({{Reply{http(202, "{}")}}});
  BOOST_TEST(trigger(ask(Call::initiate)) == "accepted");
  BOOST_TEST(server->requests.front().ends_with("\r\n\r\n{}"));
  BOOST_TEST(has_line(server->requests.front(), "Content-Type: application/json"));
  BOOST_TEST(has_line(server->requests.front(), "Content-Length: 2"));
}

BOOST_AUTO_TEST_CASE(a_get_has_no_body) {
  against({{Reply{http(200, "{}")}}});
  ask(Call::progress);
  BOOST_TEST(server->requests.front().ends_with("\r\n\r\n"));
  BOOST_TEST(server->requests.front().find("Content-Length") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(new_credentials_are_used_from_the_next_call_on) {
  against({Script(2, Reply{http(200, kProcessing)})});
  ask(Call::progress);
  client->set_credentials({"new-key", "new-hash"});
  ask(Call::progress);
  BOOST_TEST(has_line(server->requests.at(1), "x-api-key: new-key"));
  BOOST_TEST(has_line(server->requests.at(1), "server-hash: new-hash"));
}

BOOST_AUTO_TEST_CASE(the_callback_never_runs_inside_ask) {
  against({{Reply{http(200, kProcessing)}}});
  bool inside = true;
  bool answered = false;
  for (const Elapsed not_after : {kNoLimit, kNoElapsed}) {
    inside = true;
    answered = false;
    client->ask(question(Call::progress, not_after), [&](const Answer&) {
      BOOST_TEST(!inside);
      answered = true;
    });
    inside = false;
    wait_until([&] { return answered; });
  }
}

BOOST_AUTO_TEST_CASE(a_question_past_its_not_after_is_not_sent) {
  against({{Reply{http(202, "{}")}}});
  const Answer answer = ask(Call::initiate, clock.now().elapsed - Duration(1));
  settle();
  BOOST_TEST(trigger(answer) == "not_sent");
  BOOST_TEST((answer.event.call == Call::initiate));
  BOOST_TEST(server->bytes_received == 0u);
}

BOOST_AUTO_TEST_CASE(a_question_past_its_not_after_is_not_sent_while_a_connection_is_idle) {
  against({Script(3, Reply{http(200, kProcessing)})});
  ask(Call::progress);
  const std::size_t before = server->bytes_received;
  for (const Call call : {Call::initiate, Call::progress}) {
    BOOST_TEST(trigger(ask(call, clock.now().elapsed - Duration(1))) == "not_sent");
    settle();
    BOOST_TEST(server->bytes_received == before);
  }
}

BOOST_AUTO_TEST_CASE(a_question_is_sent_at_exactly_its_not_after) {
  against({{Reply{http(202, "{}")}}});
  BOOST_TEST(trigger(ask(Call::initiate, clock.now().elapsed)) == "accepted");
}

BOOST_AUTO_TEST_CASE(an_answer_reports_how_long_the_call_took) {
  against({{Reply{http(200, kProcessing)}}});
  BOOST_TEST(ask(Call::progress).took.count() > 0);
}

BOOST_AUTO_TEST_CASE(interim_answers_are_skipped) {
  against({{Reply{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" +
                  http(200, kProcessing)}}});
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
}

BOOST_AUTO_TEST_CASE(a_chunked_answer_is_read) {
  against(
      {{Reply{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
              "1\r\n{\r\n20\r\n\"session_progress\":\"processing\"}\r\n0\r\n\r\n"}}});
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
}

BOOST_AUTO_TEST_CASE(an_answer_that_ends_with_its_connection_is_read_whole) {
  against({{Reply{"HTTP/1.0 200 OK\r\n\r\n" + kProcessing, Reply::Then::close}}});
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
}

BOOST_AUTO_TEST_CASE(five_megabytes_of_insights_arrive_whole) {
  const std::string body = R"({"accounts":[")" + std::string(5'000'000, 'x') + "\"]}";
  against({{Reply{http(200, body)}}});
  const Answer answer = ask(Call::insights);
  BOOST_REQUIRE(answer.payload);
  BOOST_TEST((*unpack(*answer.payload) == body));
}

BOOST_AUTO_TEST_CASE(retry_after_is_read_from_the_header) {
  against({{Reply{http(429, "", "Retry-After: 9\r\n")}}});
  const Answer answer = ask(Call::progress);
  BOOST_TEST(trigger(answer) == "slow_down");
  BOOST_TEST(answer.event.retry_after.count() == 9000);
}

BOOST_AUTO_TEST_CASE(localhost_is_resolved_without_a_name_server) {
  serve({{Reply{http(200, kProcessing)}}});
  start_client("localhost");
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  BOOST_TEST(has_line(server->requests.front(), "Host: localhost:" + server->port()));
  BOOST_TEST(!client->resolving());
}

BOOST_AUTO_TEST_CASE(concurrent_questions_each_get_an_answer) {
  against({{Reply{http(200, kProcessing)}}});
  int answered = 0;
  for (int i = 0; i < 50; ++i) {
    client->ask(question(Call::progress), [&](const Answer& answer) {
      BOOST_TEST(trigger(answer) == "still_processing");
      ++answered;
    });
  }
  wait_until([&] { return answered == 50; });
  BOOST_TEST(server->requests.size() == 50u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
