// Every documented key exists and has its documented default.
#include <boost/test/unit_test.hpp>
#include <map>

#include "src/daemon/config_keys.hpp"
#include "tests/unit/daemon/folder.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(config_defaults, Folder)

/// As promised to users; values as they would stand in the file.
const std::map<std::string, std::string> kPromised = {
    {"upstream.base_url", R"("https://apis.bankconnect.finbox.in/bank-connect/v1")"},
    {"upstream.allow_http", "false"},
    {"upstream.api_key_file", R"("api-key")"},
    {"upstream.server_hash_file", R"("server-hash")"},
    {"upstream.ca_file", R"("")"},
    {"upstream.proxy", R"("")"},
    {"upstream.proxy_credentials_file", R"("")"},
    {"upstream.no_proxy", R"([])"},
    {"reports.fetch", R"([])"},
    {"reports.allow", R"(["*.amazonaws.com"])"},
    {"reports.max_size", R"("64MiB")"},
    {"reports.patience", R"("10m")"},
    {"upstream.upload_status_path", R"("session_upload_status")"},
    {"upstream.max_connections", "32"},
    {"upstream.max_requests_per_second", "100"},
    {"upstream.connect_timeout", R"("5s")"},
    {"upstream.request_timeout", R"("30s")"},
    {"upstream.max_response_size", R"("64MiB")"},
    {"upstream.max_memory", R"("256MiB")"},
    {"upstream.min_throughput", "1024"},
    {"polling.progress_interval", R"("2s")"},
    {"polling.upload_interval_min", R"("5s")"},
    {"polling.upload_interval_max", R"("5m")"},
    {"polling.safety_interval", R"("60s")"},
    {"polling.not_found_grace", R"("1h")"},
    {"polling.follow_for", R"("31d")"},
    {"polling.stalled_after", R"("30m")"},
    {"polling.processing_timeout", R"("24h")"},
    {"processing.auto", "true"},
    {"processing.settle", R"("0s")"},
    {"processing.expired_sessions", R"("process")"},
    {"webhook.listen", R"("")"},
    {"webhook.path", R"("/webhooks/bankconnect")"},
    {"webhook.secret_file", R"("")"},
    {"webhook.tls_certificate_file", R"("")"},
    {"webhook.tls_key_file", R"("")"},
    {"webhook.max_body_size", R"("1MiB")"},
    {"webhook.max_connections", "256"},
    {"webhook.grace", R"("15s")"},
    {"webhook.unknown_sessions", R"("keep")"},
    {"webhook.public_url", R"("")"},
    {"webhook.mode", "1"},
    {"webhook.register_on_start", "false"},
    {"store.path", R"("/var/lib/bankconnectd/bankconnectd.db")"},
    {"store.retention", R"("90d")"},
    {"control.socket", R"("/run/bankconnectd/control.sock")"},
    {"control.mode", R"("0660")"},
    {"control.group", R"("")"},
    {"status.dir", R"("/var/lib/bankconnectd/status")"},
    {"log.level", R"("info")"},
    {"log.format", R"("auto")"},
};

/// The promised defaults written out as a file.
std::string promised_file() {
  std::string out;
  std::string section;
  for (const auto& [name, value] : kPromised) {
    const auto dot = name.find('.');
    if (name.substr(0, dot) != section) out += "[" + (section = name.substr(0, dot)) + "]\n";
    out += name.substr(dot + 1) + " = " + value + "\n";
  }
  return out;
}

BOOST_AUTO_TEST_CASE(every_promised_key_exists) {
  for (const auto& [name, value] : kPromised) {
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST((daemon::find_key(name) != nullptr));
    }
  }
}

BOOST_AUTO_TEST_CASE(no_key_exists_that_is_not_promised) {
  for (const daemon::Key& key : daemon::keys()) {
    BOOST_TEST_CONTEXT(key.name) {
      BOOST_TEST(kPromised.contains(key.name));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_defaults_are_the_promised_ones) {
  const LoadedConfig promised = load(promised_file());
  BOOST_TEST(lines(promised) == "");
  BOOST_TEST(show_config(promised.config) == show_config(Config{}));
}

BOOST_AUTO_TEST_CASE(without_a_file_the_defaults_hold) {
  const LoadedConfig loaded = load_config(sources);
  BOOST_TEST(lines(loaded) == "");
  BOOST_TEST(show_config(loaded.config) == show_config(Config{}));
}

BOOST_AUTO_TEST_CASE(an_empty_file_means_the_defaults) {
  BOOST_TEST(show_config(load("").config) == show_config(Config{}));
}

BOOST_AUTO_TEST_CASE(the_keys_of_polling_and_processing_set_the_policy) {
  const LoadedConfig loaded = load(
      "[polling]\nprogress_interval='3s'\nupload_interval_min='6s'\nupload_interval_max='7m'\nsafety_"
      "interval='61s'\n"
      "not_found_grace='2h'\nfollow_for='32d'\nstalled_after='31m'\nprocessing_timeout='25h'\n"
      "[processing]\nauto=false\nsettle='9s'\nexpired_sessions='stop'\n");
  BOOST_REQUIRE(lines(loaded) == "");
  const Policy& policy = loaded.config.policy;
  BOOST_TEST(policy.progress_interval.count() == 3'000);
  BOOST_TEST(policy.upload_interval_min.count() == 6'000);
  BOOST_TEST(policy.upload_interval_max.count() == 420'000);
  BOOST_TEST(policy.safety_interval.count() == 61'000);
  BOOST_TEST(policy.not_found_grace.count() == 7'200'000);
  BOOST_TEST(policy.follow_for.count() == 32LL * 86'400'000);
  BOOST_TEST(policy.stalled_after.count() == 31 * 60'000);
  BOOST_TEST(policy.processing_timeout.count() == 25 * 3'600'000);
  BOOST_TEST(!policy.auto_process);
  BOOST_TEST(policy.settle.count() == 9'000);
  BOOST_TEST((policy.expired_sessions == ExpiredSessions::stop));
}

BOOST_AUTO_TEST_CASE(the_promised_defaults_are_those_of_the_policy) {
  const Policy a = load(promised_file()).config.policy;
  const Policy b;
  BOOST_TEST((a.progress_interval == b.progress_interval && a.upload_interval_min == b.upload_interval_min &&
              a.upload_interval_max == b.upload_interval_max && a.safety_interval == b.safety_interval &&
              a.not_found_grace == b.not_found_grace && a.follow_for == b.follow_for &&
              a.stalled_after == b.stalled_after && a.processing_timeout == b.processing_timeout &&
              a.auto_process == b.auto_process && a.settle == b.settle &&
              a.webhook_grace == b.webhook_grace && a.expired_sessions == b.expired_sessions));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
