// The webhook listener: its addresses, and the reload of its secrets and certificates.
#include <unistd.h>

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <csignal>

#include "tests/integration/webhook_world.hpp"

namespace bankconnect::test {

namespace {

constexpr const char* kEvent = "ENRICHMENT_NOTIFICATION";

/// Sends SIGHUP and waits until the daemon logs `expected`.
void reload(World& world, const std::string& expected) {
  const std::size_t before = world.daemon_log().size();
  world.daemon().signal(SIGHUP);
  BOOST_TEST(eventually([&] { return world.daemon_log().find(expected, before) != std::string::npos; }),
             world.daemon_log());
}

/// Makes a self-signed certificate for 127.0.0.1 and its key, as `NAME.pem` and `NAME.key`.
void make_certificate(const World& world, const std::string& name) {
  const std::string at = (world.folder / name).string();
  const RunResult made =
      run("/usr/bin/openssl",
          {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
           "2", "-subj", "/CN=" + name, "-addext", "subjectAltName=IP:127.0.0.1", "-addext",
           "basicConstraints=critical,CA:TRUE", "-keyout", at + ".key", "-out", at + ".pem"});
  BOOST_TEST_REQUIRE(made.code == 0, made.output);
}

void use_certificate(const World& world, const std::string& name) {
  for (const std::string part : {".pem", ".key"})
    std::filesystem::copy_file(world.folder / (name + part), world.folder / ("listener" + part),
                               std::filesystem::copy_options::overwrite_existing);
}

struct TlsWorld : WebhookWorld {
  TlsWorld() : WebhookWorld("") {
    make_certificate(*this, "first");
    make_certificate(*this, "second");
    use_certificate(*this, "first");
    configure("webhook", "tls_certificate_file = \"listener.pem\"\ntls_key_file = \"listener.key\"");
    start_daemon();
  }
  /// Posts a webhook trusting only this certificate: the status, or 0 when the TLS handshake fails.
  int post_webhook_trusting(const std::string& name) const {
    const RunResult ran =
        run("/usr/bin/curl",
            {"--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--max-time", "10",
             "--cacert", folder / (name + ".pem"), "--header", std::string("x-secret-key: ") + kSecret,
             "--json", webhook_body(session_id(1), kEvent), "https://" + listener() + kWebhookPath});
    return std::atoi(ran.output.c_str());
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(listening)

BOOST_AUTO_TEST_CASE(a_secret_is_rotated_by_reloads_that_add_the_new_and_then_remove_the_old) {
  WebhookWorld world("");
  world.start_daemon();
  const std::string body = webhook_body(session_id(1), kEvent);
  BOOST_TEST(world.post_webhook(body, kSecret) == 200);
  BOOST_TEST(world.post_webhook(body, "the-next-one") == 401);
  write_file(world.folder / "webhook-secret", std::string(kSecret) + "\nthe-next-one\n");
  reload(world, "\"reloaded\"");
  BOOST_TEST(world.post_webhook(body, kSecret) == 200);
  BOOST_TEST(world.post_webhook(body, "the-next-one") == 200);
  write_file(world.folder / "webhook-secret", "the-next-one\n");
  reload(world, "\"reloaded\"");
  BOOST_TEST(world.post_webhook(body, "the-next-one") == 200);
  BOOST_TEST(world.post_webhook(body, kSecret) == 401);
  BOOST_TEST(world.daemon_log().find("the-next-one") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(reloading_an_empty_secret_file_fails_and_keeps_the_secret_in_use) {
  WebhookWorld world("");
  world.start_daemon();
  write_file(world.folder / "webhook-secret", "");
  reload(world, "reload_failed");
  const std::string body = webhook_body(session_id(1), kEvent);
  BOOST_TEST(world.post_webhook(body, std::nullopt) == 401);
  BOOST_TEST(world.post_webhook(body, kSecret) == 200);
}

BOOST_AUTO_TEST_CASE(a_reload_that_would_take_the_secret_away_is_refused_and_a_problem_until_mended) {
  WebhookWorld world("");
  world.start_daemon();
  const std::string file = read_file(world.folder / "config.toml");
  std::string without = file;
  const auto begin = without.find("secret_file");
  without.erase(begin, without.find('\n', begin) - begin);
  const std::string body = webhook_body(session_id(1), kEvent);
  for (const std::string& text : {without, file.substr(0, file.find("[webhook]"))}) {
    write_file(world.folder / "config.toml", text);
    reload(world, "reload_failed");
    BOOST_TEST(world.post_webhook(body, std::nullopt) == 401);
    BOOST_TEST(world.post_webhook(body, kSecret) == 200);
    const boost::json::array problems = world.status().at("problems").as_array();
    BOOST_TEST_REQUIRE(problems.size() == 1U);
    BOOST_TEST(boost::json::value_to<std::string>(problems[0].at("code")) == "RELOAD_REFUSED");
  }
  write_file(world.folder / "config.toml", file);
  reload(world, "\"reloaded\"");
  BOOST_TEST(world.status().at("problems").as_array().empty());
}

BOOST_AUTO_TEST_CASE(a_reload_that_would_take_tls_away_is_refused) {
  TlsWorld world;
  std::string file = read_file(world.folder / "config.toml");
  for (const char* key : {"tls_certificate_file", "tls_key_file"}) {
    const auto begin = file.find(key);
    file.erase(begin, file.find('\n', begin) - begin);
  }
  write_file(world.folder / "config.toml", file);
  reload(world, "reload_failed");
  BOOST_TEST(world.post_webhook_trusting("first") == 200);
}

BOOST_AUTO_TEST_CASE(a_reload_serves_the_replaced_certificate_to_new_connections) {
  TlsWorld world;
  BOOST_TEST(world.post_webhook_trusting("first") == 200);
  BOOST_TEST(world.post_webhook_trusting("second") == 0);
  use_certificate(world, "second");
  reload(world, "\"reloaded\"");
  BOOST_TEST(world.post_webhook_trusting("second") == 200);
  BOOST_TEST(world.post_webhook_trusting("first") == 0);
}

BOOST_AUTO_TEST_CASE(reloading_a_broken_or_mismatched_certificate_fails_and_keeps_the_one_in_use) {
  TlsWorld world;
  write_file(world.folder / "listener.pem", "-----BEGIN CERTIFICATE-----\nnonsense\n");
  reload(world, "reload_failed");
  BOOST_TEST(world.daemon_log().find("webhook.tls_certificate_file") != std::string::npos);
  BOOST_TEST(world.post_webhook_trusting("first") == 200);
  // A key that belongs to another certificate is refused, too.
  use_certificate(world, "second");
  std::filesystem::copy_file(world.folder / "first.key", world.folder / "listener.key",
                             std::filesystem::copy_options::overwrite_existing);
  reload(world, "reload_failed");
  BOOST_TEST(world.post_webhook_trusting("first") == 200);
}

BOOST_AUTO_TEST_CASE(plain_http_to_a_tls_listener_is_refused) {
  TlsWorld world;
  BOOST_TEST(world.post_webhook(webhook_body(session_id(1), kEvent)) != 200);
  BOOST_TEST(world.webhooks(session_id(1)).empty());
  BOOST_TEST(world.post_webhook_trusting("first") == 200);
}

BOOST_AUTO_TEST_CASE(a_unix_socket_accepts_webhooks_and_is_removed_when_the_daemon_stops) {
  World world("");
  const std::string socket = (world.folder / "webhook.sock").string();
  world.configure("webhook", "listen = \"unix:" + socket + "\"");
  for (int start = 0; start < 2; ++start) {
    world.start_daemon();
    const HttpReply reply =
        HttpClient("unix:" + socket).post(kWebhookPath, {}, webhook_body(session_id(1), kEvent));
    BOOST_TEST(reply.status == 200);
    BOOST_TEST(reply.body == "{\"status\":\"accepted\"}");
    BOOST_TEST(world.stop_daemon() == 0);
    BOOST_TEST(!std::filesystem::exists(socket));
  }
}

BOOST_AUTO_TEST_CASE(a_stale_unix_socket_of_a_killed_daemon_is_replaced) {
  World world("");
  const std::string socket = (world.folder / "webhook.sock").string();
  world.configure("webhook", "listen = \"unix:" + socket + "\"");
  world.start_daemon();
  world.kill_daemon();
  world.start_daemon();
  const HttpReply reply =
      HttpClient("unix:" + socket).post(kWebhookPath, {}, webhook_body(session_id(1), kEvent));
  BOOST_TEST(reply.status == 200);
}

BOOST_AUTO_TEST_CASE(a_socket_passed_by_systemd_is_used_and_survives_restarts) {
  World world("");
  std::string address;
  const int socket = listening_socket(address);
  for (int start = 0; start < 2; ++start) {
    world.start_daemon({}, socket);
    BOOST_TEST(world.status().at("webhooks").at("state").as_string() == "unproven");
    BOOST_TEST(HttpClient(address).post(kWebhookPath, {}, webhook_body(session_id(1), kEvent)).status == 200);
    BOOST_TEST(world.stop_daemon() == 0);
  }
  ::close(socket);
}

BOOST_AUTO_TEST_CASE(an_address_in_use_is_reported_and_ends_the_start_with_exit_71) {
  World world("");
  std::string address;
  const int socket = listening_socket(address);
  world.configure("webhook", "listen = \"" + address + "\"");
  BOOST_TEST(world.start_and_expect_exit(71).find("webhook.listen") != std::string::npos);
  ::close(socket);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
