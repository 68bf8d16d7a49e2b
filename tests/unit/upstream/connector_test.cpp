// New connections: what is looked up for them, how long they may take, and what a failed one leads to.
#include "src/upstream/connector.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <thread>

#include "src/upstream/tls.hpp"
#include "tests/unit/upstream/asking.hpp"
#include "tests/unit/upstream/certificates.hpp"
#include "tests/unit/upstream/names.hpp"

namespace bankconnect::test {
namespace {

using namespace std::chrono_literals;
using upstream::Connection;
using upstream::Connector;
using Connected = std::variant<std::unique_ptr<Connection>, Fault>;

/// An address of this machine where nobody listens at the server's port.
const char* const kNobody = "127.0.0.7";

struct Connecting : Asking {
  NameServer names;
  upstream::BaseUrl base;
  std::optional<Connected> connected;

  void serve_as(const std::string& host, boost::asio::ssl::context* tls = nullptr) {
    serve({{Reply{http(200, kProcessing, "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n")}}}, tls);
    base.tls = tls != nullptr;
    base.host = host;
    base.port = server->port();
  }

  Connector connector(std::chrono::milliseconds patience, boost::asio::ssl::context* tls = nullptr) {
    return Connector(loop, base, tls, patience, names.look_up());
  }

  void begin(Connector& with, std::chrono::milliseconds in_all = 20s) {
    connected.reset();
    const Deadline deadline = std::chrono::steady_clock::now() + in_all;
    boost::asio::co_spawn(loop, with.connect(deadline), [this](const std::exception_ptr&, Connected result) {
      connected = std::move(result);
    });
    settle();
  }
  void end() {
    wait_until([&] { return connected.has_value(); });
  }
  Addresses here() const { return at("127.0.0.1", static_cast<unsigned short>(std::stoi(server->port()))); }
  Addresses nowhere() const { return at(kNobody, static_cast<unsigned short>(std::stoi(server->port()))); }
  const Fault* fault() const { return std::get_if<Fault>(&*connected); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(connector_suite, Connecting)

BOOST_AUTO_TEST_CASE(a_silent_name_server_ends_with_the_patience) {
  serve_as("bank.example");
  Connector silent = connector(50ms);
  begin(silent);
  end();
  BOOST_REQUIRE(fault() != nullptr);
  BOOST_TEST(fault()->code == "TIMEOUT");
  BOOST_TEST(!fault()->may_have_arrived);
}

BOOST_AUTO_TEST_CASE(an_address_that_refuses_is_looked_up_anew) {
  serve_as("bank.example");
  Connector moved = connector(5s);
  begin(moved);
  names.answer(nowhere());
  end();
  BOOST_REQUIRE(fault() != nullptr);
  BOOST_TEST(fault()->code == "CONNECTION_REFUSED");
  std::this_thread::sleep_for(1s);  // between two lookups
  begin(moved);
  names.answer(here());
  end();
  BOOST_TEST(fault() == nullptr);
  BOOST_TEST(names.asked == 2u);
}

BOOST_AUTO_TEST_CASE(an_address_that_works_is_not) {
  serve_as("bank.example");
  Connector fine = connector(5s);
  begin(fine);
  names.answer(here());
  end();
  begin(fine);
  end();
  BOOST_TEST(fault() == nullptr);
  BOOST_TEST(names.asked == 1u);
}

BOOST_AUTO_TEST_CASE(an_address_that_works_again_is_trusted_again_whatever_name_servers_do) {
  serve_as("bank.example");
  Connector back = connector(5s);
  begin(back);
  names.answer(nowhere());
  end();
  BOOST_REQUIRE(fault() != nullptr);
  const boost::asio::ip::tcp::acceptor somebody(loop, nowhere().front());
  std::this_thread::sleep_for(1s);  // between two lookups
  begin(back);
  end();
  BOOST_REQUIRE(fault() == nullptr);
  BOOST_TEST(names.waiting.size() == 1u);
  bool at_once = false;
  for (int i = 0; i < 3 && !at_once; ++i) {  // on a machine that has other things to do
    const auto began = std::chrono::steady_clock::now();
    begin(back);
    end();
    BOOST_TEST(fault() == nullptr);
    at_once = std::chrono::steady_clock::now() - began < 400ms;
  }
  BOOST_TEST(at_once);
}

BOOST_AUTO_TEST_CASE(of_several_addresses_one_that_answers_will_do) {
  serve_as("bank.example");
  Connector several = connector(5s);
  begin(several);
  Addresses addresses = nowhere();
  addresses.push_back(here().front());
  names.answer(addresses);
  end();
  BOOST_TEST(fault() == nullptr);
}

BOOST_AUTO_TEST_CASE(of_several_addresses_a_silent_one_leaves_the_others_their_time) {
  serve_as("bank.example");
  boost::asio::ip::tcp::acceptor silent(loop, nowhere().front());
  drop_all_that_arrives(silent.native_handle());
  for (const std::size_t silent_ones : {1u, 2u}) {
    BOOST_TEST_CONTEXT(silent_ones) {
      Connector several = connector(2s);
      begin(several);
      Addresses addresses(silent_ones, nowhere().front());
      addresses.push_back(here().front());
      const auto began = std::chrono::steady_clock::now();
      names.answer(addresses);
      end();
      BOOST_TEST(fault() == nullptr);
      // On one machine the last one is reached even when no time is left.
      BOOST_TEST((std::chrono::steady_clock::now() - began < 2s));
    }
  }
}

BOOST_AUTO_TEST_CASE(when_all_addresses_are_silent_the_patience_is_for_all_of_them) {
  serve_as("bank.example");
  boost::asio::ip::tcp::acceptor silent(loop, nowhere().front());
  drop_all_that_arrives(silent.native_handle());
  Connector several = connector(300ms);
  begin(several);
  const auto began = std::chrono::steady_clock::now();
  names.answer(Addresses(3, nowhere().front()));
  end();
  BOOST_REQUIRE(fault() != nullptr);
  BOOST_TEST(fault()->code == "TIMEOUT");
  BOOST_TEST(!fault()->may_have_arrived);
  BOOST_TEST((std::chrono::steady_clock::now() - began >= 300ms));
}

BOOST_AUTO_TEST_CASE(the_address_that_worked_goes_first_from_then_on) {
  serve_as("bank.example");
  Connector several = connector(5s);
  begin(several);
  Addresses addresses = nowhere();
  addresses.push_back(here().front());
  names.answer(addresses);
  end();
  BOOST_REQUIRE(fault() == nullptr);
  const boost::asio::ip::tcp::acceptor somebody(loop, nowhere().front());
  begin(several);
  end();
  settle();
  BOOST_TEST(fault() == nullptr);
  BOOST_TEST(server->connections == 2u);
}

/// A name of several labels, which no name server has to know here.
struct Certified : Connecting {
  Authority authority;
  boost::asio::ssl::context trusting = upstream::make_tls_context(authority.file());

  bool accepts(const std::string& subject_alt_name) {
    boost::asio::ssl::context tls = authority.server_context({subject_alt_name});
    serve_as("api.bank.example", &tls);
    Connector secure = connector(5s, &trusting);
    begin(secure);
    names.answer(here());
    end();
    settle();  // the server's side of it, too, before another takes its place
    return fault() == nullptr;
  }
};

BOOST_FIXTURE_TEST_CASE(a_lookup_that_takes_its_time_takes_none_from_connecting, Certified) {
  serve_as("api.bank.example");  // which stays silent when it is asked for a handshake
  Connector slowly = connector(200ms, &trusting);
  begin(slowly);
  // The loop sleeps while the lookup goes on; when it is back, the time for lookups has just passed.
  std::this_thread::sleep_for(210ms);
  const auto began = std::chrono::steady_clock::now();
  names.answer(here());
  end();
  BOOST_REQUIRE(fault() != nullptr);
  BOOST_TEST(fault()->message == "TLS handshake took too long");
  BOOST_TEST((std::chrono::steady_clock::now() - began >= 200ms));
}

BOOST_FIXTURE_TEST_CASE(an_address_that_shakes_no_hands_does_not_go_first_again, Certified) {
  boost::asio::ssl::context tls = authority.server_context({"DNS:api.bank.example"});
  serve_as("api.bank.example", &tls);
  const boost::asio::ip::tcp::acceptor mute(loop, nowhere().front());
  Connector several = connector(300ms, &trusting);
  begin(several);
  Addresses addresses = nowhere();
  addresses.push_back(here().front());
  names.answer(addresses);
  end();
  BOOST_REQUIRE(fault() != nullptr);
  BOOST_TEST(fault()->message == "TLS handshake took too long");
  for (int i = 0; i < 5 && fault() != nullptr; ++i) {  // on a machine that has other things to do
    begin(several);
    end();
  }
  BOOST_TEST(fault() == nullptr);
}

BOOST_FIXTURE_TEST_CASE(a_wildcard_stands_for_a_whole_label_or_for_nothing, Certified) {
  BOOST_TEST(accepts("DNS:api.bank.example"));
  BOOST_TEST(accepts("DNS:*.bank.example"));
  BOOST_TEST(!accepts("DNS:a*.bank.example"));
  BOOST_TEST(!accepts("DNS:*pi.bank.example"));
}

BOOST_AUTO_TEST_CASE(an_answer_has_the_date_of_whoever_sent_it) {
  serve_as("127.0.0.1");
  Connector plain = connector(5s);
  begin(plain);
  end();
  auto& connection = std::get<std::unique_ptr<Connection>>(*connected);
  upstream::HttpRequest request;
  request.target = "/";
  std::optional<upstream::Exchanged> exchanged;
  boost::asio::co_spawn(loop, connection->exchange(request, 1000, std::chrono::steady_clock::now() + 20s),
                        [&](const std::exception_ptr&, upstream::Exchanged e) { exchanged = std::move(e); });
  wait_until([&] { return exchanged.has_value(); });
  BOOST_TEST(std::get<upstream::HttpAnswer>(exchanged->result).date == "Sun, 06 Nov 1994 08:49:37 GMT");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
