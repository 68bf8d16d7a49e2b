// Settings from the command line, what is shown, and what takes effect when.
#include <boost/test/unit_test.hpp>

#include "tests/unit/daemon/folder.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(config_settings, Folder)

BOOST_AUTO_TEST_CASE(a_setting_takes_a_toml_value) {
  const LoadedConfig loaded =
      load_with({"upstream.max_connections=7", "processing.auto=false", "log.level=\"debug\"",
                 "store.path='/x y'", "webhook.mode=[\"A\", \"B\"]"});
  BOOST_TEST(lines(loaded) == "");
  BOOST_TEST(loaded.config.follow.max_in_flight == 7U);
  BOOST_TEST(!loaded.config.policy.auto_process);
  BOOST_TEST((loaded.config.log.level == LogLevel::debug));
  BOOST_TEST(loaded.config.store.path == "/x y");
  BOOST_TEST(std::get<std::vector<std::string>>(loaded.config.webhook.mode).size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_bare_word_counts_as_a_string) {
  const LoadedConfig loaded =
      load_with({"log.level=debug", "store.path=/var/tmp/x=y.db", "polling.progress_interval=500ms",
                 "upstream.max_response_size=1MiB", "control.mode=0600",
                 "control.group=", "upstream.base_url=http://127.0.0.1:8000/v1"});
  BOOST_TEST(lines(loaded) == "");
  BOOST_TEST((loaded.config.log.level == LogLevel::debug));
  BOOST_TEST(loaded.config.store.path == "/var/tmp/x=y.db");
  BOOST_TEST(loaded.config.policy.progress_interval.count() == 500);
  BOOST_TEST(loaded.config.upstream.max_response_size == 1U << 20);
  BOOST_TEST(loaded.config.control.mode == mode_t{0600});
  BOOST_TEST(loaded.config.upstream.base_url.text == "http://127.0.0.1:8000/v1");
}

BOOST_AUTO_TEST_CASE(a_setting_wins_over_the_file_and_a_later_one_over_an_earlier) {
  write("bankconnectd.toml", "[log]\nlevel = 'error'\n");
  BOOST_TEST((load_with({"log.level=warning"}).config.log.level == LogLevel::warning));
  BOOST_TEST((load_with({"log.level=warning", "log.level=debug"}).config.log.level == LogLevel::debug));
}

BOOST_AUTO_TEST_CASE(a_malformed_url_or_address_that_a_setting_overrides_is_no_mistake) {
  write("bankconnectd.toml", "[upstream]\nbase_url = 'ftp://x'\n[webhook]\nlisten = ':80'\n");
  BOOST_TEST(load_config(sources).mistakes.size() == 2U);
  BOOST_TEST(lines(load_with({"upstream.base_url=https://example.com", "webhook.listen="})) == "");
}

BOOST_AUTO_TEST_CASE(a_value_of_the_wrong_type_is_a_mistake_even_when_a_setting_overrides_it) {
  write("bankconnectd.toml", "[upstream]\nbase_url = 1\n[log]\nlevel = 'loud'\n");
  BOOST_TEST(load_with({"upstream.base_url=https://example.com", "log.level=info"}).mistakes.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_broken_setting_is_reported_with_its_text) {
  for (const std::string setting :
       {"log.level", "log.level=loud", "upstream.max_connections=0", "log.levle=info", "=info", "",
        "log=info", "store.path=\"/x", "webhook.mode=[\"A\"", "store.path=5",
        "log.level=\"info\"\nformat = 1", "store.path=1.5"}) {
    BOOST_TEST_CONTEXT(setting) {
      const LoadedConfig loaded = load_with({setting});
      BOOST_REQUIRE(loaded.mistakes.size() == 1u);
      BOOST_TEST(loaded.mistakes.front().text().starts_with("--set " + setting + ":1:1: "));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_shown_configuration_loads_to_the_same_configuration) {
  Config config;
  config.upstream.base_url = *parse_base_url("http://127.0.0.1:8000/v1");
  config.control.group = "a \"quoted\" \\ group\n\t\x01\x7f é";
  config.webhook.mode = std::vector<std::string>{"A", "B\"C"};
  config.webhook.max_connections = 9;
  config.policy.progress_interval = Duration(1'234);
  config.policy.auto_process = false;
  const LoadedConfig loaded = load(show_config(config));
  BOOST_TEST(lines(loaded) == "");
  BOOST_TEST(show_config(loaded.config) == show_config(config));
  BOOST_TEST(loaded.config.control.group == config.control.group);
}

BOOST_AUTO_TEST_CASE(an_empty_list_of_webhook_events_is_shown_as_an_empty_list) {
  Config config;
  config.webhook.mode = std::vector<std::string>{};
  const LoadedConfig loaded = load(show_config(config));
  BOOST_TEST(lines(loaded) == "");
  BOOST_TEST(std::get<std::vector<std::string>>(loaded.config.webhook.mode).empty());
}

BOOST_AUTO_TEST_CASE(the_shown_configuration_holds_no_key) {
  const LoadedConfig loaded = load("");
  BOOST_REQUIRE(loaded.config.credentials.api_key == "the-key");
  const std::string shown = show_config(loaded.config);
  BOOST_TEST(!contains(shown, "the-key"));
  BOOST_TEST(!contains(shown, "the-hash"));
}

BOOST_AUTO_TEST_CASE(an_unchanged_configuration_needs_no_restart) {
  BOOST_TEST(keys_needing_restart(Config{}, Config{}).empty());
}

BOOST_AUTO_TEST_CASE(changed_keys_that_reload_need_no_restart) {
  Config changed;
  changed.credentials = {"new", "new"};
  changed.log.level = LogLevel::debug;
  changed.upstream.api_key_file = "other";
  changed.upstream.server_hash_file = "other";
  changed.webhook.secret_file = "other";
  changed.webhook.tls_certificate_file = "other";
  changed.webhook.tls_key_file = "other";
  BOOST_TEST(keys_needing_restart(Config{}, changed).empty());
}

BOOST_AUTO_TEST_CASE(several_changed_keys_that_need_a_restart_are_named_in_the_order_of_the_table) {
  Config changed;
  changed.store.path = "/elsewhere";
  changed.policy.progress_interval = std::chrono::seconds(3);
  changed.upstream.base_url = *parse_base_url("https://example.com");
  const std::vector<std::string> expected = {"upstream.base_url", "polling.progress_interval", "store.path"};
  BOOST_TEST(keys_needing_restart(Config{}, changed) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
