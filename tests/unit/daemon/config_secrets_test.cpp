// The secrets are read from files and are shown nowhere.
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/unit/daemon/folder.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(config_secrets, Folder)

BOOST_AUTO_TEST_CASE(a_relative_key_file_name_is_looked_up_beside_the_configuration_file) {
  const LoadedConfig loaded = load("");
  BOOST_TEST(lines(loaded) == "");
  BOOST_TEST(loaded.config.credentials.api_key == "the-key");
  BOOST_TEST(loaded.config.credentials.server_hash == "the-hash");
}

BOOST_AUTO_TEST_CASE(key_files_are_read_from_the_credentials_directory_when_there_is_one) {
  write("credentials/api-key", "given-key\n");
  write("credentials/server-hash", "given-hash\n");
  sources.credentials_directory = (path / "credentials").string();
  const LoadedConfig loaded = load("");
  BOOST_TEST(lines(loaded) == "");
  BOOST_TEST(loaded.config.credentials.api_key == "given-key");
  BOOST_TEST(loaded.config.credentials.server_hash == "given-hash");
}

BOOST_AUTO_TEST_CASE(an_empty_credentials_directory_variable_counts_as_none) {
  sources.credentials_directory = "";
  BOOST_TEST(load("").config.credentials.api_key == "the-key");
}

BOOST_AUTO_TEST_CASE(an_absolute_key_file_name_ignores_the_credentials_directory) {
  write("elsewhere/key", "far-key\n");
  sources.credentials_directory = "/no/such/folder";
  const LoadedConfig loaded = load("[upstream]\napi_key_file = '" + (path / "elsewhere/key").string() +
                                   "'\nserver_hash_file = '" + (path / "server-hash").string() + "'\n");
  BOOST_TEST(lines(loaded) == "");
  BOOST_TEST(loaded.config.credentials.api_key == "far-key");
}

BOOST_AUTO_TEST_CASE(the_end_of_the_line_is_not_part_of_the_secret) {
  for (const char* text : {"the-key", "the-key\n", "the-key\r\n", "the-key \n", "the-key\n\n"}) {
    write("api-key", text);
    const LoadedConfig loaded = load("");
    BOOST_TEST(lines(loaded) == "");
    BOOST_TEST(loaded.config.credentials.api_key == "the-key");
  }
}

BOOST_AUTO_TEST_CASE(a_missing_key_file_is_reported_at_the_key_that_names_it) {
  const LoadedConfig loaded = load("[upstream]\n\napi_key_file = 'gone'\n");
  BOOST_REQUIRE(loaded.mistakes.size() == 1u);
  BOOST_TEST(lines(loaded).starts_with(sources.file + ":3:1: upstream.api_key_file"));
  BOOST_TEST(contains(lines(loaded), (path / "gone").string()));
  BOOST_TEST(contains(lines(loaded), "No such file or directory"));
}

BOOST_AUTO_TEST_CASE(two_missing_key_files_are_two_mistakes) {
  std::filesystem::remove(path / "api-key");
  std::filesystem::remove(path / "server-hash");
  BOOST_TEST(load("").mistakes.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_folder_named_as_key_file_is_a_mistake) {
  std::filesystem::create_directory(path / "folder");
  const LoadedConfig loaded = load("[upstream]\napi_key_file = 'folder'\n");
  BOOST_REQUIRE(loaded.mistakes.size() == 1u);
  BOOST_TEST(contains(lines(loaded), "Is a directory"));
}

BOOST_AUTO_TEST_CASE(a_key_file_without_a_word_is_a_mistake_and_not_called_unreadable) {
  for (const char* text : {"", "\n", "  \n", "\nthe-key\n"}) {
    BOOST_TEST_CONTEXT('"' << text << '"') {
      write("api-key", text);
      const LoadedConfig loaded = load("");
      BOOST_REQUIRE(loaded.mistakes.size() == 1u);
      BOOST_TEST(contains(lines(loaded), "upstream.api_key_file"));
      BOOST_TEST(!contains(lines(loaded), "cannot be read"));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_secret_that_cannot_be_sent_as_a_header_is_refused_and_not_repeated) {
  using namespace std::string_literals;
  for (const std::string& text : {"two words\n"s, " the-key\n"s, "the\tkey\n"s, "thé-key\n"s, "the-key\0x\n"s,
                                  "the\rkey\n"s, "\xEF\xBB\xBFthe-key\n"s}) {
    write("api-key", text);
    const LoadedConfig loaded = load("");
    BOOST_REQUIRE(loaded.mistakes.size() == 1u);
    BOOST_TEST(!contains(lines(loaded), "words"));
  }
}

BOOST_AUTO_TEST_CASE(a_second_line_in_a_key_file_is_a_mistake_and_not_dropped) {
  write("api-key", "the-key\nthe-hash\n");
  const LoadedConfig loaded = load("");
  BOOST_REQUIRE(loaded.mistakes.size() == 1u);
  BOOST_TEST(contains(lines(loaded), "upstream.api_key_file"));
  BOOST_TEST(!contains(lines(loaded), "the-hash"));
}

BOOST_AUTO_TEST_CASE(a_secret_that_others_may_read_or_change_is_a_warning_that_names_the_command) {
  const std::pair<int, bool> rows[] = {{0400, false}, {0600, false}, {0640, false},
                                       {0644, true},  {0660, true},  {0602, true}};
  for (const auto& [mode, loose] : rows) {
    write("api-key", "the-key\n");
    std::filesystem::permissions(path / "api-key", std::filesystem::perms(mode));
    const LoadedConfig loaded = load("");
    BOOST_TEST(loaded.mistakes.empty());
    BOOST_TEST(loaded.warnings.size() == (loose ? 1U : 0U), std::oct << mode);
    if (!loaded.warnings.empty())
      BOOST_TEST(loaded.warnings[0].message.find("chmod g-w,o= " + (path / "api-key").string()) !=
                 std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
