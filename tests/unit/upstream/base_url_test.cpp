// Where BankConnect may be said to live.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "bankconnect/upstream.hpp"
#include "src/upstream/base_url.hpp"

namespace bankconnect::test {

using upstream::BaseUrl;
using upstream::parse_base_url;

BOOST_AUTO_TEST_SUITE(base_url)

BOOST_AUTO_TEST_CASE(https_is_taken_from_anywhere) {
  for (const char* url :
       {"https://apis.bankconnect.finbox.in/bank-connect/v1", "https://example.com", "https://example.com/",
        "https://10.0.0.1:8443/x/", "https://[2001:db8::1]/v1", "HTTPS://example.com/v1"}) {
    BOOST_TEST_CONTEXT(url) {
      BOOST_TEST(check_base_url(url, false).value_or("") == "");
    }
  }
}

BOOST_AUTO_TEST_CASE(http_is_taken_from_loopback_only) {
  for (const char* url : {"http://localhost:8000/v1", "http://127.0.0.1:8000", "http://127.8.9.1/",
                          "http://[::1]:80/x", "http://LOCALHOST/"}) {
    BOOST_TEST_CONTEXT(url) {
      BOOST_TEST(check_base_url(url, false).value_or("") == "");
    }
  }
  for (const char* url : {"http://example.com/v1", "http://10.0.0.1", "http://localhost.example.com/",
                          "http://0.0.0.0/", "http://[::2]/", "http://127.0.0.1.example.com/"}) {
    BOOST_TEST_CONTEXT(url) {
      BOOST_TEST(check_base_url(url, false).has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(http_is_taken_from_anywhere_when_it_is_allowed) {
  BOOST_TEST(!check_base_url("http://example.com/v1", true).has_value());
  BOOST_TEST(check_base_url("http://example.com/v1", false)->find("upstream.allow_http") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_no_usable_address_is_refused) {
  for (const char* url : {"",
                          "example.com",
                          "//example.com/v1",
                          "/v1",
                          "ftp://example.com",
                          "file:///etc/passwd",
                          "https://",
                          "https:///v1",
                          "https:example.com",
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
      BOOST_TEST(check_base_url(url, true).has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_refusal_does_not_repeat_a_password) {
  BOOST_TEST(check_base_url("https://user:word@example.com/", false)->find("word@") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_parts_are_taken_apart) {
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
      const Result<BaseUrl> parsed = parse_base_url(row.url, true);
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

BOOST_AUTO_TEST_CASE(roots_that_cannot_be_loaded_are_named) {
  BOOST_TEST(check_ca_file("/no/such/roots.pem").has_value());
  BOOST_TEST(check_ca_file("/dev/null").has_value());
  BOOST_TEST(!check_ca_file("").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
