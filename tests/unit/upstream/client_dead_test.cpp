// Kept-alive connections that die without a word, as when a firewall forgets them: what that may cost.
#include <boost/test/unit_test.hpp>

#include "tests/unit/upstream/asking.hpp"

namespace bankconnect::test {
namespace {

using std::chrono::milliseconds;

const Reply kFine{http(200, kProcessing)};
const Script kDies{Reply{http(200, kProcessing), Reply::Then::vanish}};

struct Forgotten : Asking {
  /// `count` idle connections, of which each follows `script` from its second request on; new ones work.
  void idle(std::size_t count, const Script& script) {
    std::vector<Script> scripts(count, script);
    scripts.push_back(Script(5, kFine));
    against(std::move(scripts));
    std::size_t answered = 0;
    for (std::size_t i = 0; i < count; ++i)
      client->ask({kSession, Call::progress, kNever}, [&](const Answer&) { ++answered; });
    wait_until([&] { return answered == count; });
    BOOST_REQUIRE(server->connections == count);
    settle();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(client_dead, Forgotten)

BOOST_AUTO_TEST_CASE(many_that_died_cost_one_deadline) {
  options.request_timeout = milliseconds(600);
  options.connect_timeout = std::chrono::seconds(10);
  idle(4, kDies);
  BOOST_TEST(error_code(ask(Call::progress)) == "TIMEOUT");
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  BOOST_TEST(server->connections == 5u);
}

BOOST_AUTO_TEST_CASE(a_get_is_asked_anew_as_soon_as_nothing_gets_through) {
  options.connect_timeout = milliseconds(200);
  idle(2, kDies);
  const Answer answer = ask(Call::progress);
  BOOST_TEST(trigger(answer) == "still_processing");
  BOOST_TEST(answer.took.count() < 10'000);  // well before the deadline of 20 s
}

BOOST_AUTO_TEST_CASE(initiate_is_not_sent_on_one_at_all) {
  idle(1, kDies);
  BOOST_TEST(trigger(ask(Call::initiate)) == "accepted");
  BOOST_TEST(server->connections == 2u);
}

BOOST_AUTO_TEST_CASE(a_server_that_only_takes_its_time_is_waited_for) {
  options.connect_timeout = milliseconds(100);
  options.request_timeout = milliseconds(600);
  idle(1, {kFine, Reply{"", Reply::Then::stall}});
  const Answer answer = ask(Call::progress);
  BOOST_TEST(error_code(answer) == "TIMEOUT");
  BOOST_TEST(answer.took.count() >= 600);
  BOOST_TEST(server->connections == 1u);
}

BOOST_AUTO_TEST_CASE(one_that_is_closed_instead_of_an_answer_speaks_against_the_others) {
  idle(3, {kFine, Reply{"", Reply::Then::close}});
  ask(Call::progress);
  // Two at once, of which one takes the connection that has just served.
  std::size_t answered = 0;
  for (const Call call : {Call::progress, Call::initiate}) {
    client->ask({kSession, call, kNever}, [&](const Answer& answer) {
      BOOST_TEST(trigger(answer) != "passing_fault");
      ++answered;
    });
  }
  wait_until([&] { return answered == 2; });
  BOOST_TEST(server->connections == 5u);
}

BOOST_AUTO_TEST_CASE(what_is_used_after_that_is_trusted_again) {
  idle(3, {kFine, Reply{"", Reply::Then::close}});
  for (int i = 0; i < 4; ++i)
    BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");
  BOOST_TEST(server->connections == 4u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
