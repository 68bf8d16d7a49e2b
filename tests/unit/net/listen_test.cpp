// Listen addresses and the sockets made from them.
#include <sys/stat.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/print.hpp"
#include "tests/unit/net/running_server.hpp"

namespace bankconnect::test {
namespace {

namespace data = boost::unit_test::data;
using net::bound_address;
using net::listen_on;
using net::ListenAddress;
using net::parse_listen_address;

/// The bound address of a socket that listens on `text`; empty when it cannot.
std::string address_after_listening(const std::string& text) {
  const auto fd = listen_on(*parse_listen_address(text));
  if (fd.has_error()) return "";
  const std::string name = bound_address(*fd);
  ::close(*fd);
  return name;
}

std::uint16_t port_of(int fd) {
  const std::string name = bound_address(fd);
  return static_cast<std::uint16_t>(std::stoi(name.substr(name.rfind(':') + 1)));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(listen)

BOOST_AUTO_TEST_CASE(an_ipv4_address_with_a_port_is_parsed) {
  const ListenAddress where = *parse_listen_address("127.0.0.1:8080");
  BOOST_TEST(where.host == "127.0.0.1");
  BOOST_TEST(where.port == 8080);
  BOOST_TEST(where.loopback);
  BOOST_TEST(where.unix_path.empty());
}

BOOST_AUTO_TEST_CASE(an_ipv6_address_in_brackets_is_parsed) {
  const ListenAddress where = *parse_listen_address("[::]:8443");
  BOOST_TEST(where.host == "::");
  BOOST_TEST(where.port == 8443);
  BOOST_TEST(!where.loopback);
  BOOST_TEST(parse_listen_address("[::1]:1")->loopback);
}

BOOST_AUTO_TEST_CASE(the_path_of_a_unix_socket_is_parsed) {
  const ListenAddress where = *parse_listen_address("unix:/run/a:b/socket");
  BOOST_TEST(where.unix_path == "/run/a:b/socket");
  BOOST_TEST(where.host.empty());
}

BOOST_DATA_TEST_CASE(a_malformed_address_is_refused_with_examples_of_right_ones,
                     data::make({"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
                                 "127.0.0.1:-1", "127.0.0.1:65536", "127.0.0.1:80 ", "localhost:80", "::1:80",
                                 "[127.0.0.1]:80", "[]:80", "[::1]", "[::1]80", "unix:", "unix:relative",
                                 "http://127.0.0.1:80"}),
                     text) {
  const auto where = parse_listen_address(text);
  BOOST_REQUIRE(where.has_error());
  BOOST_TEST(where.error().code == ErrorCode::bad_address);
  BOOST_TEST(where.error().message.find("expected 127.0.0.1:8080, [::]:8443 or unix:") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(port_0_binds_a_free_port_that_the_bound_address_names) {
  const std::string name = address_after_listening("127.0.0.1:0");
  BOOST_TEST(name.starts_with("127.0.0.1:"), name);
  BOOST_TEST(!name.ends_with(":0"), name);
}

BOOST_AUTO_TEST_CASE(listening_on_ipv6_works) {
  const std::string name = address_after_listening("[::1]:0");
  BOOST_TEST(name.starts_with("[::1]:"), name);
}

BOOST_AUTO_TEST_CASE(a_unix_socket_gets_mode_0666) {
  const TempDir dir;
  const std::string path = dir / "socket";
  const int fd = *listen_on(*parse_listen_address("unix:" + path));
  BOOST_TEST(bound_address(fd) == "unix:" + path);
  struct stat status {};
  ::stat(path.c_str(), &status);
  BOOST_TEST((status.st_mode & 0777U) == 0666U);
  BOOST_TEST(Client(path).connected);
  ::close(fd);
}

BOOST_AUTO_TEST_CASE(a_connection_over_tcp_is_accepted) {
  const int fd = *listen_on(*parse_listen_address("127.0.0.1:0"));
  BOOST_TEST(Client(port_of(fd)).connected);
  ::close(fd);
}

BOOST_AUTO_TEST_CASE(the_error_for_an_address_in_use_names_it) {
  const int fd = *listen_on(*parse_listen_address("127.0.0.1:0"));
  const std::string port = std::to_string(port_of(fd));
  const auto second = listen_on(*parse_listen_address("127.0.0.1:" + port));
  BOOST_REQUIRE(second.has_error());
  BOOST_TEST(second.error().code == ErrorCode::cannot_listen);
  BOOST_TEST(second.error().message ==
             "127.0.0.1 port " + port + ": cannot listen here: Address already in use");
  ::close(fd);
}

BOOST_AUTO_TEST_CASE(the_error_for_a_unix_socket_in_use_names_it) {
  const TempDir dir;
  const std::string path = dir / "socket";
  const int fd = *listen_on(*parse_listen_address("unix:" + path));
  const auto second = listen_on(*parse_listen_address("unix:" + path));
  BOOST_REQUIRE(second.has_error());
  BOOST_TEST(second.error().message == path + ": another process listens there");
  ::close(fd);
}

BOOST_AUTO_TEST_CASE(listening_on_an_address_of_another_machine_fails) {
  BOOST_TEST(listen_on(*parse_listen_address("192.0.2.1:0")).has_error());
}

BOOST_AUTO_TEST_CASE(a_port_in_time_wait_can_be_bound_again) {
  const int before = *listen_on(*parse_listen_address("127.0.0.1:0"));
  const std::uint16_t port = port_of(before);
  {
    // The server closes first, which leaves its port in TIME_WAIT.
    const Client client(port);
    ::close(::accept(before, nullptr, nullptr));
  }
  ::close(before);
  const auto after = listen_on(*parse_listen_address("127.0.0.1:" + std::to_string(port)));
  BOOST_TEST(!after.has_error());
  if (!after.has_error()) ::close(*after);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
