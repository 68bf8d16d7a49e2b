// Listening Unix sockets: mode, group, and what is replaced or left alone at the path.
#include <sys/resource.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "tests/unit/net/running_server.hpp"

namespace bankconnect::test {
namespace {

using net::listen_unix;
using net::UnixSocketError;

struct SocketPath {
  TempDir dir;
  std::string path = dir / "socket";

  UnixSocketError refused(const std::string& socket_path, const std::string& group = "") {
    const auto result = listen_unix(socket_path, 0600, group);
    const auto* error = std::get_if<UnixSocketError>(&result);
    BOOST_REQUIRE(error != nullptr);
    return *error;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(unix_socket, SocketPath)

BOOST_AUTO_TEST_CASE(mode_and_group_are_set) {
  const int fd = std::get<int>(listen_unix(path, 0620, std::to_string(::getgid())));
  struct stat status {};
  ::stat(path.c_str(), &status);
  BOOST_TEST((status.st_mode & 07777U) == 0620U);
  BOOST_TEST(status.st_gid == ::getgid());
  ::close(fd);
}

BOOST_AUTO_TEST_CASE(a_umask_does_not_narrow_the_mode) {
  const mode_t before = ::umask(0777);
  const int fd = std::get<int>(listen_unix(path, 0666, ""));
  ::umask(before);
  struct stat status {};
  ::stat(path.c_str(), &status);
  BOOST_TEST((status.st_mode & 07777U) == 0666U);
  ::close(fd);
}

BOOST_AUTO_TEST_CASE(a_stale_socket_is_replaced) {
  ::close(std::get<int>(listen_unix(path, 0600, "")));
  const int fd = std::get<int>(listen_unix(path, 0600, ""));
  BOOST_TEST(Client(path).connected);
  ::close(fd);
}

BOOST_AUTO_TEST_CASE(a_socket_that_another_process_listens_on_is_in_use) {
  const int fd = std::get<int>(listen_unix(path, 0600, ""));
  const UnixSocketError error = refused(path);
  BOOST_TEST(error.in_use);
  BOOST_TEST(error.message.find(path) != std::string::npos);
  BOOST_TEST(Client(path).connected);
  ::close(fd);
}

BOOST_AUTO_TEST_CASE(a_file_at_the_path_is_left_alone) {
  std::ofstream(path) << "precious";
  const UnixSocketError error = refused(path);
  BOOST_TEST(!error.in_use);
  BOOST_TEST(error.message.find("not a socket") != std::string::npos, error.message);
  BOOST_TEST(std::filesystem::file_size(path) == 8U);
}

BOOST_AUTO_TEST_CASE(a_path_that_is_too_long_or_empty_is_refused) {
  BOOST_TEST(refused("/" + std::string(107, 'a')).message.find("107") != std::string::npos);
  refused("");
}

BOOST_AUTO_TEST_CASE(the_error_for_an_unknown_group_names_it_and_no_socket_is_left) {
  const UnixSocketError error = refused(path, "no-such-group-here");
  BOOST_TEST(error.message.find("no-such-group-here") != std::string::npos);
  BOOST_TEST(!std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(running_out_of_descriptors_is_transient_and_a_wrong_path_is_not) {
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{0, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &none);
  const bool transient = refused(path).transient;
  ::setrlimit(RLIMIT_NOFILE, &before);
  BOOST_TEST(transient);
  BOOST_TEST(!refused(dir / "nowhere/socket").transient);
}

BOOST_AUTO_TEST_CASE(the_error_for_a_missing_folder_says_so) {
  BOOST_TEST(refused(dir / "nowhere/socket").message.find("No such file") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
