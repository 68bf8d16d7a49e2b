// What is known of a name, and who waits for a name server: with one, and with a clock, that do as told.
#include "src/upstream/resolver.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>

#include "tests/unit/upstream/names.hpp"

namespace bankconnect::test {
namespace {

using namespace std::chrono_literals;
using Found = std::variant<Addresses, Fault>;

const Addresses kOld = at("192.0.2.1");
const Addresses kNew = at("192.0.2.2");

struct Resolving {
  boost::asio::io_context loop{1};
  NameServer server;
  Deadline now{100h};
  upstream::Resolver resolver{loop, "bank.example", "443", server.look_up(), [this] { return now; }};
  std::optional<Found> found;

  void ask(upstream::Resolver& of, std::chrono::milliseconds patience = 20s) {
    found.reset();
    const Deadline deadline = std::chrono::steady_clock::now() + patience;
    boost::asio::co_spawn(loop, of.addresses(deadline),
                          [this](const std::exception_ptr&, Found result) { found = std::move(result); });
    loop.restart();
    loop.poll();
  }
  void ask() { ask(resolver); }

  /// The addresses are known, and as old as that.
  void know(const Addresses& addresses, std::chrono::seconds age) {
    ask();
    server.answer(addresses);
    run();
    now += age;
    BOOST_REQUIRE(gives(addresses));
    server.asked = 0;
  }

  void run() {
    loop.restart();
    loop.poll();
  }
  bool gives(const Addresses& addresses) const {
    return found && std::holds_alternative<Addresses>(*found) && std::get<Addresses>(*found) == addresses;
  }
  std::string fault() const {
    return found && std::holds_alternative<Fault>(*found) ? std::get<Fault>(*found).code : "";
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(resolver, Resolving)

BOOST_AUTO_TEST_CASE(an_unknown_name_is_waited_for) {
  ask();
  BOOST_TEST(!found);
  server.answer(kOld);
  run();
  BOOST_TEST(gives(kOld));
  BOOST_TEST(server.asked == 1u);
}

BOOST_AUTO_TEST_CASE(what_was_found_is_not_asked_for_again_at_once) {
  know(kOld, 29s);
  ask();
  BOOST_TEST(gives(kOld));
  BOOST_TEST(server.asked == 0u);
}

BOOST_AUTO_TEST_CASE(an_old_address_is_given_at_once_while_a_silent_server_is_asked) {
  for (const auto age : {std::chrono::seconds(31s), std::chrono::seconds(59min)}) {
    Resolving fresh;
    fresh.know(kOld, age);
    fresh.ask();
    BOOST_TEST(fresh.gives(kOld));
    BOOST_TEST(fresh.server.asked == 1u);
  }
}

BOOST_AUTO_TEST_CASE(whoever_asks_after_the_server_answered_has_what_it_said) {
  know(kOld, 31s);
  ask();
  server.answer(kNew);
  ask();
  BOOST_TEST(gives(kNew));
  BOOST_TEST(server.asked == 1u);
}

BOOST_AUTO_TEST_CASE(one_lookup_at_a_time) {
  know(kOld, 31s);
  for (int i = 0; i < 5; ++i) {
    now += 10s;
    ask();
    resolver.doubt();
  }
  BOOST_TEST(server.asked == 1u);
}

BOOST_AUTO_TEST_CASE(a_server_that_fails_is_asked_once_a_second) {
  know(kOld, 31s);
  for (int i = 0; i < 20; ++i) {
    ask();
    BOOST_TEST(gives(kOld));
    server.fail();
    now += 100ms;
  }
  BOOST_TEST(server.asked == 2u);
}

BOOST_AUTO_TEST_CASE(an_address_nobody_could_confirm_for_an_hour_is_not_used) {
  know(kOld, 1h);
  ask(resolver, 50ms);
  BOOST_TEST(!found);
  loop.restart();
  loop.run();
  BOOST_TEST(fault() == "TIMEOUT");
}

BOOST_AUTO_TEST_CASE(a_doubted_address_is_looked_up_again_before_it_is_given) {
  know(kOld, 5s);
  resolver.doubt();
  ask();
  BOOST_TEST(!found);
  server.answer(kNew);
  run();
  BOOST_TEST(gives(kNew));
}

BOOST_AUTO_TEST_CASE(a_silent_server_delays_it_by_a_moment_only) {
  know(kOld, 5s);
  resolver.doubt();
  const auto began = std::chrono::steady_clock::now();
  ask();
  loop.restart();
  loop.run();
  BOOST_TEST(gives(kOld));
  BOOST_TEST((std::chrono::steady_clock::now() - began < 10s));
}

BOOST_AUTO_TEST_CASE(and_not_at_all_once_it_is_trusted_again) {
  know(kOld, 5s);
  resolver.doubt();
  ask();
  resolver.trust();
  ask();
  BOOST_TEST(gives(kOld));
}

BOOST_AUTO_TEST_CASE(doubts_cause_no_more_than_one_lookup_a_second) {
  know(kOld, 5s);
  for (int i = 0; i < 20; ++i) {
    resolver.doubt();
    ask();
    server.answer(kOld);
    run();
    BOOST_TEST(gives(kOld));
    now += 100ms;
  }
  BOOST_TEST(server.asked == 2u);
}

BOOST_AUTO_TEST_CASE(a_doubt_that_comes_too_soon_is_not_forgotten) {
  know(kOld, 0s);
  resolver.doubt();
  ask();
  BOOST_TEST(gives(kOld));
  BOOST_TEST(server.asked == 0u);
  now += 1s;
  ask();
  BOOST_TEST(server.asked == 1u);
}

BOOST_AUTO_TEST_CASE(an_answer_ends_the_doubt) {
  know(kOld, 5s);
  resolver.doubt();
  ask();
  server.answer(kNew);
  now += 5s;
  ask();
  BOOST_TEST(gives(kNew));
  BOOST_TEST(server.asked == 1u);
}

BOOST_AUTO_TEST_CASE(a_name_that_cannot_be_found_is_a_fault_that_says_so) {
  ask();
  server.fail();
  run();
  BOOST_TEST(fault() == "DNS_FAILED");
  BOOST_TEST(std::get<Fault>(*found).message.starts_with("looking up bank.example: "));
}

BOOST_AUTO_TEST_CASE(so_is_one_without_an_address) {
  ask();
  server.answer({});
  run();
  BOOST_TEST(fault() == "DNS_FAILED");
}

BOOST_AUTO_TEST_CASE(an_answer_without_an_address_takes_none_away) {
  know(kOld, 31s);
  ask();
  server.answer({});
  ask();
  BOOST_TEST(gives(kOld));
}

BOOST_AUTO_TEST_CASE(of_an_address_and_of_this_machine_nobody_is_asked) {
  for (const char* host : {"127.0.0.1", "::1", "localhost"}) {
    upstream::Resolver evident(loop, host, "8080", server.look_up());
    evident.doubt();
    ask(evident);
    BOOST_TEST(found.has_value());
    BOOST_TEST(fault() == "");
  }
  BOOST_TEST(server.asked == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
