// Every mistake in the file is reported, where it is and what would be right.
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/unit/daemon/folder.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(config_mistakes, Folder)

void check_mistake(const Folder& folder, const std::string& toml, const std::string& place,
                   const std::string& says) {
  const LoadedConfig loaded = folder.load(toml);
  BOOST_TEST_CONTEXT(toml << lines(loaded)) {
    BOOST_REQUIRE(loaded.mistakes.size() == 1u);
    BOOST_TEST(lines(loaded).starts_with(folder.sources.file + ":" + place + ": "));
    BOOST_TEST(contains(lines(loaded), says));
  }
}

BOOST_AUTO_TEST_CASE(a_value_of_the_wrong_type_is_reported_with_what_is_expected) {
  check_mistake(*this, "[upstream]\nmax_connections = '32'\n", "2:1", "whole number from 1 to ");
  check_mistake(*this, "[processing]\n\n  auto = 1\n", "3:3", "true or false");
  check_mistake(*this, "[polling]\nprogress_interval = 2\n", "2:1", "\"2s\"");
  check_mistake(*this, "[polling]\nprogress_interval = 2.5\n", "2:1", "a duration");
  check_mistake(*this, "[upstream]\nmax_response_size = 64\n", "2:1", "\"64MiB\"");
  check_mistake(*this, "[store]\npath = 2025-01-01\n", "2:1", "a string");
  check_mistake(*this, "[webhook]\nmode = 'all'\n", "2:1", "an integer or a list");
  check_mistake(*this, "[webhook]\nmode = ['A', 3]\n", "2:1", "an integer or a list");
  check_mistake(*this, "[control]\nmode = 660\n", "2:1", "0660");
}

BOOST_AUTO_TEST_CASE(a_value_out_of_range_is_a_mistake) {
  check_mistake(*this, "[upstream]\nmax_connections = 0\n", "2:1", "upstream.max_connections");
  check_mistake(*this, "[upstream]\nmax_requests_per_second = -1\n", "2:1", "from 0");
  check_mistake(*this, "[polling]\nprogress_interval = '0s'\n", "2:1", "polling.progress_interval");
  check_mistake(*this, "[log]\nlevel = 'loud'\n", "2:1", "\"debug\", \"info\", \"warning\", \"error\"");
  check_mistake(*this, "[log]\nformat = 'xml'\n", "2:1", "\"journal\"");
  check_mistake(*this, "[processing]\nexpired_sessions = 'retry'\n", "2:1", "\"process\", \"stop\"");
  check_mistake(*this, "[webhook]\nunknown_sessions = ''\n", "2:1", "\"follow\"");
  check_mistake(*this, "[control]\nmode = '0999'\n", "2:1", "octal");
}

BOOST_AUTO_TEST_CASE(a_count_above_32_bits_is_refused_and_not_truncated) {
  // 2^32 + 32 would be 32 in 32 bits.
  for (const char* count : {"4294967296", "4294967328", "9223372036854775807", "-4294967264"}) {
    const std::string value = std::string(" = ") + count + "\n";
    check_mistake(*this, "[upstream]\nmax_connections" + value, "2:1", "a whole number from 1 to 4096");
    check_mistake(*this, "[upstream]\nmax_requests_per_second" + value, "2:1", "from 0 to 100000");
    check_mistake(*this, "[webhook]\nmax_connections" + value, "2:1", "from 1 to 65536");
  }
}

BOOST_AUTO_TEST_CASE(a_size_or_duration_that_overflows_is_refused) {
  check_mistake(*this, "[upstream]\nmax_response_size = '17179869185GiB'\n", "2:1", "a size from");
  check_mistake(*this, "[webhook]\nmax_body_size = '18446744073709551617B'\n", "2:1", "a size from");
  check_mistake(*this, "[store]\nretention = '213503982335d'\n", "2:1", "a duration from");
}

BOOST_AUTO_TEST_CASE(a_refused_value_leaves_the_default_in_effect) {
  const LoadedConfig loaded = load(
      "[upstream]\nbase_url = 'ftp://x'\nmax_connections = 4294967297\n[webhook]\nlisten = ':1'\n"
      "unknown_sessions = 'drop'\n[control]\nmode = '999'\n");
  BOOST_TEST(loaded.mistakes.size() == 5U);
  BOOST_TEST(show_config(loaded.config) == show_config(Config{}));
}

BOOST_AUTO_TEST_CASE(a_base_url_that_cannot_be_parsed_is_reported_in_one_sentence_with_its_key) {
  check_mistake(*this, "[upstream]\nbase_url = 'ftp://x'\n", "2:1",
                "2:1: upstream.base_url must begin with https://\n");
  check_mistake(*this, "[upstream]\nbase_url = 'nonsense'\n", "2:1",
                "2:1: upstream.base_url is not a URL; expected https://HOST[:PORT]/PATH\n");
  check_mistake(*this, "[upstream]\nbase_url = 1\n", "2:1", "2:1: upstream.base_url: expected a string\n");
}

BOOST_AUTO_TEST_CASE(an_unknown_key_is_named_with_the_nearest_known_one) {
  check_mistake(*this, "[polling]\nprogres_interval = '2s'\n", "2:1",
                "did you mean polling.progress_interval?");
  check_mistake(*this, "[upstraem]\nbase_url = 'x'\n", "2:1", "did you mean upstream.base_url?");
  check_mistake(*this, "base_url = 'x'\n", "1:1", "did you mean upstream.base_url?");
  check_mistake(*this, "[logging]\nlevel = 'info'\n", "2:1", "did you mean log.level?");
}

BOOST_AUTO_TEST_CASE(an_unknown_key_similar_to_none_gets_no_suggestion) {
  const LoadedConfig loaded = load("[quantum]\nentanglement_degree = 7\n");
  BOOST_TEST(contains(lines(loaded), "there is no key quantum.entanglement_degree"));
  BOOST_TEST(!contains(lines(loaded), "did you mean"));
}

BOOST_AUTO_TEST_CASE(an_unknown_section_is_a_mistake_even_when_empty) {
  check_mistake(*this, "[webhooks]\n", "1:2", "webhooks");
}

BOOST_AUTO_TEST_CASE(a_section_of_the_wrong_shape_is_a_mistake) {
  check_mistake(*this, "upstream = 1\n", "1:1", "upstream");
  check_mistake(*this, "[upstream.base_url]\nx = 1\n", "1:11", "upstream.base_url");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_toml_is_reported_where_it_breaks) {
  const LoadedConfig loaded = load("[log]\nlevel = \n");
  BOOST_REQUIRE(loaded.mistakes.size() == 1u);
  BOOST_TEST(lines(loaded).starts_with(sources.file + ":2:"));
}

BOOST_AUTO_TEST_CASE(a_duplicate_key_is_a_mistake) {
  const LoadedConfig loaded = load("[log]\nlevel = 'info'\nlevel = 'debug'\n");
  BOOST_REQUIRE(loaded.mistakes.size() == 1u);
  BOOST_TEST(lines(loaded).starts_with(sources.file + ":3:"));
}

BOOST_AUTO_TEST_CASE(all_mistakes_are_reported_in_the_order_of_the_file) {
  const LoadedConfig loaded = load(
      "[upstream]\nmax_connections = 0\nbase_url = 'ftp://x'\n[log]\nlevel = 'loud'\n"
      "formt = 'json'\n[control]\nmode = 'x'\n");
  BOOST_TEST_CONTEXT(lines(loaded)) {
    BOOST_REQUIRE(loaded.mistakes.size() == 5u);
    for (std::size_t i = 1; i < loaded.mistakes.size(); ++i) {
      BOOST_TEST(loaded.mistakes[i - 1].line < loaded.mistakes[i].line);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_missing_key_file_is_reported_along_with_other_mistakes) {
  std::filesystem::remove(path / "api-key");
  const LoadedConfig loaded = load("[log]\nlevel = 'loud'\n");
  BOOST_TEST(contains(lines(loaded), "log.level"));
  BOOST_TEST(contains(lines(loaded), "upstream.api_key_file"));
}

BOOST_AUTO_TEST_CASE(a_key_that_is_wrong_by_itself_is_not_also_compared_with_others) {
  check_mistake(*this, "[polling]\nupload_interval_max = 'soon'\nupload_interval_min = '10m'\n", "2:1",
                "a duration");
}

BOOST_AUTO_TEST_CASE(keys_that_contradict_each_other_are_a_mistake) {
  check_mistake(*this, "[polling]\nupload_interval_min = '10m'\n", "2:1", "polling.upload_interval_max");
  check_mistake(*this, "[polling]\nstalled_after = '25h'\n", "2:1", "polling.processing_timeout");
  check_mistake(*this, "[polling]\nprocessing_timeout = '1m'\n", "2:1", "polling.stalled_after");
  check_mistake(*this, "[upstream]\nbase_url = 'http://example.com'\n", "2:1", "upstream.allow_http");
  check_mistake(*this, "[store]\npath = ''\n", "2:1", "must not be empty");
}

BOOST_AUTO_TEST_CASE(a_ca_file_that_cannot_be_loaded_is_a_mistake) {
  check_mistake(*this, "[upstream]\nca_file = '/no/such.pem'\n", "2:1", "/no/such.pem");
}

BOOST_AUTO_TEST_CASE(http_to_a_remote_host_is_accepted_with_allow_http) {
  BOOST_TEST(lines(load("[upstream]\nbase_url = 'http://example.com'\nallow_http = true\n")) == "");
}

BOOST_AUTO_TEST_CASE(zero_may_be_written_without_a_unit) {
  const LoadedConfig loaded = load("[store]\nretention = 0\n[processing]\nsettle = '0'\n");
  BOOST_TEST(lines(loaded) == "");
  BOOST_TEST(loaded.config.store.retention.count() == 0);
}

BOOST_AUTO_TEST_CASE(a_file_that_must_exist_and_does_not_is_a_mistake) {
  sources.file_must_exist = true;
  BOOST_TEST(contains(lines(load_config(sources)),
                      sources.file + ":1:1: cannot be read: No such file or directory"));
}

BOOST_AUTO_TEST_CASE(a_folder_named_as_configuration_file_cannot_be_read) {
  sources.file = path.string();
  const LoadedConfig loaded = load_config(sources);
  BOOST_TEST(contains(lines(loaded), sources.file + ":1:1: cannot be read"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
