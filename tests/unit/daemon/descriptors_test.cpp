// How the connections of the daemon's parts fit into the limit of open files.
#include "src/daemon/descriptors.hpp"

#include <boost/test/unit_test.hpp>
#include <ostream>

namespace bankconnect::daemon {

static std::ostream& operator<<(std::ostream& out, const Connections& connections) {
  return out << connections.control << " control, " << connections.webhook << " webhook, "
             << connections.upstream << " upstream";
}

}  // namespace bankconnect::daemon

namespace bankconnect::test {
namespace {

using daemon::Connections;
using daemon::connections_within;
using daemon::kLeastDescriptors;
using daemon::kOtherDescriptors;
using daemon::lowered_text;

constexpr Connections kDefaults{256, 256, 32};
constexpr std::uint64_t kEnough = kOtherDescriptors + 256 + 256 + 32;

std::uint64_t sum(const Connections& connections) {
  return std::uint64_t{connections.control} + connections.webhook + connections.upstream;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(descriptors)

BOOST_AUTO_TEST_CASE(where_the_limit_is_high_enough_all_have_what_they_want) {
  BOOST_TEST(connections_within(kEnough, kDefaults) == kDefaults);
  BOOST_TEST(lowered_text(kEnough, kDefaults, kDefaults).empty());
}

BOOST_AUTO_TEST_CASE(one_descriptor_too_few_lowers_something) {
  const Connections allowed = connections_within(kEnough - 1, kDefaults);
  BOOST_TEST(sum(allowed) < sum(kDefaults));
  BOOST_TEST(!lowered_text(kEnough - 1, kDefaults, allowed).empty());
}

BOOST_AUTO_TEST_CASE(all_parts_are_lowered_alike) {
  BOOST_TEST(connections_within(kOtherDescriptors + 272, kDefaults) == (Connections{128, 128, 16}));
}

BOOST_AUTO_TEST_CASE(the_limit_holds_and_each_part_has_four_whatever_the_limit) {
  for (const Connections& wanted : {kDefaults, Connections{256, 65536, 32}, Connections{256, 256, 4096},
                                    Connections{256, 4, 4}, Connections{256, 5, 4096}}) {
    for (std::uint64_t limit = kLeastDescriptors; limit < 5000; ++limit) {
      const Connections allowed = connections_within(limit, wanted);
      BOOST_TEST(sum(allowed) + kOtherDescriptors <= limit, limit << ": " << allowed);
      BOOST_TEST((allowed.control >= 4 && allowed.webhook >= 4 && allowed.upstream >= 4),
                 limit << ": " << allowed);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_listener_that_is_not_there_gets_nothing) {
  BOOST_TEST(connections_within(100, {256, 0, 32}).webhook == 0U);
}

BOOST_AUTO_TEST_CASE(a_part_that_wants_fewer_than_four_has_what_it_wants) {
  BOOST_TEST(connections_within(100, {256, 256, 1}).upstream == 1U);
}

BOOST_AUTO_TEST_CASE(the_text_says_the_limit_what_is_needed_and_what_was_lowered) {
  BOOST_TEST(
      lowered_text(100, {256, 256, 4}, {16, 16, 4}) ==
      "the limit of open files (RLIMIT_NOFILE) is 100 and 580 may be needed; lowered: connections to the "
      "control socket from 256 to 16, webhook.max_connections from 256 to 16 (systemd: LimitNOFILE=)");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
