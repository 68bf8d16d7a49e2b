// Kept-alive connections that die silently, as when a firewall drops their state: what that may cost.
#include <boost/test/unit_test.hpp>

#include "tests/unit/upstream/client_fixture.hpp"

namespace bankconnect::test {
namespace {

using std::chrono::milliseconds;

const Script kDies{Reply{http(200, kProcessing), Reply::Then::vanish}};

struct DeadConnections : ClientFixture {
  /// `count` idle connections, of which each follows `script` from its second request on; new ones work.
  void open_idle(std::size_t count, const Script& script) {
    std::vector<Script> scripts(count, script);
    scripts.push_back(Script(5, kFine));
    against(std::move(scripts));
    std::size_t answered = 0;
    for (std::size_t i = 0; i < count; ++i)
      client->ask(question(Call::progress), [&](const Answer&) { ++answered; });
    wait_until([&] { return answered == count; });
    BOOST_REQUIRE(server->connections == count);
    settle();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(client_dead_connections, DeadConnections)

BOOST_AUTO_TEST_CASE(several_dead_connections_cost_one_timeout_in_all) {
  config.request_timeout = milliseconds(600);
  config.connect_timeout = std::chrono::seconds(10);
  open_idle(4, kDies);
  BOOST_TEST(error_code(ask(Call::progress)) == "TIMEOUT");
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  BOOST_TEST(server->connections == 5u);
}

BOOST_AUTO_TEST_CASE(a_get_is_retried_when_sent_data_is_not_acknowledged) {
  config.connect_timeout = milliseconds(200);
  open_idle(2, kDies);
  const Answer answer = ask(Call::progress);
  BOOST_TEST(trigger(answer) == "still_processing");
  BOOST_TEST(answer.took.count() < 10'000);  // well before the deadline of 20 s
}

BOOST_AUTO_TEST_CASE(initiate_is_not_sent_on_a_reused_connection) {
  open_idle(1, kDies);
  BOOST_TEST(trigger(ask(Call::initiate)) == "accepted");
  BOOST_TEST(server->connections == 2u);
}

BOOST_AUTO_TEST_CASE(a_slow_server_that_acknowledges_is_awaited_until_the_deadline) {
  config.connect_timeout = milliseconds(100);
  config.request_timeout = milliseconds(600);
  open_idle(1, {kFine, Reply{"", Reply::Then::stall}});
  const Answer answer = ask(Call::progress);
  BOOST_TEST(error_code(answer) == "TIMEOUT");
  BOOST_TEST(answer.took.count() >= 600);
  BOOST_TEST(server->connections == 1u);
}

BOOST_AUTO_TEST_CASE(a_connection_closed_without_an_answer_discards_all_idle_ones) {
  open_idle(3, {kFine, Reply{"", Reply::Then::close}});
  ask(Call::progress);
  // Two calls at once: the first reuses the connection of the last one, initiate opens the fifth.
  std::size_t answered = 0;
  for (const Call call : {Call::progress, Call::initiate}) {
    client->ask(question(call), [&](const Answer& answer) {
      BOOST_TEST(trigger(answer) != "passing_fault");
      ++answered;
    });
  }
  wait_until([&] { return answered == 2; });
  BOOST_TEST(server->connections == 5u);
}

BOOST_AUTO_TEST_CASE(connections_opened_after_idle_ones_were_discarded_are_reused) {
  open_idle(3, {kFine, Reply{"", Reply::Then::close}});
  for (int i = 0; i < 4; ++i)
    BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  BOOST_TEST(server->connections == 4u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
