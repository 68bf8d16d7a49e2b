#define BOOST_TEST_DYN_LINK
#include "src/sandbox/webhook_settings.hpp"

#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <fstream>
#include <stdexcept>

using namespace bankconnect::sandbox;

namespace {

bool wants(const char* mode, WebhookEvent event) {
  return is_subscribed({.url = "http://127.0.0.1/", .mode = boost::json::parse(mode), .secret = {}}, event);
}

struct SecretFile {
  std::string path = "/tmp/bankconnect-sandbox-secret-" + std::to_string(getpid());

  explicit SecretFile(const std::string& text) { std::ofstream(path) << text; }
  ~SecretFile() { std::remove(path.c_str()); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(webhook_settings)

BOOST_AUTO_TEST_CASE(a_webhook_mode_list_selects_events_and_anything_else_selects_all) {
  BOOST_TEST(wants("1", WebhookEvent::expiry));
  BOOST_TEST(wants("3", WebhookEvent::completion));
  BOOST_TEST(wants("null", WebhookEvent::enrichment));
  BOOST_TEST(wants(R"(["ENRICHMENT_NOTIFICATION"])", WebhookEvent::enrichment));
  BOOST_TEST(!wants(R"(["ENRICHMENT_NOTIFICATION"])", WebhookEvent::completion));
  BOOST_TEST(wants(R"(["SESSION_COMPLETION_NOTIFICATION"])", WebhookEvent::completion));
  BOOST_TEST(!wants("[]", WebhookEvent::completion));
  BOOST_TEST(!wants(R"(["OTHER", 3])", WebhookEvent::expiry));
}

BOOST_AUTO_TEST_CASE(a_webhook_url_is_split_into_its_parts) {
  const WebhookTarget full = parse_webhook_url("http://127.0.0.1:8080/webhooks/bankconnect?a=1");
  BOOST_TEST(full.host == "127.0.0.1");
  BOOST_TEST(full.port == 8080);
  BOOST_TEST(full.target == "/webhooks/bankconnect?a=1");
  BOOST_TEST(full.host_field == "127.0.0.1:8080");
  const WebhookTarget bare = parse_webhook_url("http://localhost");
  BOOST_TEST(bare.port == 80);
  BOOST_TEST(bare.target == "/");
  const WebhookTarget six = parse_webhook_url("http://[::1]:81/x");
  BOOST_TEST(six.host == "::1");
  BOOST_TEST(six.host_field == "[::1]:81");
  for (const char* wrong :
       {"https://127.0.0.1/", "127.0.0.1:80", "http://", "http://a:99999/", "http://a:0/", "http:// /", ""}) {
    BOOST_CHECK_THROW(parse_webhook_url(wrong), std::invalid_argument);
  }
}

BOOST_AUTO_TEST_CASE(the_webhook_secret_is_the_first_line_of_its_file) {
  BOOST_TEST(read_webhook_secret(SecretFile("one\r\ntwo\n").path) == "one");
  BOOST_TEST(read_webhook_secret(SecretFile("one").path) == "one");
  BOOST_CHECK_THROW(read_webhook_secret(SecretFile("\none\n").path), std::runtime_error);
  BOOST_CHECK_THROW(read_webhook_secret(SecretFile("").path), std::runtime_error);
  BOOST_CHECK_THROW(read_webhook_secret("/nowhere/at/all"), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
