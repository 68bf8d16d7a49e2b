// Which values of x-secret-key are accepted.
#include "src/webhook/secrets.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace bankconnect::test {
namespace {

using webhook::Secrets;

}  // namespace

BOOST_AUTO_TEST_SUITE(secrets)

BOOST_AUTO_TEST_CASE(without_values_no_secret_is_required_and_none_accepted) {
  BOOST_TEST(!Secrets().required());
  BOOST_TEST(!Secrets(std::vector<std::string>()).required());
  BOOST_TEST(!Secrets().accept(""));
}

BOOST_AUTO_TEST_CASE(the_configured_value_is_accepted) {
  const Secrets secrets({"correct horse"});
  BOOST_TEST(secrets.required());
  BOOST_TEST(secrets.accept("correct horse"));
}

BOOST_AUTO_TEST_CASE(each_of_several_values_is_accepted) {
  const Secrets secrets({"old", "new", "newest"});
  for (const char* value : {"old", "new", "newest"})
    BOOST_TEST(secrets.accept(value));
}

BOOST_DATA_TEST_CASE(any_other_value_is_not_accepted,
                     boost::unit_test::data::make({"", "s", "secre", "secret ", " secret", "secrets",
                                                   "sEcret", "secreT", "terces", "other!", "secret\nother",
                                                   "other"}),
                     given) {
  BOOST_TEST(!Secrets({"secret", "another"}).accept(given));
}

BOOST_AUTO_TEST_CASE(a_value_with_a_nul_byte_is_compared_completely) {
  const std::string value("a\0b", 3);
  BOOST_TEST(Secrets({value}).accept(value));
  BOOST_TEST(!Secrets({value}).accept(std::string("a\0c", 3)));
  BOOST_TEST(!Secrets({value}).accept("a"));
}

BOOST_AUTO_TEST_CASE(a_long_value_is_compared_completely) {
  const std::string value(4000, 'x');
  BOOST_TEST(Secrets({value}).accept(value));
  BOOST_TEST(!Secrets({value}).accept(value.substr(1)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
