// Kept-alive connections: reused while they live; what happens to a request that was lost on a dead one.
#include <boost/test/unit_test.hpp>

#include "tests/unit/upstream/client_fixture.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(client_reuse, ClientFixture)

BOOST_AUTO_TEST_CASE(a_connection_is_reused) {
  against({Script(3, kFine)});
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  BOOST_TEST(server->connections == 1u);
}

BOOST_AUTO_TEST_CASE(a_connection_that_the_server_announces_to_close_is_not_reused) {
  against({{Reply{http(200, kProcessing, "Connection: close\r\n"), Reply::Then::stall}}});
  ask(Call::progress);
  ask(Call::progress);
  BOOST_TEST(server->connections == 2u);
}

BOOST_AUTO_TEST_CASE(initiate_succeeds_when_an_idle_connection_was_closed) {
  against({{Reply{http(200, kProcessing), Reply::Then::close}}, {Reply{http(202, "{}")}}});
  ask(Call::progress);
  settle();
  BOOST_TEST(trigger(ask(Call::initiate)) == "accepted");
}

BOOST_AUTO_TEST_CASE(a_connection_with_an_unsolicited_answer_is_not_reused) {
  against(
      {{Reply{http(200, kProcessing) + http(200, R"({"session_progress":"completed"})"), Reply::Then::stall}},
       {kFine}});
  ask(Call::progress);
  settle();
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  BOOST_TEST(server->connections == 2u);
}

BOOST_AUTO_TEST_CASE(a_get_lost_on_a_stale_connection_is_retried_on_a_new_one) {
  for (const Reply::Then stale : {Reply::Then::close, Reply::Then::reset}) {
    against({{kFine, Reply{"", stale}}, {kFine}});
    ask(Call::progress);
    BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
    BOOST_TEST(server->requests.size() == 3u);
    BOOST_TEST(server->connections == 2u);
  }
}

BOOST_AUTO_TEST_CASE(a_get_is_retried_only_once) {
  against({{kFine, Reply{"", Reply::Then::close}}, {Reply{"", Reply::Then::close}}, {kFine}});
  ask(Call::progress);
  BOOST_TEST(error_code(ask(Call::progress)) == "CONNECTION_CLOSED");
  BOOST_TEST(server->requests.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_retry_uses_a_new_connection_even_when_others_are_idle) {
  // Two idle connections, both about to be found dead.
  against({{kFine, Reply{"", Reply::Then::close}}, {kFine, Reply{"", Reply::Then::close}}, {kFine}});
  int answered = 0;
  for (int i = 0; i < 2; ++i)
    client->ask(question(Call::progress), [&](const Answer&) { ++answered; });
  wait_until([&] { return answered == 2; });
  BOOST_REQUIRE(server->connections == 2u);
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
}

BOOST_AUTO_TEST_CASE(initiate_is_never_sent_twice) {
  for (const Reply::Then stale : {Reply::Then::close, Reply::Then::reset}) {
    against({{kFine}, {Reply{"", stale}}, {Reply{http(202, "{}")}}});
    ask(Call::progress);
    const Answer answer = ask(Call::initiate);
    settle();
    BOOST_TEST(trigger(answer) == "passing_fault");
    BOOST_TEST(answer.event.may_have_arrived);
    BOOST_TEST(server->requests.size() == 2u);
  }
}

BOOST_AUTO_TEST_CASE(a_request_lost_on_a_new_connection_is_not_retried) {
  against({{Reply{"", Reply::Then::close}}, {kFine}});
  BOOST_TEST(error_code(ask(Call::progress)) == "CONNECTION_CLOSED");
  BOOST_TEST(server->requests.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_request_whose_answer_breaks_off_is_not_retried) {
  against({{kFine, Reply{"HTTP/1.1 200 OK\r\nContent-Le", Reply::Then::close}}, {kFine}});
  ask(Call::progress);
  BOOST_TEST(trigger(ask(Call::progress)) == "passing_fault");
  BOOST_TEST(server->requests.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_timeout_on_a_reused_connection_is_not_retried) {
  config.request_timeout = std::chrono::milliseconds(300);
  against({{kFine, Reply{"", Reply::Then::stall}}, {kFine}});
  ask(Call::progress);
  BOOST_TEST(error_code(ask(Call::progress)) == "TIMEOUT");
  settle();
  BOOST_TEST(server->requests.size() == 2u);
}

BOOST_AUTO_TEST_CASE(the_client_works_after_a_fault) {
  against({{Reply{"garbage\r\n\r\n", Reply::Then::close}}, {kFine}});
  BOOST_TEST(error_code(ask(Call::progress)) == "BAD_HTTP");
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
