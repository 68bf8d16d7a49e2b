// Sending webhooks over TCP: a sandbox and a listener on one io_context; sessions last milliseconds.
#define BOOST_TEST_DYN_LINK
#include "src/sandbox/webhook_sender.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <sstream>

#include "src/sandbox/admin_api.hpp"
#include "tests/unit/sandbox/webhook_fixture.hpp"
#include "tests/unit/sandbox/webhook_listener.hpp"

using namespace bankconnect::sandbox;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

constexpr auto kTimeout = 120s;      // for what hangs; a loaded machine is slow
constexpr auto kPollInterval = 5ms;  // for conditions on the time alone
const std::string kShortPlan = "no_uploads = \"5ms\"\nin_progress = \"20ms\"\nprocessing = \"20ms\"\n";

ScenarioFile short_session(const std::string& keys) {
  return parse_scenarios("[[session]]\nid = \"" + kId + "\"\n[scenario.complete]\n" + kShortPlan + keys,
                         "s.toml");
}

// The parts of bankconnect-sandbox except for its server.
struct SenderFixture {
  boost::asio::io_context loop{1};
  WebhookListener listener{loop};
  Clock clock;
  RequestLog log{""};
  Sandbox sandbox;
  WebhookSender sender{loop, sandbox, log, clock};

  explicit SenderFixture(const std::string& keys = "")
      : sandbox(short_session(keys), {}, clock.now(),
                {.url = listener.url(), .mode = {}, .secret = "s3cret"}) {
    sender.schedule();
  }

  std::vector<json::object> lines() const {
    std::vector<json::object> found;
    std::istringstream in(log.lines(""));
    for (std::string line; std::getline(in, line);)
      found.push_back(json::parse(line).as_object());
    return found;
  }

  std::size_t line_count() const {
    const std::string text = log.lines("");
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }

  template <typename Condition>
  bool run_until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + kTimeout;
    while (!condition() && std::chrono::steady_clock::now() < end)
      loop.run_one_for(kPollInterval);
    return condition();
  }

  // Waits until the log has `count` lines and returns them.
  std::vector<json::object> logged(std::size_t count) {
    BOOST_TEST_REQUIRE(run_until([&] { return line_count() >= count; }));
    return lines();
  }

  void send(const std::string& target, const std::string& body) {
    const Request request{.method = "POST",
                          .target = target,
                          .api_key = "sandbox-api-key",
                          .server_hash = "sandbox-server-hash",
                          .content_type = "application/json",
                          .body = body};
    LogEntry entry;
    if (is_admin_call(target)) {
      BOOST_TEST_REQUIRE(handle_admin_call(request, sandbox, log, clock.now()).status == 200);
    } else {
      sandbox.handle(request, clock.now(), entry);
    }
    sender.schedule();
  }

  void initiate() { send("/v1/session_data/" + kId + "/initiate_processing/", "{}"); }
  void post_admin(const std::string& body) { send("/sandbox/sessions/" + kId, body); }
};

std::string text(const json::object& line, const char* key) {
  return std::string(line.at(key).as_string());
}

std::string event_of(const WebhookListener::Request& request) {
  return std::string(json::parse(request.body()).at("event_name").as_string());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(webhook_sender)

BOOST_AUTO_TEST_CASE(completion_and_enrichment_webhooks_are_sent_when_they_are_due) {
  SenderFixture fixture;
  const auto completion = fixture.logged(1).at(0);
  BOOST_TEST(text(completion, "call") == "webhook");
  BOOST_TEST(text(completion, "session_id") == kId);
  BOOST_TEST(text(completion, "event") == "completion");
  BOOST_TEST(text(completion, "event_name") == "SESSION_REQUIREMENT_COMPLETION_NOTIFICATION");
  BOOST_TEST(text(completion, "effect") == "delivered");
  BOOST_TEST(text(completion, "upload_status") == "completed");
  BOOST_TEST(text(completion, "error") == "");
  BOOST_TEST(completion.at("http_status").as_int64() == 200);
  const auto& request = fixture.listener.received.at(0);
  BOOST_TEST(request.method_string() == "POST");
  BOOST_TEST(request.target() == "/hooks");
  BOOST_TEST(request["Content-Type"] == "application/json");
  BOOST_TEST(request["x-secret-key"] == "s3cret");
  fixture.initiate();
  BOOST_TEST(text(fixture.logged(2).at(1), "event") == "enrichment");
  BOOST_TEST(event_of(fixture.listener.received.at(1)) == "ENRICHMENT_NOTIFICATION");
}

BOOST_AUTO_TEST_CASE(a_status_other_than_200_is_a_failure_without_retry_or_redirect) {
  SenderFixture fixture;
  fixture.listener.answer = "HTTP/1.1 204 No Content\r\n\r\n";
  const auto first = fixture.logged(1).at(0);
  BOOST_TEST(text(first, "effect") == "failed");
  BOOST_TEST(first.at("http_status").as_int64() == 204);
  fixture.listener.answer = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
  fixture.post_admin(R"({"webhook":"expiry"})");
  BOOST_TEST(fixture.logged(2).at(1).at("http_status").as_int64() == 302);
  BOOST_TEST(fixture.listener.received.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_listener_that_is_down_or_answers_garbage_is_logged) {
  SenderFixture fixture;
  fixture.listener.answer = "nonsense\r\n\r\n";
  BOOST_TEST(text(fixture.logged(1).at(0), "error") != "");
  fixture.send("/v1/session_data/update_webhook/", R"({"webhook_url":"http://127.0.0.1:1/"})");
  fixture.post_admin(R"({"webhook":"completion"})");
  const auto refused = fixture.logged(2).at(1);
  BOOST_TEST(text(refused, "error") == "Connection refused");
  BOOST_TEST(refused.at("http_status").as_int64() == 0);
  fixture.send("/v1/session_data/update_webhook/", R"({"webhook_url":"https://127.0.0.1/"})");
  fixture.post_admin(R"({"webhook":"completion"})");
  BOOST_TEST(text(fixture.logged(3).at(2), "effect") == "not_sent");
}

BOOST_AUTO_TEST_CASE(an_interim_answer_is_skipped) {
  SenderFixture fixture;
  fixture.listener.answer = "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  BOOST_TEST(text(fixture.logged(1).at(0), "effect") == "delivered");
}

BOOST_AUTO_TEST_CASE(a_silent_listener_ends_the_exchange_at_the_deadline) {
  boost::asio::io_context loop(1);
  WebhookListener listener(loop);
  listener.answer.clear();
  const WebhookTarget target = parse_webhook_url(listener.url());
  const WebhookMessage message{.event_name = "E", .body = "{}", .secret = {}};
  std::optional<ExchangeResult> result;
  const auto deadline = std::chrono::steady_clock::now() + 50ms;
  boost::asio::co_spawn(loop, post_webhook(target, message, deadline),
                        [&](const std::exception_ptr& failure, const ExchangeResult& got) {
                          BOOST_TEST((failure == nullptr));
                          result = got;
                        });
  while (!result && loop.run_one_for(kTimeout) > 0) {
  }
  BOOST_TEST_REQUIRE(result.has_value());
  BOOST_TEST(result->error == "timeout");
  BOOST_TEST(result->http_status == 0);
}

BOOST_AUTO_TEST_CASE(lost_doubled_and_reordered_webhooks_are_logged_with_their_fault) {
  SenderFixture fixture(
      WebhookFixture::fault("event = \"completion\"\nkind = \"reordered\"") +
      WebhookFixture::fault("event = \"enrichment\"\nkind = \"doubled\"\ndelay = \"40ms\""));
  fixture.run_until(
      [&] { return fixture.clock.now() > fixture.sandbox.sessions().at(kId).history.created + 30ms; });
  fixture.initiate();
  const auto lines = fixture.logged(3);
  BOOST_TEST(text(lines.at(0), "event") == "enrichment");
  BOOST_TEST(text(lines.at(1), "event") == "completion");
  BOOST_TEST(text(lines.at(1), "fault") == "reordered");
  BOOST_TEST(text(lines.at(2), "fault") == "doubled");
  fixture.post_admin(R"({"webhook":"completion","fault":"lost"})");
  const auto lost = fixture.logged(4).at(3);
  BOOST_TEST(text(lost, "effect") == "not_sent");
  BOOST_TEST(text(lost, "fault") == "lost");
  BOOST_TEST(fixture.listener.received.size() == 3U);
}

BOOST_AUTO_TEST_CASE(the_webhook_mode_filters_all_but_webhooks_of_the_admin_api) {
  SenderFixture fixture;
  fixture.send("/v1/session_data/update_webhook/", R"({"webhook_url":")" + fixture.listener.url() +
                                                       R"(","webhook_mode":["ENRICHMENT_NOTIFICATION"]})");
  fixture.initiate();  // before the uploads are complete
  BOOST_TEST(text(fixture.logged(1).at(0), "event") == "enrichment");
  fixture.post_admin(R"({"webhook":"completion"})");
  BOOST_TEST(text(fixture.logged(2).at(1), "event") == "completion");
}

BOOST_AUTO_TEST_CASE(a_status_set_through_the_admin_api_sends_its_webhook) {
  SenderFixture fixture("then = \"no_uploads\"");
  fixture.post_admin(R"({"upload_status":"completed"})");
  BOOST_TEST(text(fixture.logged(1).at(0), "event") == "completion");
  fixture.post_admin(R"({"upload_status":"expired"})");
  BOOST_TEST(text(fixture.logged(2).at(1), "event") == "expiry");
}

BOOST_AUTO_TEST_CASE(simultaneous_webhooks_are_sent_with_limited_concurrency) {
  SenderFixture fixture;
  fixture.logged(1);
  fixture.listener.answers_after = 2ms;
  constexpr std::size_t kMany = 300;
  for (std::size_t i = 0; i < kMany; ++i)
    fixture.post_admin(R"({"webhook":"completion"})");
  BOOST_TEST(fixture.logged(kMany + 1).size() == kMany + 1);
  BOOST_TEST(fixture.listener.most_open > 1);
  BOOST_TEST(fixture.listener.most_open <= WebhookSender::kMaxConcurrent);
}

BOOST_AUTO_TEST_SUITE_END()
