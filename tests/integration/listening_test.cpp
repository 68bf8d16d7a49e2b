// Where webhooks are taken, and what changes there while the daemon runs.
#include <unistd.h>

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <csignal>

#include "tests/integration/webhook_world.hpp"

namespace bankconnect::test {

namespace {

constexpr const char* kEvent = "ENRICHMENT_NOTIFICATION";

/// Takes effect for sure: the daemon says so in its log.
void reload(World& world, const std::string& says) {
  const std::size_t before = world.daemon_log().size();
  world.daemon().signal(SIGHUP);
  BOOST_TEST(eventually([&] { return world.daemon_log().find(says, before) != std::string::npos; }),
             world.daemon_log());
}

/// A certificate of its own for 127.0.0.1, and its key, as `NAME.pem` and `NAME.key`.
void make_certificate(const World& world, const std::string& name) {
  const std::string at = (world.folder / name).string();
  const Ran made =
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
  /// What somebody gets who trusts nothing but this certificate: the status, or 0 when it is another one.
  int hook_trusting(const std::string& name) const {
    const Ran ran =
        run("/usr/bin/curl",
            {"--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--max-time", "10",
             "--cacert", folder / (name + ".pem"), "--header", std::string("x-secret-key: ") + kSecret,
             "--json", webhook_body(session_id(1), kEvent), "https://" + listener() + kWebhookPath});
    return std::atoi(ran.output.c_str());
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(listening)

BOOST_AUTO_TEST_CASE(a_new_secret_beside_the_old_one_then_alone_rotates_it_without_a_gap) {
  WebhookWorld world("");
  world.start_daemon();
  const std::string body = webhook_body(session_id(1), kEvent);
  BOOST_TEST(world.hook(body, kSecret) == 200);
  BOOST_TEST(world.hook(body, "the-next-one") == 401);
  write_file(world.folder / "webhook-secret", std::string(kSecret) + "\nthe-next-one\n");
  reload(world, "\"reloaded\"");
  BOOST_TEST(world.hook(body, kSecret) == 200);
  BOOST_TEST(world.hook(body, "the-next-one") == 200);
  write_file(world.folder / "webhook-secret", "the-next-one\n");
  reload(world, "\"reloaded\"");
  BOOST_TEST(world.hook(body, "the-next-one") == 200);
  BOOST_TEST(world.hook(body, kSecret) == 401);
  BOOST_TEST(world.daemon_log().find("the-next-one") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_secret_file_that_became_empty_does_not_open_the_listener) {
  WebhookWorld world("");
  world.start_daemon();
  write_file(world.folder / "webhook-secret", "");
  reload(world, "reload_failed");
  const std::string body = webhook_body(session_id(1), kEvent);
  BOOST_TEST(world.hook(body, std::nullopt) == 401);
  BOOST_TEST(world.hook(body, kSecret) == 200);
}

BOOST_AUTO_TEST_CASE(new_connections_see_the_certificate_that_replaced_the_old_one) {
  TlsWorld world;
  BOOST_TEST(world.hook_trusting("first") == 200);
  BOOST_TEST(world.hook_trusting("second") == 0);
  use_certificate(world, "second");
  reload(world, "\"reloaded\"");
  BOOST_TEST(world.hook_trusting("second") == 200);
  BOOST_TEST(world.hook_trusting("first") == 0);
}

BOOST_AUTO_TEST_CASE(a_broken_certificate_is_reported_and_the_one_in_use_stays) {
  TlsWorld world;
  write_file(world.folder / "listener.pem", "-----BEGIN CERTIFICATE-----\nnonsense\n");
  reload(world, "reload_failed");
  BOOST_TEST(world.daemon_log().find("webhook.tls_certificate_file") != std::string::npos);
  BOOST_TEST(world.hook_trusting("first") == 200);
  // So does a key that belongs to another certificate.
  use_certificate(world, "second");
  std::filesystem::copy_file(world.folder / "first.key", world.folder / "listener.key",
                             std::filesystem::copy_options::overwrite_existing);
  reload(world, "reload_failed");
  BOOST_TEST(world.hook_trusting("first") == 200);
}

BOOST_AUTO_TEST_CASE(who_speaks_plain_http_to_a_tls_listener_is_not_heard) {
  TlsWorld world;
  BOOST_TEST(world.hook(webhook_body(session_id(1), kEvent)) != 200);
  BOOST_TEST(world.webhooks(session_id(1)).empty());
  BOOST_TEST(world.hook_trusting("first") == 200);
}

BOOST_AUTO_TEST_CASE(a_unix_socket_takes_webhooks_and_goes_with_the_daemon) {
  World world("");
  const std::string socket = (world.folder / "webhook.sock").string();
  world.configure("webhook", "listen = \"unix:" + socket + "\"");
  for (int start = 0; start < 2; ++start) {
    world.start_daemon();
    const WireReply reply =
        Wire("unix:" + socket).post(kWebhookPath, {}, webhook_body(session_id(1), kEvent));
    BOOST_TEST(reply.status == 200);
    BOOST_TEST(reply.body == "{\"status\":\"accepted\"}");
    BOOST_TEST(world.stop_daemon() == 0);
    BOOST_TEST(!std::filesystem::exists(socket));
  }
}

BOOST_AUTO_TEST_CASE(a_unix_socket_that_a_killed_daemon_left_is_taken_over) {
  World world("");
  const std::string socket = (world.folder / "webhook.sock").string();
  world.configure("webhook", "listen = \"unix:" + socket + "\"");
  world.start_daemon();
  world.kill_daemon();
  world.start_daemon();
  const WireReply reply = Wire("unix:" + socket).post(kWebhookPath, {}, webhook_body(session_id(1), kEvent));
  BOOST_TEST(reply.status == 200);
}

BOOST_AUTO_TEST_CASE(a_socket_handed_over_by_systemd_is_listened_on_and_outlives_restarts) {
  World world("");
  std::string address;
  const int socket = listening_socket(address);
  for (int start = 0; start < 2; ++start) {
    world.start_daemon({}, socket);
    BOOST_TEST(world.status().at("webhooks").at("state").as_string() == "unproven");
    BOOST_TEST(Wire(address).post(kWebhookPath, {}, webhook_body(session_id(1), kEvent)).status == 200);
    BOOST_TEST(world.stop_daemon() == 0);
  }
  ::close(socket);
}

BOOST_AUTO_TEST_CASE(an_address_somebody_else_listens_at_is_said_and_ends_the_start) {
  World world("");
  std::string address;
  const int socket = listening_socket(address);
  world.configure("webhook", "listen = \"" + address + "\"");
  BOOST_TEST(world.daemon_ends_with(71).find("webhook.listen") != std::string::npos);
  ::close(socket);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
