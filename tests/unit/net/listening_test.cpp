// Where a server listens.
#include <sys/stat.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/net/running_server.hpp"

namespace bankconnect::test {
namespace {

namespace data = boost::unit_test::data;
using net::listen_at;
using net::ListenAddress;
using net::name_of;
using net::parse_listen_address;

/// What a socket that listens at `text` says it is bound to; empty when it cannot.
std::string bound_to(const std::string& text) {
  const auto fd = listen_at(*parse_listen_address(text));
  if (fd.has_error()) return "";
  const std::string name = name_of(*fd);
  ::close(*fd);
  return name;
}

std::uint16_t port_of(int fd) {
  const std::string name = name_of(fd);
  return static_cast<std::uint16_t>(std::stoi(name.substr(name.rfind(':') + 1)));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(listening)

BOOST_AUTO_TEST_CASE(an_ipv4_address_and_a_port_are_read) {
  const ListenAddress where = *parse_listen_address("127.0.0.1:8080");
  BOOST_TEST(where.host == "127.0.0.1");
  BOOST_TEST(where.port == 8080);
  BOOST_TEST(where.loopback);
  BOOST_TEST(where.unix_path.empty());
}

BOOST_AUTO_TEST_CASE(an_ipv6_address_is_read_in_brackets) {
  const ListenAddress where = *parse_listen_address("[::]:8443");
  BOOST_TEST(where.host == "::");
  BOOST_TEST(where.port == 8443);
  BOOST_TEST(!where.loopback);
  BOOST_TEST(parse_listen_address("[::1]:1")->loopback);
}

BOOST_AUTO_TEST_CASE(the_path_of_a_unix_socket_is_read) {
  const ListenAddress where = *parse_listen_address("unix:/run/a:b/socket");
  BOOST_TEST(where.unix_path == "/run/a:b/socket");
  BOOST_TEST(where.host.empty());
}

BOOST_DATA_TEST_CASE(what_is_no_address_is_refused_with_what_would_be_one,
                     data::make({"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
                                 "127.0.0.1:-1", "127.0.0.1:65536", "127.0.0.1:80 ", "localhost:80", "::1:80",
                                 "[127.0.0.1]:80", "[]:80", "[::1]", "[::1]80", "unix:", "unix:relative",
                                 "http://127.0.0.1:80"}),
                     text) {
  const auto where = parse_listen_address(text);
  BOOST_REQUIRE(where.has_error());
  BOOST_TEST(where.error().code == "BAD_ADDRESS");
  BOOST_TEST(where.error().message.find("expected 127.0.0.1:8080, [::]:8443 or unix:") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_free_port_is_found_and_told) {
  const std::string name = bound_to("127.0.0.1:0");
  BOOST_TEST(name.starts_with("127.0.0.1:"), name);
  BOOST_TEST(!name.ends_with(":0"), name);
}

BOOST_AUTO_TEST_CASE(ipv6_is_listened_at) {
  const std::string name = bound_to("[::1]:0");
  BOOST_TEST(name.starts_with("[::1]:"), name);
}

BOOST_AUTO_TEST_CASE(a_unix_socket_is_listened_at_by_everybody_who_reaches_it) {
  const TempDir dir;
  const std::string path = dir / "socket";
  const int fd = *listen_at(*parse_listen_address("unix:" + path));
  BOOST_TEST(name_of(fd) == "unix:" + path);
  struct stat status {};
  ::stat(path.c_str(), &status);
  BOOST_TEST((status.st_mode & 0777U) == 0666U);
  BOOST_TEST(Client(path).connected);
  ::close(fd);
}

BOOST_AUTO_TEST_CASE(a_connection_over_tcp_is_accepted) {
  const int fd = *listen_at(*parse_listen_address("127.0.0.1:0"));
  BOOST_TEST(Client(port_of(fd)).connected);
  ::close(fd);
}

BOOST_AUTO_TEST_CASE(an_address_in_use_is_named) {
  const int fd = *listen_at(*parse_listen_address("127.0.0.1:0"));
  const std::string port = std::to_string(port_of(fd));
  const auto second = listen_at(*parse_listen_address("127.0.0.1:" + port));
  BOOST_REQUIRE(second.has_error());
  BOOST_TEST(second.error().code == "CANNOT_LISTEN");
  BOOST_TEST(second.error().message ==
             "127.0.0.1 port " + port + ": cannot listen here: Address already in use");
  ::close(fd);
}

BOOST_AUTO_TEST_CASE(a_unix_socket_in_use_is_named) {
  const TempDir dir;
  const std::string path = dir / "socket";
  const int fd = *listen_at(*parse_listen_address("unix:" + path));
  const auto second = listen_at(*parse_listen_address("unix:" + path));
  BOOST_REQUIRE(second.has_error());
  BOOST_TEST(second.error().message == path + ": another process listens there");
  ::close(fd);
}

BOOST_AUTO_TEST_CASE(an_address_of_another_machine_is_refused) {
  BOOST_TEST(listen_at(*parse_listen_address("192.0.2.1:0")).has_error());
}

BOOST_AUTO_TEST_CASE(a_port_just_left_is_taken_again) {
  const int before = *listen_at(*parse_listen_address("127.0.0.1:0"));
  const std::uint16_t port = port_of(before);
  {
    // The side that closes first keeps the port busy for a while.
    const Client client(port);
    ::close(::accept(before, nullptr, nullptr));
  }
  ::close(before);
  const auto after = listen_at(*parse_listen_address("127.0.0.1:" + std::to_string(port)));
  BOOST_TEST(!after.has_error());
  if (!after.has_error()) ::close(*after);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
