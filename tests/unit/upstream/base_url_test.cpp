// Which base URLs are accepted, which of them expose the keys, and how they are split.
#include "bankconnect/base_url.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

#include "bankconnect/upstream.hpp"

namespace bankconnect::test {

BOOST_AUTO_TEST_SUITE(base_url)

void check_accepted(const char* url, bool exposing_keys) {
  BOOST_TEST_CONTEXT(url) {
    const Result<BaseUrl> parsed = parse_base_url(url);
    BOOST_REQUIRE(parsed.has_value());
    BOOST_TEST(parsed->text == url);
    BOOST_TEST(exposes_keys(*parsed) == exposing_keys);
  }
}

BOOST_AUTO_TEST_CASE(https_is_accepted_with_any_host) {
  for (const char* url :
       {"https://apis.bankconnect.finbox.in/bank-connect/v1", "https://example.com", "https://example.com/",
        "https://10.0.0.1:8443/x/", "https://[2001:db8::1]/v1", "HTTPS://example.com/v1"})
    check_accepted(url, false);
}

BOOST_AUTO_TEST_CASE(http_exposes_the_keys_unless_the_host_is_loopback) {
  for (const char* url : {"http://localhost:8000/v1", "http://127.0.0.1:8000", "http://127.8.9.1/",
                          "http://[::1]:80/x", "http://LOCALHOST/"})
    check_accepted(url, false);
  for (const char* url : {"http://example.com/v1", "http://10.0.0.1", "http://localhost.example.com/",
                          "http://0.0.0.0/", "http://[::2]/"})
    check_accepted(url, true);
}

BOOST_AUTO_TEST_CASE(a_host_name_that_begins_with_a_loopback_address_does_not_count_as_loopback) {
  const Result<BaseUrl> parsed = parse_base_url("http://127.0.0.1.example.com/");
  BOOST_TEST((parsed.has_error() || exposes_keys(*parsed)));
}

BOOST_AUTO_TEST_CASE(a_url_that_is_no_usable_base_url_is_refused) {
  for (const char* url : {"",
                          "example.com",
                          "//example.com/v1",
                          "/v1",
                          "ftp://example.com",
                          "file:///etc/passwd",
                          "https://",
                          "https:///v1",
                          "https:example.com",
                          "https://evil.example%00.amazonaws.com/",
                          "http://%31%32%37.0.0.1/",
                          "https://a%20b.example/",
                          "https://a%0d%0ab.example/",
                          "https://a%ff.example/",
                          "https://a!b.example/",
                          "https://user@example.com/",
                          "https://user:word@example.com/",
                          "https://127.0.0.1@example.com/",
                          "https://example.com/v1?x=1",
                          "https://example.com/v1?",
                          "https://example.com/v1#top",
                          "https://example.com:0/",
                          "https://example.com:65536/",
                          "https://example.com:99999999999/",
                          "https://example.com:80a/",
                          "https://exa mple.com/",
                          "https://example.com/\r\nX: y",
                          "https://[::1/",
                          "https://example.com/ä",
                          " https://example.com"}) {
    BOOST_TEST_CONTEXT(url) {
      const Result<BaseUrl> parsed = parse_base_url(url);
      BOOST_REQUIRE(parsed.has_error());
      BOOST_TEST(to_string(parsed.error().code) == "BAD_BASE_URL");
    }
  }
}

BOOST_AUTO_TEST_CASE(an_error_does_not_repeat_a_password) {
  const Result<BaseUrl> parsed = parse_base_url("https://user:word@example.com/");
  BOOST_REQUIRE(parsed.has_error());
  BOOST_TEST(parsed.error().message.find("word@") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_base_url_is_split_into_its_parts) {
  struct Row {
    std::string url;
    bool tls;
    std::string host, port, host_field, path;
    bool is_address;
  };
  const std::vector<Row> rows = {
      {"https://example.com/bank-connect/v1", true, "example.com", "443", "example.com", "/bank-connect/v1",
       false},
      {"https://example.com/v1///", true, "example.com", "443", "example.com", "/v1", false},
      {"https://example.com", true, "example.com", "443", "example.com", "", false},
      {"https://example.com:443/", true, "example.com", "443", "example.com", "", false},
      {"https://example.com:0443/", true, "example.com", "443", "example.com", "", false},
      {"https://example.com:/v1", true, "example.com", "443", "example.com", "/v1", false},
      {"https://example.com:8443/", true, "example.com", "8443", "example.com:8443", "", false},
      {"http://127.0.0.1:80/v1", false, "127.0.0.1", "80", "127.0.0.1", "/v1", true},
      {"http://[::1]:8080/v1", false, "::1", "8080", "[::1]:8080", "/v1", true},
      {"https://example.com/a%20b", true, "example.com", "443", "example.com", "/a%20b", false},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.url) {
      const Result<BaseUrl> parsed = parse_base_url(row.url);
      BOOST_REQUIRE(parsed.has_value());
      BOOST_TEST(parsed->tls == row.tls);
      BOOST_TEST(parsed->host == row.host);
      BOOST_TEST(parsed->port == row.port);
      BOOST_TEST(parsed->host_field == row.host_field);
      BOOST_TEST(parsed->path == row.path);
      BOOST_TEST(parsed->host_is_address == row.is_address);
    }
  }
}

BOOST_AUTO_TEST_CASE(roots_that_cannot_be_loaded_are_an_error) {
  BOOST_TEST(check_ca_file("/no/such/roots.pem").has_value());
  BOOST_TEST(check_ca_file("/dev/null").has_value());
  BOOST_TEST(!check_ca_file("").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
