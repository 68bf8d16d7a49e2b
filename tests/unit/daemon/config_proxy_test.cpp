// The egress proxy in the configuration.
#include <boost/test/unit_test.hpp>

#include "tests/unit/daemon/folder.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(config_proxy, Folder)

BOOST_AUTO_TEST_CASE(the_proxys_credentials_are_read_from_their_file) {
  write("proxy-credentials", "lender:secret\n");
  const LoadedConfig loaded =
      load("[upstream]\nproxy = 'http://proxy:3128'\nproxy_credentials_file = 'proxy-credentials'\n");
  BOOST_TEST(lines(loaded).empty(), lines(loaded));
  BOOST_TEST(loaded.config.credentials.proxy == "lender:secret");
  BOOST_TEST(show_config(loaded.config).find("secret\"") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(mistakes_about_the_proxy_say_what_would_be_right) {
  write("proxy-credentials", "without-a-colon\n");
  const std::pair<const char*, const char*> rows[] = {
      {"proxy = 'proxy:3128'", "expected http://HOST:PORT"},
      {"proxy = 'http://proxy'", "names no port"},
      {"proxy_credentials_file = 'proxy-credentials'", "needs upstream.proxy"},
      {"proxy = 'http://proxy:3128'\nproxy_credentials_file = 'proxy-credentials'", "user:password"},
      {"proxy = 'http://proxy:3128'\nproxy_credentials_file = 'missing'", "cannot be read"},
      {"proxy = 'https://proxy:3128'\nbase_url = 'http://localhost:1/v1'", "needs upstream.base_url"},
      {"no_proxy = 'a.example'", "a list of strings"},
  };
  for (const auto& [toml, expected] : rows) {
    const std::string mistakes = lines(load(std::string("[upstream]\n") + toml + "\n"));
    BOOST_TEST(mistakes.find(expected) != std::string::npos, toml << ": " << mistakes);
  }
}

BOOST_AUTO_TEST_CASE(a_proxy_in_the_environment_that_is_not_used_is_a_warning) {
  sources.proxy_variable = "HTTPS_PROXY";
  BOOST_TEST_REQUIRE(load("").warnings.size() == 1U);
  BOOST_TEST(load("").warnings[0].message.find("HTTPS_PROXY") != std::string::npos);
  BOOST_TEST(load("[upstream]\nproxy = 'http://proxy:3128'\n").warnings.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
