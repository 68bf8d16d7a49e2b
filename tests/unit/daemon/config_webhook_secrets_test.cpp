// The webhook's secrets: several are accepted at once, for rotation.
#include <boost/test/unit_test.hpp>

#include "tests/unit/daemon/folder.hpp"

namespace bankconnect::test {
namespace {

struct Secrets : Folder {
  LoadedConfig with(const std::string& text) const {
    write("secret", text);
    return load("[webhook]\nsecret_file = 'secret'\n");
  }
  std::vector<std::string> accepted(const std::string& text) const {
    const LoadedConfig loaded = with(text);
    BOOST_TEST(lines(loaded) == "");
    return loaded.config.webhook_secrets;
  }
};

using Words = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(config_webhook_secrets, Secrets)

BOOST_AUTO_TEST_CASE(without_a_secret_file_no_secret_is_required) {
  BOOST_TEST(load("").config.webhook_secrets.empty());
}

BOOST_AUTO_TEST_CASE(every_line_of_the_secret_file_is_an_accepted_secret) {
  BOOST_TEST((accepted("one\n") == Words{"one"}));
  BOOST_TEST((accepted("one\ntwo\nthree\n") == Words{"one", "two", "three"}));
}

BOOST_AUTO_TEST_CASE(the_last_secret_needs_no_newline) {
  BOOST_TEST((accepted("one\ntwo") == Words{"one", "two"}));
}

BOOST_AUTO_TEST_CASE(blank_lines_at_the_end_are_not_secrets) {
  for (const char* text : {"one\ntwo\n\n", "one\ntwo\n\n\n", "one\r\ntwo\r\n\r\n", "one \ntwo\t\n \n"})
    BOOST_TEST((accepted(text) == Words{"one", "two"}));
}

BOOST_AUTO_TEST_CASE(an_empty_secret_file_is_a_mistake_and_does_not_mean_no_secret) {
  for (const char* text : {"", "\n", " \n\n"}) {
    const LoadedConfig loaded = with(text);
    BOOST_TEST(loaded.mistakes.size() == 1U);
    BOOST_TEST(contains(lines(loaded), ":2:1: webhook.secret_file"));
  }
}

BOOST_AUTO_TEST_CASE(a_line_that_is_not_one_printable_word_is_a_mistake_and_not_repeated) {
  for (const char* text :
       {"two words\n", "one\ntwo words\n", "one\n\nwords\n", "w\xC3\xB6rds\n", " words\n"}) {
    const LoadedConfig loaded = with(text);
    BOOST_TEST(loaded.mistakes.size() == 1U, text);
    BOOST_TEST(loaded.config.webhook_secrets.empty());
    BOOST_TEST(!contains(lines(loaded), "words"), lines(loaded));
  }
}

BOOST_AUTO_TEST_CASE(a_mistake_in_the_secret_file_does_not_demand_a_single_line) {
  BOOST_TEST(!contains(lines(with("one\ntwo words\n")), "on one line and nothing else"));
}

BOOST_AUTO_TEST_CASE(a_missing_secret_file_is_named_by_its_path) {
  const LoadedConfig loaded = load("[webhook]\nsecret_file = 'gone'\n");
  BOOST_TEST(loaded.mistakes.size() == 1U);
  BOOST_TEST(contains(lines(loaded), (path / "gone").string()));
  BOOST_TEST(contains(lines(loaded), "No such file or directory"));
}

BOOST_AUTO_TEST_CASE(the_secret_file_is_looked_up_in_the_credentials_directory) {
  write("credentials/api-key", "k\n");
  write("credentials/server-hash", "h\n");
  write("credentials/webhook-secret", "given\n");
  sources.credentials_directory = (path / "credentials").string();
  const LoadedConfig loaded = load("[webhook]\nsecret_file = 'webhook-secret'\n");
  BOOST_TEST((loaded.config.webhook_secrets == Words{"given"}));
}

BOOST_AUTO_TEST_CASE(the_shown_configuration_holds_no_webhook_secret) {
  const std::string shown = show_config(with("first-word\nsecond-word\n").config);
  BOOST_TEST(!contains(shown, "first-word"));
  BOOST_TEST(!contains(shown, "second-word"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
