// New connections: look-ups, timeouts, several addresses, and what follows a failed attempt.
#include "src/upstream/connector.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <thread>

#include "src/upstream/tls.hpp"
#include "tests/unit/upstream/certificates.hpp"
#include "tests/unit/upstream/client_fixture.hpp"
#include "tests/unit/upstream/name_server.hpp"

namespace bankconnect::test {
namespace {

using namespace std::chrono_literals;
using upstream::Connection;
using upstream::Connector;
using Connected = std::variant<std::unique_ptr<Connection>, TransportError>;

/// An address of this machine without a listener at the server's port.
const char* const kOtherAddress = "127.0.0.7";

struct ConnectorFixture : ClientFixture {
  FakeNameServer names;
  BaseUrl base;
  std::optional<Connected> connected;

  void serve_as(const std::string& host, boost::asio::ssl::context* tls = nullptr) {
    serve({{Reply{http(200, kProcessing, "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n")}}}, tls);
    base.tls = tls != nullptr;
    base.host = host;
    base.port = server->port();
  }

  Connector connector(std::chrono::milliseconds timeout, boost::asio::ssl::context* tls = nullptr) {
    return Connector(loop, base, tls, nullptr, timeout, names.look_up());
  }

  void begin(Connector& used) {
    connected.reset();
    const Deadline deadline = std::chrono::steady_clock::now() + 20s;
    boost::asio::co_spawn(loop, used.connect(deadline), [this](const std::exception_ptr&, Connected result) {
      connected = std::move(result);
    });
    settle();
  }
  void end() {
    wait_until([&] { return connected.has_value(); });
  }
  Addresses server_address() const {
    return at("127.0.0.1", static_cast<unsigned short>(std::stoi(server->port())));
  }
  Addresses other_address() const {
    return at(kOtherAddress, static_cast<unsigned short>(std::stoi(server->port())));
  }
  const TransportError* error() const { return std::get_if<TransportError>(&*connected); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(connector_suite, ConnectorFixture)

BOOST_AUTO_TEST_CASE(a_look_up_without_an_answer_ends_with_the_timeout) {
  serve_as("bank.example");
  Connector silent = connector(50ms);
  begin(silent);
  end();
  BOOST_REQUIRE(error() != nullptr);
  BOOST_TEST(error()->code == "TIMEOUT");
  BOOST_TEST(!error()->may_have_arrived);
}

BOOST_AUTO_TEST_CASE(a_refusing_address_leads_to_a_new_look_up) {
  serve_as("bank.example");
  Connector moved = connector(5s);
  begin(moved);
  names.answer(other_address());
  end();
  BOOST_REQUIRE(error() != nullptr);
  BOOST_TEST(error()->code == "CONNECTION_REFUSED");
  std::this_thread::sleep_for(1s);  // the interval between look-ups
  begin(moved);
  names.answer(server_address());
  end();
  BOOST_TEST(error() == nullptr);
  BOOST_TEST(names.look_ups == 2u);
}

BOOST_AUTO_TEST_CASE(a_working_address_is_not_looked_up_again) {
  serve_as("bank.example");
  Connector fine = connector(5s);
  begin(fine);
  names.answer(server_address());
  end();
  begin(fine);
  end();
  BOOST_TEST(error() == nullptr);
  BOOST_TEST(names.look_ups == 1u);
}

BOOST_AUTO_TEST_CASE(an_address_that_works_again_is_used_without_waiting_for_a_look_up) {
  serve_as("bank.example");
  Connector back = connector(5s);
  begin(back);
  names.answer(other_address());
  end();
  BOOST_REQUIRE(error() != nullptr);
  const boost::asio::ip::tcp::acceptor listener(loop, other_address().front());
  std::this_thread::sleep_for(1s);  // the interval between look-ups
  begin(back);
  end();
  BOOST_REQUIRE(error() == nullptr);
  BOOST_TEST(names.waiting.size() == 1u);
  bool at_once = false;
  for (int i = 0; i < 3 && !at_once; ++i) {  // a busy machine may need several attempts
    const auto began = std::chrono::steady_clock::now();
    begin(back);
    end();
    BOOST_TEST(error() == nullptr);
    at_once = std::chrono::steady_clock::now() - began < 400ms;
  }
  BOOST_TEST(at_once);
}

BOOST_AUTO_TEST_CASE(one_working_address_of_several_is_enough) {
  serve_as("bank.example");
  Connector several = connector(5s);
  begin(several);
  Addresses addresses = other_address();
  addresses.push_back(server_address().front());
  names.answer(addresses);
  end();
  BOOST_TEST(error() == nullptr);
}

BOOST_AUTO_TEST_CASE(silent_addresses_leave_time_for_the_others) {
  serve_as("bank.example");
  boost::asio::ip::tcp::acceptor silent(loop, other_address().front());
  drop_all_that_arrives(silent.native_handle());
  for (const std::size_t silent_ones : {1u, 2u}) {
    BOOST_TEST_CONTEXT(silent_ones) {
      Connector several = connector(2s);
      begin(several);
      Addresses addresses(silent_ones, other_address().front());
      addresses.push_back(server_address().front());
      const auto began = std::chrono::steady_clock::now();
      names.answer(addresses);
      end();
      BOOST_TEST(error() == nullptr);
      // A local address is reached even when no time is left, so the duration is checked too.
      BOOST_TEST((std::chrono::steady_clock::now() - began < 2s));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_connect_timeout_covers_all_silent_addresses_together) {
  serve_as("bank.example");
  boost::asio::ip::tcp::acceptor silent(loop, other_address().front());
  drop_all_that_arrives(silent.native_handle());
  Connector several = connector(300ms);
  begin(several);
  const auto began = std::chrono::steady_clock::now();
  names.answer(Addresses(3, other_address().front()));
  end();
  BOOST_REQUIRE(error() != nullptr);
  BOOST_TEST(error()->code == "TIMEOUT");
  BOOST_TEST(!error()->may_have_arrived);
  BOOST_TEST((std::chrono::steady_clock::now() - began >= 300ms));
}

BOOST_AUTO_TEST_CASE(the_address_that_worked_is_tried_first_afterwards) {
  serve_as("bank.example");
  Connector several = connector(5s);
  begin(several);
  Addresses addresses = other_address();
  addresses.push_back(server_address().front());
  names.answer(addresses);
  end();
  BOOST_REQUIRE(error() == nullptr);
  const boost::asio::ip::tcp::acceptor listener(loop, other_address().front());
  begin(several);
  end();
  settle();
  BOOST_TEST(error() == nullptr);
  BOOST_TEST(server->connections == 2u);
}

/// Connects over TLS to a name of several labels, for which the fake name server gives the test server's
/// address.
struct TlsConnectorFixture : ConnectorFixture {
  Authority authority;
  boost::asio::ssl::context client_tls = upstream::make_tls_context(authority.file());

  bool accepts(const std::string& subject_alt_name) {
    boost::asio::ssl::context tls = authority.server_context({subject_alt_name});
    serve_as("api.bank.example", &tls);
    Connector secure = connector(5s, &client_tls);
    begin(secure);
    names.answer(server_address());
    end();
    settle();  // the server's side too, before the server is replaced
    return error() == nullptr;
  }
};

BOOST_FIXTURE_TEST_CASE(a_slow_look_up_does_not_shorten_the_connect_timeout, TlsConnectorFixture) {
  serve_as("api.bank.example");  // without TLS, so it never answers a handshake
  Connector slowly = connector(200ms, &client_tls);
  begin(slowly);
  // The loop does not run during the look-up; when it runs again, the timeout for look-ups has just passed.
  std::this_thread::sleep_for(210ms);
  const auto began = std::chrono::steady_clock::now();
  names.answer(server_address());
  end();
  BOOST_REQUIRE(error() != nullptr);
  BOOST_TEST(error()->message == "TLS handshake took too long");
  BOOST_TEST((std::chrono::steady_clock::now() - began >= 200ms));
}

BOOST_FIXTURE_TEST_CASE(an_address_whose_handshake_fails_is_not_tried_first_again, TlsConnectorFixture) {
  boost::asio::ssl::context tls = authority.server_context({"DNS:api.bank.example"});
  serve_as("api.bank.example", &tls);
  const boost::asio::ip::tcp::acceptor mute(loop, other_address().front());
  Connector several = connector(300ms, &client_tls);
  begin(several);
  Addresses addresses = other_address();
  addresses.push_back(server_address().front());
  names.answer(addresses);
  end();
  BOOST_REQUIRE(error() != nullptr);
  BOOST_TEST(error()->message == "TLS handshake took too long");
  for (int i = 0; i < 5 && error() != nullptr; ++i) {  // a busy machine may need several attempts
    begin(several);
    end();
  }
  BOOST_TEST(error() == nullptr);
}

BOOST_FIXTURE_TEST_CASE(a_certificate_wildcard_matches_only_a_whole_label, TlsConnectorFixture) {
  BOOST_TEST(accepts("DNS:api.bank.example"));
  BOOST_TEST(accepts("DNS:*.bank.example"));
  BOOST_TEST(!accepts("DNS:a*.bank.example"));
  BOOST_TEST(!accepts("DNS:*pi.bank.example"));
}

BOOST_AUTO_TEST_CASE(an_answer_carries_the_date_header_of_the_server) {
  serve_as("127.0.0.1");
  Connector plain = connector(5s);
  begin(plain);
  end();
  auto& connection = std::get<std::unique_ptr<Connection>>(*connected);
  upstream::HttpRequest request;
  request.target = "/";
  upstream::AnswerLimits limits;
  limits.max_body = 1000;
  limits.deadline = std::chrono::steady_clock::now() + 20s;
  std::optional<upstream::ConnectionReply> exchanged;
  boost::asio::co_spawn(
      loop, connection->exchange(request, limits),
      [&](const std::exception_ptr&, upstream::ConnectionReply e) { exchanged = std::move(e); });
  wait_until([&] { return exchanged.has_value(); });
  BOOST_TEST(std::get<upstream::HttpAnswer>(exchanged->result).date == "Sun, 06 Nov 1994 08:49:37 GMT");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
