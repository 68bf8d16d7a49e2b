// The listener's certificate and key: both or neither, and fitting each other.
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <filesystem>

#include "tests/unit/daemon/folder.hpp"
#include "tests/unit/net/tls_files.hpp"

namespace bankconnect::test {
namespace {

struct Tls : Folder {
  Tls() {
    copy(files, "");
    copy(others, "other-");
  }
  void copy(const TlsFiles& from, const std::string& prefix) const {
    std::filesystem::copy(from.certificate_file, path / (prefix + "cert.pem"));
    std::filesystem::copy(from.key_file, path / (prefix + "key.pem"));
  }
  LoadedConfig with(const std::string& certificate, const std::string& key) const {
    return load("[webhook]\ntls_certificate_file = '" + certificate + "'\ntls_key_file = '" + key + "'\n");
  }
  /// The one mistake, at line `line`.
  std::string mistake(const std::string& certificate, const std::string& key, const std::string& line) const {
    const LoadedConfig loaded = with(certificate, key);
    BOOST_TEST(loaded.mistakes.size() == 1U, lines(loaded));
    BOOST_TEST(!loaded.config.webhook_tls);
    BOOST_TEST(lines(loaded).starts_with(sources.file + ":" + line + ":1: webhook.tls_"), lines(loaded));
    return lines(loaded);
  }

  TlsFiles files{"listener"};
  TlsFiles others{"another"};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(config_tls, Tls)

BOOST_AUTO_TEST_CASE(without_certificate_and_key_there_is_no_tls_identity) {
  BOOST_TEST(!load("").config.webhook_tls);
}

BOOST_AUTO_TEST_CASE(a_certificate_with_its_key_is_loaded_from_beside_the_configuration) {
  const LoadedConfig loaded = with("cert.pem", "key.pem");
  BOOST_TEST(lines(loaded) == "");
  BOOST_TEST((loaded.config.webhook_tls != nullptr));
}

BOOST_AUTO_TEST_CASE(a_certificate_with_its_key_is_loaded_from_anywhere) {
  const LoadedConfig loaded = with(files.certificate_file, files.key_file);
  BOOST_TEST(lines(loaded) == "");
  BOOST_TEST((loaded.config.webhook_tls != nullptr));
}

BOOST_AUTO_TEST_CASE(a_certificate_or_a_key_alone_is_a_mistake_that_names_the_other) {
  const LoadedConfig no_key = load("[webhook]\ntls_certificate_file = 'cert.pem'\n");
  BOOST_TEST(no_key.mistakes.size() == 1U);
  BOOST_TEST(contains(lines(no_key), ":2:1: webhook.tls_certificate_file"), lines(no_key));
  BOOST_TEST(contains(lines(no_key), "webhook.tls_key_file"), lines(no_key));
  const LoadedConfig no_certificate = load("[webhook]\ntls_key_file = 'key.pem'\n");
  BOOST_TEST(no_certificate.mistakes.size() == 1U);
  BOOST_TEST(contains(lines(no_certificate), ":2:1: webhook.tls_key_file"), lines(no_certificate));
  BOOST_TEST(contains(lines(no_certificate), "webhook.tls_certificate_file"), lines(no_certificate));
}

BOOST_AUTO_TEST_CASE(a_key_of_another_certificate_is_a_mistake_at_the_key) {
  const std::string said = mistake("cert.pem", "other-key.pem", "3");
  BOOST_TEST(contains(said, "other-key.pem"), said);
  BOOST_TEST(contains(said, "certificate"), said);
}

BOOST_AUTO_TEST_CASE(a_missing_certificate_or_key_file_is_named_by_its_path) {
  BOOST_TEST(contains(mistake("gone.pem", "key.pem", "2"), (path / "gone.pem").string()));
  BOOST_TEST(contains(mistake("cert.pem", "gone.pem", "3"), (path / "gone.pem").string()));
}

BOOST_AUTO_TEST_CASE(a_missing_certificate_file_is_reported_as_no_such_file) {
  const std::string said = mistake("gone.pem", "key.pem", "2");
  BOOST_TEST(contains(said, "No such file"), said);
}

BOOST_AUTO_TEST_CASE(a_file_without_pem_is_named_and_its_content_not_repeated) {
  write("odd.pem", "-----BEGIN NONSENSE-----\nsome-words\n-----END NONSENSE-----\n");
  for (const std::string& said : {mistake("odd.pem", "key.pem", "2"), mistake("cert.pem", "odd.pem", "3")}) {
    BOOST_TEST(contains(said, (path / "odd.pem").string()), said);
    BOOST_TEST(contains(said, "PEM"), said);
    BOOST_TEST(!contains(said, "some-words"), said);
  }
}

BOOST_AUTO_TEST_CASE(certificate_and_key_files_swapped_are_a_mistake) {
  BOOST_TEST(contains(mistake("key.pem", "cert.pem", "2"), "key.pem"));
}

BOOST_AUTO_TEST_CASE(an_encrypted_key_is_refused_without_asking_for_its_pass_phrase) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  unsigned char phrase[] = "phrase";
  std::FILE* out = std::fopen((path / "locked.pem").c_str(), "w");
  BOOST_REQUIRE(PEM_write_PrivateKey(out, key.get(), EVP_aes_128_cbc(), phrase, 6, nullptr, nullptr) == 1);
  std::fclose(out);
  BOOST_TEST(contains(mistake("cert.pem", "locked.pem", "3"), "locked.pem"));
}

BOOST_AUTO_TEST_CASE(certificate_and_key_are_looked_up_in_the_credentials_directory) {
  std::filesystem::create_directories(path / "credentials");
  for (const char* name : {"api-key", "server-hash", "cert.pem", "key.pem"})
    std::filesystem::rename(path / name, path / "credentials" / name);
  sources.credentials_directory = (path / "credentials").string();
  const LoadedConfig loaded = with("cert.pem", "key.pem");
  BOOST_TEST(lines(loaded) == "");
  BOOST_TEST((loaded.config.webhook_tls != nullptr));
}

BOOST_AUTO_TEST_CASE(the_shown_configuration_holds_no_private_key) {
  const std::string shown = show_config(with("cert.pem", "key.pem").config);
  BOOST_TEST(!contains(shown, "BEGIN"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
