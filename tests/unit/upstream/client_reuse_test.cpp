// Kept-alive connections: used again while they live, never trusted to.
#include <boost/test/unit_test.hpp>

#include "tests/unit/upstream/asking.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(client_reuse, Asking)

const Reply kFine{http(200, kProcessing)};

BOOST_AUTO_TEST_CASE(a_connection_is_used_again) {
  against({Script(3, kFine)});
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  BOOST_TEST(server->connections == 1u);
}

BOOST_AUTO_TEST_CASE(a_connection_the_server_closes_after_its_answer_is_not_used_again) {
  against({{Reply{http(200, kProcessing, "Connection: close\r\n"), Reply::Then::stall}}});
  ask(Call::progress);
  ask(Call::progress);
  BOOST_TEST(server->connections == 2u);
}

BOOST_AUTO_TEST_CASE(a_connection_closed_while_idle_is_noticed_before_anything_is_sent) {
  against({{Reply{http(200, kProcessing), Reply::Then::close}}, {Reply{http(202, "{}")}}});
  ask(Call::progress);
  settle();
  BOOST_TEST(trigger(ask(Call::initiate)) == "accepted");
}

BOOST_AUTO_TEST_CASE(a_connection_with_an_answer_nobody_asked_for_is_not_used_again) {
  against(
      {{Reply{http(200, kProcessing) + http(200, R"({"session_progress":"completed"})"), Reply::Then::stall}},
       {kFine}});
  ask(Call::progress);
  settle();
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  BOOST_TEST(server->connections == 2u);
}

BOOST_AUTO_TEST_CASE(a_get_on_a_stale_connection_is_asked_once_more) {
  for (const Reply::Then stale : {Reply::Then::close, Reply::Then::reset}) {
    against({{kFine, Reply{"", stale}}, {kFine}});
    ask(Call::progress);
    BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
    BOOST_TEST(server->requests.size() == 3u);
    BOOST_TEST(server->connections == 2u);
  }
}

BOOST_AUTO_TEST_CASE(a_get_is_asked_once_more_and_not_twice) {
  against({{kFine, Reply{"", Reply::Then::close}}, {Reply{"", Reply::Then::close}}, {kFine}});
  ask(Call::progress);
  BOOST_TEST(error_code(ask(Call::progress)) == "CONNECTION_CLOSED");
  BOOST_TEST(server->requests.size() == 3u);
}

BOOST_AUTO_TEST_CASE(the_second_try_uses_a_new_connection_even_when_others_are_idle) {
  // Two idle connections, both about to be found dead.
  against({{kFine, Reply{"", Reply::Then::close}}, {kFine, Reply{"", Reply::Then::close}}, {kFine}});
  int answered = 0;
  for (int i = 0; i < 2; ++i)
    client->ask({kSession, Call::progress, kNever}, [&](const Answer&) { ++answered; });
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

BOOST_AUTO_TEST_CASE(a_new_connection_that_dies_is_not_asked_again) {
  against({{Reply{"", Reply::Then::close}}, {kFine}});
  BOOST_TEST(error_code(ask(Call::progress)) == "CONNECTION_CLOSED");
  BOOST_TEST(server->requests.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_answer_begun_on_a_reused_connection_is_not_asked_again) {
  against({{kFine, Reply{"HTTP/1.1 200 OK\r\nContent-Le", Reply::Then::close}}, {kFine}});
  ask(Call::progress);
  BOOST_TEST(trigger(ask(Call::progress)) == "passing_fault");
  BOOST_TEST(server->requests.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_stall_on_a_reused_connection_is_not_asked_again) {
  options.request_timeout = std::chrono::milliseconds(300);
  against({{kFine, Reply{"", Reply::Then::stall}}, {kFine}});
  ask(Call::progress);
  BOOST_TEST(error_code(ask(Call::progress)) == "TIMEOUT");
  settle();
  BOOST_TEST(server->requests.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_fault_leaves_the_client_usable) {
  against({{Reply{"garbage\r\n\r\n", Reply::Then::close}}, {kFine}});
  BOOST_TEST(error_code(ask(Call::progress)) == "BAD_HTTP");
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
