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
  void accepted(const std::string& toml) const {
    const std::string said = lines(load("[webhook]\n" + toml + "\n"));
    BOOST_TEST(said.empty(), toml << "\n" << said);
  }
  std::string mode_json(const std::string& toml) const {
    const LoadedConfig loaded = load("[webhook]\nmode = " + toml + "\n");
    BOOST_TEST(lines(loaded) == "");
    return webhook_mode_json(loaded.config.webhook.mode);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(config_webhook, Webhook)

BOOST_AUTO_TEST_CASE(listen_takes_an_address_with_a_port_or_a_unix_socket) {
  for (const char* listen : {"", "127.0.0.1:8080", "0.0.0.0:1", "[::]:8443", "[::1]:65535", "127.0.0.1:0",
                             "unix:/run/bankconnectd/webhook.sock"})
    accepted(std::string("listen = '") + listen + "'");
}

BOOST_AUTO_TEST_CASE(any_other_listen_address_is_a_mistake_that_shows_the_valid_forms) {
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

BOOST_AUTO_TEST_CASE(path_takes_an_absolute_path_without_escapes) {
  for (const char* form : {"/", "/hook", "/webhooks/bankconnect/", "/a.b-c_d~e"})
    accepted(std::string("path = '") + form + "'");
}

BOOST_AUTO_TEST_CASE(a_path_that_is_relative_or_has_a_query_or_escapes_is_a_mistake) {
  for (const char* form : {"", "hook", "/a?b", "/a#b", "/a%20b", "/a b", "https://lender.example/hook"}) {
    const std::string said = mistake(std::string("path = '") + form + "'");
    BOOST_TEST(contains(said, ":2:1: webhook.path"), said);
    BOOST_TEST(contains(said, "/webhooks/bankconnect"), said);
  }
}

BOOST_AUTO_TEST_CASE(following_unknown_sessions_without_a_secret_file_is_a_mistake) {
  const std::string said = mistake("unknown_sessions = 'follow'");
  BOOST_TEST(contains(said, ":2:1: webhook.unknown_sessions"), said);
  BOOST_TEST(contains(said, "webhook.secret_file"), said);
}

BOOST_AUTO_TEST_CASE(unknown_sessions_may_be_followed_with_a_secret) {
  write("secret", "word\n");
  accepted("unknown_sessions = 'follow'\nsecret_file = 'secret'");
}

BOOST_AUTO_TEST_CASE(following_unknown_sessions_with_an_empty_secret_file_is_a_mistake) {
  write("secret", "\n");
  mistake("unknown_sessions = 'follow'\nsecret_file = 'secret'");
}

BOOST_AUTO_TEST_CASE(keeping_and_ignoring_unknown_sessions_need_no_secret) {
  accepted("unknown_sessions = 'keep'");
  accepted("unknown_sessions = 'ignore'");
}

BOOST_AUTO_TEST_CASE(what_to_do_with_unknown_sessions_reaches_the_options_of_the_follower) {
  write("secret", "word\n");
  const auto with = [this](const std::string& value) {
    return load("[webhook]\nsecret_file = 'secret'\nunknown_sessions = '" + value + "'\n")
        .config.follow.unknown_sessions;
  };
  BOOST_TEST((with("keep") == UnknownSessions::keep));
  BOOST_TEST((with("follow") == UnknownSessions::follow));
  BOOST_TEST((with("ignore") == UnknownSessions::ignore));
}

BOOST_AUTO_TEST_CASE(without_listen_there_is_no_address_and_with_it_the_address_is_parsed) {
  BOOST_TEST(!load("").config.webhook.listen.has_value());
  BOOST_TEST(!load("[webhook]\nlisten = ''\n").config.webhook.listen.has_value());
  const auto listen = load("[webhook]\nlisten = '[::1]:8443'\n").config.webhook.listen;
  BOOST_REQUIRE(listen.has_value());
  BOOST_TEST(listen->host == "::1");
  BOOST_TEST(listen->port == 8443);
  BOOST_TEST(listen->loopback);
}

BOOST_AUTO_TEST_CASE(listen_does_not_by_itself_tell_the_follower_that_webhooks_arrive) {
  BOOST_TEST(!load("[webhook]\nlisten = '127.0.0.1:0'\n").config.follow.webhooks);
}

BOOST_AUTO_TEST_CASE(an_ipv6_listen_address_is_shown_in_brackets_in_its_shortest_form) {
  const LoadedConfig loaded = load("[webhook]\nlisten = '[0:0::1]:8443'\n");
  BOOST_TEST(lines(loaded) == "");
  BOOST_TEST(contains(show_config(loaded.config), "listen = \"[::1]:8443\"\n"));
}

BOOST_AUTO_TEST_CASE(grace_reaches_the_policy) {
  const LoadedConfig loaded = load("[webhook]\ngrace = '7s'\n");
  BOOST_TEST((loaded.config.policy.webhook_grace == std::chrono::seconds(7)));
}

BOOST_AUTO_TEST_CASE(register_on_start_needs_a_public_url) {
  const std::string said = mistake("register_on_start = true");
  BOOST_TEST(contains(said, ":2:1: webhook.register_on_start"), said);
  BOOST_TEST(contains(said, "webhook.public_url"), said);
  accepted("register_on_start = true\npublic_url = 'https://lender.example/webhooks/bankconnect'");
}

BOOST_AUTO_TEST_CASE(public_url_must_be_an_http_url) {
  accepted("public_url = 'https://lender.example:8443/hook?x=1'");
  for (const char* url : {"lender.example", "/webhooks/bankconnect", "ftp://lender.example/"}) {
    const std::string said = mistake(std::string("public_url = '") + url + "'");
    BOOST_TEST(contains(said, "https://lender.example/webhooks/bankconnect"), said);
  }
}

BOOST_AUTO_TEST_CASE(a_public_url_without_a_host_is_a_mistake) {
  mistake("public_url = 'https://'");
}

BOOST_AUTO_TEST_CASE(the_webhook_mode_is_sent_as_a_number_or_a_list) {
  BOOST_TEST(webhook_mode_json(Config{}.webhook.mode) == "1");
  BOOST_TEST(mode_json("3") == "3");
  BOOST_TEST((boost::json::parse(mode_json("['A', 'B']")) == boost::json::value{"A", "B"}));
  BOOST_TEST((boost::json::parse(mode_json("[]")) == boost::json::array()));
}

BOOST_AUTO_TEST_CASE(the_webhook_mode_is_valid_json_whatever_characters_the_names_have) {
  const std::string json = mode_json(R"(["q\"uote", "back\\slash", "tab\t", "\u0001\u007f", "ü"])");
  const boost::json::value expected = {"q\"uote", "back\\slash", "tab\t", "\x01\x7f", "ü"};
  BOOST_TEST((boost::json::parse(json) == expected), json);
}

BOOST_AUTO_TEST_CASE(webhook_sizes_counts_and_durations_have_bounds) {
  for (const char* wrong :
       {"max_body_size = '1B'", "max_body_size = '1GiB'", "max_connections = 0", "grace = '0s'"})
    mistake(wrong);
}

BOOST_AUTO_TEST_CASE(a_public_url_with_another_path_than_the_listener_is_a_warning) {
  const auto warnings = [this](const std::string& toml) {
    return load("[webhook]\n" + toml + "\n").warnings;
  };
  for (const char* fits : {"", "public_url = 'https://lender.example/webhooks/bankconnect'",
                           "public_url = 'https://lender.example:8443/webhooks/bankconnect/?a=b'",
                           "public_url = 'https://lender.example'\npath = '/'"})
    BOOST_TEST(warnings(fits).empty(), fits);
  for (const char* differs :
       {"public_url = 'https://lender.example'", "public_url = 'https://lender.example/hooks'",
        "public_url = 'https://lender.example/webhooks/bankconnect'\npath = '/hooks'"}) {
    const auto warned = warnings(differs);
    BOOST_REQUIRE(warned.size() == 1U);
    BOOST_TEST(warned.front().message.find("webhook.path is ") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(what_sqlite_would_not_take_for_a_files_path_is_a_mistake) {
  for (const char* given :
       {"", ":memory:", "file:/var/db?mode=memory", "~/bankconnect.db", "/tmp", "/var/lib/"}) {
    const LoadedConfig loaded = load("[store]\npath = '" + std::string(given) + "'\n");
    BOOST_TEST(loaded.mistakes.size() == 1U, given << "\n" << lines(loaded));
    BOOST_TEST(lines(loaded).find("store.path") != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
