// The cache of addresses, with a fake name server and a fake clock.
#include "src/upstream/resolver.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>

#include "tests/unit/upstream/name_server.hpp"

namespace bankconnect::test {
namespace {

using namespace std::chrono_literals;
using Found = std::variant<Addresses, TransportError>;

const Addresses kOld = at("192.0.2.1");
const Addresses kNew = at("192.0.2.2");

struct ResolverFixture {
  boost::asio::io_context loop{1};
  FakeNameServer server;
  Deadline now{100h};
  upstream::Resolver resolver{loop, "bank.example", "443", server.look_up(), [this] { return now; }};
  std::optional<Found> found;

  void ask(upstream::Resolver& asked, std::chrono::milliseconds timeout = 20s) {
    found.reset();
    const Deadline deadline = std::chrono::steady_clock::now() + timeout;
    boost::asio::co_spawn(loop, asked.addresses(deadline),
                          [this](const std::exception_ptr&, Found result) { found = std::move(result); });
    loop.restart();
    loop.poll();
  }
  void ask() { ask(resolver); }

  /// Makes the resolver know the addresses, and lets them reach this age.
  void know(const Addresses& addresses, std::chrono::seconds age) {
    ask();
    server.answer(addresses);
    run();
    now += age;
    BOOST_REQUIRE(gives(addresses));
    server.look_ups = 0;
  }

  void run() {
    loop.restart();
    loop.poll();
  }
  bool gives(const Addresses& addresses) const {
    return found && std::holds_alternative<Addresses>(*found) && std::get<Addresses>(*found) == addresses;
  }
  std::string error_code() const {
    return found && std::holds_alternative<TransportError>(*found) ? std::get<TransportError>(*found).code
                                                                   : "";
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(resolver, ResolverFixture)

BOOST_AUTO_TEST_CASE(the_first_look_up_is_awaited) {
  ask();
  BOOST_TEST(!found);
  server.answer(kOld);
  run();
  BOOST_TEST(gives(kOld));
  BOOST_TEST(server.look_ups == 1u);
}

BOOST_AUTO_TEST_CASE(a_look_up_may_outlast_its_resolver) {
  auto other = std::make_unique<upstream::Resolver>(loop, "other.example", "443", server.look_up());
  ask(*other, 10ms);
  loop.restart();
  while (!found)
    loop.run_one();
  BOOST_TEST(error_code() == "TIMEOUT");
  other.reset();
  server.answer(kOld);
  run();
}

BOOST_AUTO_TEST_CASE(a_fresh_address_is_not_looked_up_again) {
  know(kOld, 29s);
  ask();
  BOOST_TEST(gives(kOld));
  BOOST_TEST(server.look_ups == 0u);
}

BOOST_AUTO_TEST_CASE(an_old_address_is_returned_at_once_and_refreshed_in_the_background) {
  for (const auto age : {std::chrono::seconds(31s), std::chrono::seconds(59min)}) {
    ResolverFixture fresh;
    fresh.know(kOld, age);
    fresh.ask();
    BOOST_TEST(fresh.gives(kOld));
    BOOST_TEST(fresh.server.look_ups == 1u);
  }
}

BOOST_AUTO_TEST_CASE(a_caller_after_a_refresh_gets_the_new_address) {
  know(kOld, 31s);
  ask();
  server.answer(kNew);
  ask();
  BOOST_TEST(gives(kNew));
  BOOST_TEST(server.look_ups == 1u);
}

BOOST_AUTO_TEST_CASE(only_one_look_up_runs_at_a_time) {
  know(kOld, 31s);
  for (int i = 0; i < 5; ++i) {
    now += 10s;
    ask();
    resolver.mark_suspect();
  }
  BOOST_TEST(server.look_ups == 1u);
}

BOOST_AUTO_TEST_CASE(a_failed_look_up_is_repeated_at_most_once_a_second) {
  know(kOld, 31s);
  for (int i = 0; i < 20; ++i) {
    ask();
    BOOST_TEST(gives(kOld));
    server.fail();
    now += 100ms;
  }
  BOOST_TEST(server.look_ups == 2u);
}

BOOST_AUTO_TEST_CASE(an_address_not_refreshed_for_an_hour_is_not_used) {
  know(kOld, 1h);
  ask(resolver, 50ms);
  BOOST_TEST(!found);
  loop.restart();
  loop.run();
  BOOST_TEST(error_code() == "TIMEOUT");
}

BOOST_AUTO_TEST_CASE(a_suspect_address_is_looked_up_again_before_it_is_returned) {
  know(kOld, 5s);
  resolver.mark_suspect();
  ask();
  BOOST_TEST(!found);
  server.answer(kNew);
  run();
  BOOST_TEST(gives(kNew));
}

BOOST_AUTO_TEST_CASE(a_silent_name_server_delays_a_suspect_address_only_briefly) {
  know(kOld, 5s);
  resolver.mark_suspect();
  const auto began = std::chrono::steady_clock::now();
  ask();
  loop.restart();
  loop.run();
  BOOST_TEST(gives(kOld));
  BOOST_TEST((std::chrono::steady_clock::now() - began < 10s));
}

BOOST_AUTO_TEST_CASE(a_confirmed_address_is_returned_without_delay) {
  know(kOld, 5s);
  resolver.mark_suspect();
  ask();
  resolver.confirm();
  ask();
  BOOST_TEST(gives(kOld));
}

BOOST_AUTO_TEST_CASE(suspect_addresses_cause_at_most_one_look_up_a_second) {
  know(kOld, 5s);
  for (int i = 0; i < 20; ++i) {
    resolver.mark_suspect();
    ask();
    server.answer(kOld);
    run();
    BOOST_TEST(gives(kOld));
    now += 100ms;
  }
  BOOST_TEST(server.look_ups == 2u);
}

BOOST_AUTO_TEST_CASE(an_address_suspect_right_after_a_look_up_is_looked_up_a_second_later) {
  know(kOld, 0s);
  resolver.mark_suspect();
  ask();
  BOOST_TEST(gives(kOld));
  BOOST_TEST(server.look_ups == 0u);
  now += 1s;
  ask();
  BOOST_TEST(server.look_ups == 1u);
}

BOOST_AUTO_TEST_CASE(an_answer_ends_the_suspicion) {
  know(kOld, 5s);
  resolver.mark_suspect();
  ask();
  server.answer(kNew);
  now += 5s;
  ask();
  BOOST_TEST(gives(kNew));
  BOOST_TEST(server.look_ups == 1u);
}

BOOST_AUTO_TEST_CASE(a_failed_look_up_is_reported_as_dns_failed) {
  ask();
  server.fail();
  run();
  BOOST_TEST(error_code() == "DNS_FAILED");
  BOOST_TEST(std::get<TransportError>(*found).message.starts_with("looking up bank.example: "));
}

BOOST_AUTO_TEST_CASE(a_name_without_an_address_is_reported_as_dns_failed) {
  ask();
  server.answer({});
  run();
  BOOST_TEST(error_code() == "DNS_FAILED");
}

BOOST_AUTO_TEST_CASE(an_empty_answer_keeps_the_known_addresses) {
  know(kOld, 31s);
  ask();
  server.answer({});
  ask();
  BOOST_TEST(gives(kOld));
}

BOOST_AUTO_TEST_CASE(ip_addresses_and_localhost_need_no_look_up) {
  for (const char* host : {"127.0.0.1", "::1", "localhost"}) {
    upstream::Resolver evident(loop, host, "8080", server.look_up());
    evident.mark_suspect();
    ask(evident);
    BOOST_TEST(found.has_value());
    BOOST_TEST(error_code() == "");
  }
  BOOST_TEST(server.look_ups == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
