// Standard output that cannot take everything.
#include "src/ctl/output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <csignal>
#include <string>

namespace bankconnect::test {

using ctl::Output;

namespace {

const std::string kLarge(300'000, 'x');  // past any buffer
const std::string kSmall = "one line\n";

struct WithoutSigpipe {
  WithoutSigpipe() : before_(std::signal(SIGPIPE, SIG_IGN)) {}
  ~WithoutSigpipe() { std::signal(SIGPIPE, before_); }
  void (*before_)(int);
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(output, WithoutSigpipe)

BOOST_AUTO_TEST_CASE(what_is_put_arrives_in_order) {
  int ends[2];
  BOOST_REQUIRE(::pipe(ends) == 0);
  Output out(::fdopen(ends[1], "w"));
  out.put("a ");
  out.line("b");
  out.put("");
  BOOST_TEST(out.works());
  BOOST_TEST(out.end() == 0);
  char buffer[64];
  const ssize_t size = ::read(ends[0], buffer, sizeof buffer);
  BOOST_TEST(std::string(buffer, static_cast<std::size_t>(size)) == "a b\n");
  ::close(ends[0]);
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_told_however_much_was_to_be_written) {
  for (const std::string& text : {kSmall, kLarge}) {
    Output out(std::fopen("/dev/full", "w"));
    out.put(text);
    BOOST_TEST(out.end() == ENOSPC);
  }
}

BOOST_AUTO_TEST_CASE(the_first_fault_is_remembered_and_nothing_is_written_after_it) {
  Output out(std::fopen("/dev/full", "w"));
  out.put(kLarge);
  BOOST_TEST(!out.works());
  errno = EPIPE;
  out.put(kSmall);
  out.flush();
  BOOST_TEST(out.end() == ENOSPC);
}

BOOST_AUTO_TEST_CASE(a_reader_that_wants_no_more_is_no_fault) {
  for (const std::string& text : {kSmall, kLarge}) {
    int ends[2];
    BOOST_REQUIRE(::pipe(ends) == 0);
    ::close(ends[0]);
    Output out(::fdopen(ends[1], "w"));
    out.put(text);
    out.flush();
    BOOST_TEST(!out.works());
    BOOST_TEST(out.end() == 0);
  }
}

BOOST_AUTO_TEST_CASE(a_closed_output_matters_to_who_has_something_to_say) {
  for (const std::string& text : {std::string(), kSmall}) {
    std::FILE* file = std::fopen("/dev/null", "w");
    BOOST_REQUIRE(file != nullptr);
    ::close(::fileno(file));
    Output out(file);
    out.put(text);
    BOOST_TEST(out.end() == (text.empty() ? 0 : EBADF));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
