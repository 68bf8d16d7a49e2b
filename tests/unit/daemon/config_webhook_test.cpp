// The webhook section: where to listen, what is taken, what is registered.
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/daemon/folder.hpp"

namespace bankconnect::test {
namespace {

struct Webhook : Folder {
  /// The one mistake of a `[webhook]` section that says this.
  std::string mistake(const std::string& toml) const {
    const LoadedConfig loaded = load("[webhook]\n" + toml + "\n");
    BOOST_TEST(loaded.mistakes.size() == 1U, toml << "\n" << lines(loaded));
    return lines(loaded);
  }
  void right(const std::string& toml) const {
    const std::string said = lines(load("[webhook]\n" + toml + "\n"));
    BOOST_TEST(said.empty(), toml << "\n" << said);
  }
  std::string mode_json(const std::string& toml) const {
    const LoadedConfig loaded = load("[webhook]\nmode = " + toml + "\n");
    BOOST_TEST(lines(loaded) == "");
    return webhook_mode_json(loaded.config);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(config_webhook, Webhook)

BOOST_AUTO_TEST_CASE(it_listens_at_an_address_with_a_port_or_at_a_unix_socket) {
  for (const char* listen : {"", "127.0.0.1:8080", "0.0.0.0:1", "[::]:8443", "[::1]:65535", "127.0.0.1:0",
                             "unix:/run/bankconnectd/webhook.sock"})
    right(std::string("listen = '") + listen + "'");
}

BOOST_AUTO_TEST_CASE(anything_else_is_a_mistake_that_shows_the_right_forms) {
  for (const char* listen : {"8080",
                             ":8080",
                             "localhost:8080",
                             "127.0.0.1",
                             "127.0.0.1:",
                             "127.0.0.1:http",
                             "127.0.0.1:65536",
                             "127.0.0.1:-1",
                             "127.0.0.1:+1",
                             "127.0.0.1:80 ",
                             " 127.0.0.1:80",
                             "256.0.0.1:80",
                             "127.1:80",
                             "::1:8080",
                             "[::1]",
                             "[::1]8080",
                             "[]:80",
                             "[127.0.0.1]:80",
                             "http://127.0.0.1:80",
                             "*:80",
                             "unix:",
                             "unix:webhook.sock",
                             "/run/webhook.sock"}) {
    const std::string said = mistake(std::string("listen = '") + listen + "'");
    BOOST_TEST(said.starts_with(sources.file + ":2:1: webhook.listen"), said);
    for (const char* form : {"127.0.0.1:8080", "[::]:8443", "unix:/"})
      BOOST_TEST(contains(said, form), said);
  }
}

BOOST_AUTO_TEST_CASE(the_path_is_taken_as_it_comes_after_the_host) {
  for (const char* form : {"/", "/hook", "/webhooks/bankconnect/", "/a.b-c_d~e"})
    right(std::string("path = '") + form + "'");
}

BOOST_AUTO_TEST_CASE(what_no_path_can_be_is_a_mistake) {
  for (const char* form : {"", "hook", "/a?b", "/a#b", "/a%20b", "/a b", "https://lender.example/hook"}) {
    const std::string said = mistake(std::string("path = '") + form + "'");
    BOOST_TEST(contains(said, ":2:1: webhook.path"), said);
    BOOST_TEST(contains(said, "/webhooks/bankconnect"), said);
  }
}

BOOST_AUTO_TEST_CASE(following_strangers_needs_a_secret) {
  const std::string said = mistake("unknown_sessions = 'follow'");
  BOOST_TEST(contains(said, ":2:1: webhook.unknown_sessions"), said);
  BOOST_TEST(contains(said, "webhook.secret_file"), said);
}

BOOST_AUTO_TEST_CASE(with_a_secret_strangers_may_be_followed) {
  write("secret", "word\n");
  right("unknown_sessions = 'follow'\nsecret_file = 'secret'");
}

BOOST_AUTO_TEST_CASE(following_strangers_with_an_empty_secret_is_a_mistake) {
  write("secret", "\n");
  mistake("unknown_sessions = 'follow'\nsecret_file = 'secret'");
}

BOOST_AUTO_TEST_CASE(keeping_and_ignoring_need_none) {
  right("unknown_sessions = 'keep'");
  right("unknown_sessions = 'ignore'");
}

BOOST_AUTO_TEST_CASE(what_is_done_with_strangers_reaches_the_rules) {
  write("secret", "word\n");
  const auto policy_with = [this](const std::string& value) {
    return policy_of(load("[webhook]\nsecret_file = 'secret'\nunknown_sessions = '" + value + "'\n").config);
  };
  BOOST_TEST((policy_with("keep").unknown_sessions == UnknownSessions::keep));
  BOOST_TEST((policy_with("follow").unknown_sessions == UnknownSessions::follow));
  BOOST_TEST((policy_with("ignore").unknown_sessions == UnknownSessions::ignore));
}

BOOST_AUTO_TEST_CASE(webhooks_are_off_without_a_listener_and_unproven_with_one) {
  BOOST_TEST((policy_of(load("").config).webhook_health == WebhookHealth::off));
  const LoadedConfig listening = load("[webhook]\nlisten = '127.0.0.1:0'\ngrace = '7s'\n");
  BOOST_TEST((policy_of(listening.config).webhook_health == WebhookHealth::unproven));
  BOOST_TEST((policy_of(listening.config).webhook_grace == std::chrono::seconds(7)));
}

BOOST_AUTO_TEST_CASE(registering_at_every_start_needs_a_url) {
  const std::string said = mistake("register_on_start = true");
  BOOST_TEST(contains(said, ":2:1: webhook.register_on_start"), said);
  BOOST_TEST(contains(said, "webhook.public_url"), said);
  right("register_on_start = true\npublic_url = 'https://lender.example/webhooks/bankconnect'");
}

BOOST_AUTO_TEST_CASE(what_is_registered_is_a_url) {
  right("public_url = 'https://lender.example:8443/hook?x=1'");
  for (const char* url : {"lender.example", "/webhooks/bankconnect", "ftp://lender.example/"}) {
    const std::string said = mistake(std::string("public_url = '") + url + "'");
    BOOST_TEST(contains(said, "https://lender.example/webhooks/bankconnect"), said);
  }
}

BOOST_AUTO_TEST_CASE(a_url_without_a_host_is_a_mistake) {
  mistake("public_url = 'https://'");
}

BOOST_AUTO_TEST_CASE(the_mode_is_sent_as_a_number_or_a_list) {
  BOOST_TEST(webhook_mode_json(Config{}) == "1");
  BOOST_TEST(mode_json("3") == "3");
  BOOST_TEST((boost::json::parse(mode_json("['A', 'B']")) == boost::json::value{"A", "B"}));
  BOOST_TEST((boost::json::parse(mode_json("[]")) == boost::json::array()));
}

BOOST_AUTO_TEST_CASE(the_mode_is_good_json_whatever_it_names) {
  const std::string json = mode_json(R"(["q\"uote", "back\\slash", "tab\t", "\u0001\u007f", "ü"])");
  const boost::json::value expected = {"q\"uote", "back\\slash", "tab\t", "\x01\x7f", "ü"};
  BOOST_TEST((boost::json::parse(json) == expected), json);
}

BOOST_AUTO_TEST_CASE(sizes_and_counts_have_bounds) {
  for (const char* wrong :
       {"max_body_size = '1B'", "max_body_size = '1GiB'", "max_connections = 0", "grace = '0s'"})
    mistake(wrong);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
