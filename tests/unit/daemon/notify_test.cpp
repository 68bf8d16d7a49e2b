// Notifications to systemd, with a receiver of the test's own.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <string>

#include "src/daemon/service.hpp"
#include "tests/unit/daemon/folder.hpp"

namespace bankconnect::test {
namespace {

class Receiver {
 public:
  explicit Receiver(const std::string& name) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof(address.sun_path) - 1);
    if (name.front() == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    BOOST_TEST_REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ~Receiver() {
    ::unsetenv("NOTIFY_SOCKET");
    ::close(socket_);
  }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  /// Empty when there is none.
  std::string message() const {
    std::string text(4096, '\0');
    const ssize_t size = ::recv(socket_, text.data(), text.size(), MSG_DONTWAIT);
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
  }

 private:
  int socket_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(notify)

BOOST_AUTO_TEST_CASE(readiness_and_status_are_one_message) {
  const Folder folder;
  const Receiver receiver((folder.path / "notify").string());
  BOOST_TEST(daemon::notify_ready("ok, following 3 sessions"));
  BOOST_TEST(receiver.message() == "READY=1\nSTATUS=ok, following 3 sessions");
}

BOOST_AUTO_TEST_CASE(an_abstract_socket_is_notified) {
  const Receiver receiver("@bankconnect-notify-" + std::to_string(::getpid()));
  daemon::notify_watchdog();
  BOOST_TEST(receiver.message() == "WATCHDOG=1");
}

BOOST_AUTO_TEST_CASE(without_a_receiver_readiness_counts_as_notified) {
  ::unsetenv("NOTIFY_SOCKET");
  BOOST_TEST(daemon::notify_ready("ok"));
}

// It would block the event loop; ctest ends a test that does not return.
BOOST_AUTO_TEST_CASE(a_receiver_that_does_not_read_is_not_waited_for_and_is_notified_later) {
  const Folder folder;
  const Receiver receiver((folder.path / "notify").string());
  int sent = 0;
  while (daemon::notify_ready("ok") && sent < 100'000)
    ++sent;
  BOOST_TEST(sent < 100'000);
  while (!receiver.message().empty()) {
  }
  BOOST_TEST(daemon::notify_ready("ok"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
