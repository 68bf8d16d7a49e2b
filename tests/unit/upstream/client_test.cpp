// What the client sends, and what it makes of a well-behaved server.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "bankconnect/payload.hpp"
#include "tests/unit/upstream/asking.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(client, Asking)

bool has_line(const std::string& request, const std::string& line) {
  return request.find("\r\n" + line + "\r\n") != std::string::npos;
}

BOOST_AUTO_TEST_CASE(every_call_has_its_path_with_the_slash_at_the_end) {
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
    BOOST_TEST_CONTEXT(name(call)) {
      ask(call);
      BOOST_TEST(server->requests.back().starts_with(start_line));
    }
  }
}

BOOST_AUTO_TEST_CASE(every_call_carries_both_keys_and_says_who_asks) {
  against({Script(5, Reply{http(200, "{}")})});
  for (const Call call : kAllCalls) {
    ask(call);
    BOOST_TEST_CONTEXT(server->requests.back()) {
      BOOST_TEST(has_line(server->requests.back(), "x-api-key: the-key"));
      BOOST_TEST(has_line(server->requests.back(), "server-hash: the-hash"));
      BOOST_TEST(has_line(server->requests.back(), "Host: 127.0.0.1:" + server->port()));
      BOOST_TEST(has_line(server->requests.back(), "User-Agent: bankconnectd/test"));
      BOOST_TEST(has_line(server->requests.back(), "Accept-Encoding: identity"));
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

BOOST_AUTO_TEST_CASE(new_credentials_count_from_the_next_call_on) {
  against({Script(2, Reply{http(200, kProcessing)})});
  ask(Call::progress);
  client->set_credentials({"new-key", "new-hash"});
  ask(Call::progress);
  BOOST_TEST(has_line(server->requests.at(1), "x-api-key: new-key"));
  BOOST_TEST(has_line(server->requests.at(1), "server-hash: new-hash"));
}

BOOST_AUTO_TEST_CASE(the_answer_is_never_given_from_inside_ask) {
  against({{Reply{http(200, kProcessing)}}});
  bool inside = true;
  bool answered = false;
  for (const Steady not_after : {kNever, kNoSteady}) {
    inside = true;
    answered = false;
    client->ask({kSession, Call::progress, not_after}, [&](const Answer&) {
      BOOST_TEST(!inside);
      answered = true;
    });
    inside = false;
    wait_until([&] { return answered; });
  }
}

BOOST_AUTO_TEST_CASE(a_question_whose_time_is_over_is_not_sent) {
  against({{Reply{http(202, "{}")}}});
  const Steady past = clock.now().steady - Duration(1);
  const Answer answer = ask(Call::initiate, past);
  settle();
  BOOST_TEST(trigger(answer) == "not_sent");
  BOOST_TEST((answer.event.call == Call::initiate));
  BOOST_TEST(server->bytes_received == 0u);
}

BOOST_AUTO_TEST_CASE(a_question_whose_time_is_over_is_not_sent_on_a_kept_connection_either) {
  against({Script(3, Reply{http(200, kProcessing)})});
  ask(Call::progress);
  const std::size_t before = server->bytes_received;
  BOOST_TEST(trigger(ask(Call::initiate, clock.now().steady - Duration(1))) == "not_sent");
  settle();
  BOOST_TEST(server->bytes_received == before);
}

BOOST_AUTO_TEST_CASE(a_question_is_sent_up_to_its_very_last_moment) {
  against({{Reply{http(202, "{}")}}});
  BOOST_TEST(trigger(ask(Call::initiate, clock.now().steady)) == "accepted");
}

BOOST_AUTO_TEST_CASE(the_time_a_call_took_is_told) {
  against({{Reply{http(200, kProcessing)}}});
  BOOST_TEST(ask(Call::progress).took.count() > 0);
}

BOOST_AUTO_TEST_CASE(interim_answers_are_skipped) {
  against({{Reply{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" +
                  http(200, kProcessing)}}});
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
}

BOOST_AUTO_TEST_CASE(an_answer_in_chunks_is_read) {
  against(
      {{Reply{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
              "1\r\n{\r\n20\r\n\"session_progress\":\"processing\"}\r\n0\r\n\r\n"}}});
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
}

BOOST_AUTO_TEST_CASE(an_answer_that_ends_with_its_connection_is_read) {
  against({{Reply{"HTTP/1.0 200 OK\r\n\r\n" + kProcessing, Reply::Then::close}}});
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
}

BOOST_AUTO_TEST_CASE(large_insights_arrive_whole) {
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

BOOST_AUTO_TEST_CASE(localhost_is_this_machine_whatever_a_name_server_says) {
  serve({{Reply{http(200, kProcessing)}}});
  start_client("localhost");
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  BOOST_TEST(has_line(server->requests.front(), "Host: localhost:" + server->port()));
  BOOST_TEST(!client->resolving());
}

BOOST_AUTO_TEST_CASE(many_questions_at_once_each_get_their_own_answer) {
  against({{Reply{http(200, kProcessing)}}});
  int answered = 0;
  for (int i = 0; i < 50; ++i) {
    client->ask({kSession, Call::progress, kNever}, [&](const Answer& answer) {
      BOOST_TEST(trigger(answer) == "still_processing");
      ++answered;
    });
  }
  wait_until([&] { return answered == 50; });
  BOOST_TEST(server->requests.size() == 50u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
