// What holds for every key of the table: it round-trips, and a change of it is noticed.
#include "src/daemon/config_keys.hpp"

#include <boost/test/unit_test.hpp>
#include <map>

#include "tests/unit/daemon/folder.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(config_keys, Folder)

/// For every key a value that is not its default, as it is shown.
const std::map<std::string, std::string> kOther = {
    {"upstream.base_url", R"("https://example.com/v2/")"},
    {"upstream.allow_http", "true"},
    {"upstream.api_key_file", R"("other")"},
    {"upstream.server_hash_file", R"("other")"},
    {"upstream.ca_file", R"("/other.pem")"},
    {"upstream.proxy", R"("http://proxy:3128")"},
    {"upstream.proxy_credentials_file", R"("other-proxy")"},
    {"upstream.no_proxy", R"(["a.example"])"},
    {"reports.fetch", R"(["xml", "xlsx"])"},
    {"reports.allow", R"(["s3.example", "*.example"])"},
    {"reports.max_size", R"("1MiB")"},
    {"reports.patience", R"("1h")"},
    {"upstream.upload_status_path", R"("upload_status")"},
    {"upstream.max_connections", "4096"},
    {"upstream.max_requests_per_second", "0"},
    {"upstream.connect_timeout", R"("100ms")"},
    {"upstream.request_timeout", R"("30m")"},
    {"upstream.max_response_size", R"("1GiB")"},
    {"upstream.max_memory", R"("2GiB")"},
    {"upstream.min_throughput", "2048"},
    {"polling.progress_interval", R"("1h")"},
    {"polling.upload_interval_min", R"("1d")"},
    {"polling.upload_interval_max", R"("1d")"},
    {"polling.safety_interval", R"("1d")"},
    {"polling.not_found_grace", R"("0s")"},
    {"polling.follow_for", R"("3650d")"},
    {"polling.stalled_after", R"("30d")"},
    {"polling.processing_timeout", R"("365d")"},
    {"processing.auto", "false"},
    {"processing.settle", R"("30d")"},
    {"processing.expired_sessions", R"("stop")"},
    {"webhook.listen", R"("[::1]:8443")"},
    {"webhook.path", R"("/other")"},
    {"webhook.secret_file", R"("other")"},
    {"webhook.tls_certificate_file", R"("other")"},
    {"webhook.tls_key_file", R"("other")"},
    {"webhook.max_body_size", R"("1KiB")"},
    {"webhook.max_connections", "65536"},
    {"webhook.grace", R"("1ms")"},
    {"webhook.unknown_sessions", R"("follow")"},
    {"webhook.public_url", R"("https://lender.example/hook")"},
    {"webhook.mode", R"(["A", "B"])"},
    {"webhook.register_on_start", "true"},
    {"store.path", R"("/other")"},
    {"store.retention", R"("0s")"},
    {"control.socket", R"("/other")"},
    {"control.mode", R"("0007")"},
    {"control.group", R"("other")"},
    {"status.dir", R"("/other")"},
    {"log.level", R"("error")"},
    {"log.format", R"("journal")"},
};

BOOST_AUTO_TEST_CASE(the_default_of_every_key_is_shown_as_text_that_reads_as_the_same_value) {
  for (const daemon::Key& key : daemon::keys()) {
    BOOST_TEST_CONTEXT(key.name) {
      const std::string other = key.name + "=" + kOther.at(key.name);
      const Config changed = load_with({other}).config;
      BOOST_TEST(!key.same(changed, Config{}));
      const LoadedConfig back = load_with({other, key.name + "=" + key.show(Config{})});
      BOOST_TEST(lines(back) == "");
      BOOST_TEST(key.same(back.config, Config{}));
    }
  }
}

BOOST_AUTO_TEST_CASE(every_key_shows_the_value_that_was_read) {
  for (const daemon::Key& key : daemon::keys()) {
    BOOST_TEST_CONTEXT(key.name) {
      BOOST_TEST(key.show(load_with({key.name + "=" + kOther.at(key.name)}).config) == kOther.at(key.name));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_changed_key_is_the_only_one_that_differs) {
  for (const daemon::Key& changed : daemon::keys()) {
    const Config config = load_with({changed.name + "=" + kOther.at(changed.name)}).config;
    for (const daemon::Key& key : daemon::keys()) {
      BOOST_TEST_CONTEXT(key.name << " after a change of " << changed.name) {
        BOOST_TEST(key.same(config, Config{}) == (key.name != changed.name));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_changed_key_needs_a_restart_if_and_only_if_it_does_not_reload) {
  for (const daemon::Key& key : daemon::keys()) {
    BOOST_TEST_CONTEXT(key.name) {
      const Config changed = load_with({key.name + "=" + kOther.at(key.name)}).config;
      const auto expected = key.reloads ? std::vector<std::string>() : std::vector<std::string>{key.name};
      BOOST_TEST(keys_needing_restart(Config{}, changed) == expected, boost::test_tools::per_element());
      BOOST_TEST(keys_needing_restart(changed, Config{}) == expected, boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(the_keys_that_reload_are_the_files_of_keys_and_certificates_and_the_log_level) {
  std::vector<std::string> reloading;
  for (const daemon::Key& key : daemon::keys()) {
    if (key.reloads) reloading.push_back(key.name);
  }
  const std::vector<std::string> expected = {"upstream.api_key_file", "upstream.server_hash_file",
                                             "upstream.ca_file",      "upstream.proxy_credentials_file",
                                             "webhook.secret_file",   "webhook.tls_certificate_file",
                                             "webhook.tls_key_file",  "log.level"};
  BOOST_TEST(reloading == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
