// Webhooks on the wire: a sandbox and a listener on one loop, lives of milliseconds.
#define BOOST_TEST_DYN_LINK
#include "src/sandbox/courier.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <sstream>

#include "src/sandbox/hand_control.hpp"
#include "tests/unit/sandbox/webhook_life.hpp"
#include "tests/unit/sandbox/webhook_listener.hpp"

using namespace bankconnect::sandbox;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

constexpr auto kPatience = 20s;
constexpr auto kGlance = 5ms;  // a condition may be about time alone
const std::string kQuick = "no_uploads = \"5ms\"\nin_progress = \"20ms\"\nprocessing = \"20ms\"\n";

ScenarioFile quick(const std::string& keys) {
  return parse_scenarios("[[session]]\nid = \"" + kId + "\"\n[scenario.complete]\n" + kQuick + keys,
                         "s.toml");
}

// The parts of the real program, without its server.
struct Wire {
  boost::asio::io_context loop{1};
  WebhookListener listener{loop};
  Clock clock;
  RequestLog log{""};
  Sandbox sandbox;
  Courier courier{loop, sandbox, log, clock};

  explicit Wire(const std::string& keys = "")
      : sandbox(quick(keys), {}, clock.now(), {.url = listener.url(), .mode = {}, .secret = "s3cret"}) {
    courier.wake();
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
  bool runs_until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!condition() && std::chrono::steady_clock::now() < end)
      loop.run_one_for(kGlance);
    return condition();
  }

  // The log, once it has so many lines.
  std::vector<json::object> logged(std::size_t count) {
    BOOST_TEST_REQUIRE(runs_until([&] { return line_count() >= count; }));
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
    if (is_hand_control(target)) {
      BOOST_TEST_REQUIRE(hand_control(request, sandbox, log, clock.now()).status == 200);
    } else {
      sandbox.handle(request, clock.now(), entry);
    }
    courier.wake();
  }

  void initiate() { send("/v1/session_data/" + kId + "/initiate_processing/", "{}"); }
  void by_hand(const std::string& body) { send("/sandbox/sessions/" + kId, body); }
};

std::string text(const json::object& line, const char* key) {
  return std::string(line.at(key).as_string());
}

std::string event_of(const WebhookListener::Request& request) {
  return std::string(json::parse(request.body()).at("event_name").as_string());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(courier)

BOOST_AUTO_TEST_CASE(a_life_is_told_without_anybody_asking) {
  Wire wire;
  const auto completion = wire.logged(1).at(0);
  BOOST_TEST(text(completion, "call") == "webhook");
  BOOST_TEST(text(completion, "session_id") == kId);
  BOOST_TEST(text(completion, "event") == "completion");
  BOOST_TEST(text(completion, "event_name") == "SESSION_REQUIREMENT_COMPLETION_NOTIFICATION");
  BOOST_TEST(text(completion, "effect") == "delivered");
  BOOST_TEST(text(completion, "upload_status") == "completed");
  BOOST_TEST(text(completion, "error") == "");
  BOOST_TEST(completion.at("http_status").as_int64() == 200);
  const auto& request = wire.listener.received.at(0);
  BOOST_TEST(request.method_string() == "POST");
  BOOST_TEST(request.target() == "/hooks");
  BOOST_TEST(request["Content-Type"] == "application/json");
  BOOST_TEST(request["x-secret-key"] == "s3cret");
  wire.initiate();
  BOOST_TEST(text(wire.logged(2).at(1), "event") == "enrichment");
  BOOST_TEST(event_of(wire.listener.received.at(1)) == "ENRICHMENT_NOTIFICATION");
}

BOOST_AUTO_TEST_CASE(only_200_counts_and_there_is_one_attempt) {
  Wire wire;
  wire.listener.answer = "HTTP/1.1 204 No Content\r\n\r\n";
  const auto first = wire.logged(1).at(0);
  BOOST_TEST(text(first, "effect") == "failed");
  BOOST_TEST(first.at("http_status").as_int64() == 204);
  wire.listener.answer = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
  wire.by_hand(R"({"webhook":"expiry"})");
  BOOST_TEST(wire.logged(2).at(1).at("http_status").as_int64() == 302);
  BOOST_TEST(wire.listener.received.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_listener_that_is_down_or_talks_nonsense_is_logged) {
  Wire wire;
  wire.listener.answer = "nonsense\r\n\r\n";
  BOOST_TEST(text(wire.logged(1).at(0), "error") != "");
  wire.send("/v1/session_data/update_webhook/", R"({"webhook_url":"http://127.0.0.1:1/"})");
  wire.by_hand(R"({"webhook":"completion"})");
  const auto refused = wire.logged(2).at(1);
  BOOST_TEST(text(refused, "error") == "Connection refused");
  BOOST_TEST(refused.at("http_status").as_int64() == 0);
  wire.send("/v1/session_data/update_webhook/", R"({"webhook_url":"https://127.0.0.1/"})");
  wire.by_hand(R"({"webhook":"completion"})");
  BOOST_TEST(text(wire.logged(3).at(2), "effect") == "not_sent");
}

BOOST_AUTO_TEST_CASE(an_interim_answer_is_passed_over) {
  Wire wire;
  wire.listener.answer = "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  BOOST_TEST(text(wire.logged(1).at(0), "effect") == "delivered");
}

BOOST_AUTO_TEST_CASE(the_whole_exchange_has_one_limit) {
  boost::asio::io_context loop(1);
  WebhookListener listener(loop);
  listener.answer.clear();
  const WebhookTarget target = parse_webhook_url(listener.url());
  const Outgoing outgoing{.event_name = "E", .body = "{}", .secret = {}};
  std::optional<Receipt> receipt;
  const auto deadline = std::chrono::steady_clock::now() + 50ms;
  boost::asio::co_spawn(loop, post_webhook(target, outgoing, deadline),
                        [&](const std::exception_ptr& failure, const Receipt& got) {
                          BOOST_TEST((failure == nullptr));
                          receipt = got;
                        });
  while (!receipt && loop.run_one_for(kPatience) > 0) {
  }
  BOOST_TEST_REQUIRE(receipt.has_value());
  BOOST_TEST(receipt->error == "timeout");
  BOOST_TEST(receipt->http_status == 0);
}

BOOST_AUTO_TEST_CASE(lost_doubled_and_reordered_ones) {
  Wire wire(WebhookLife::fault("event = \"completion\"\nkind = \"reordered\"") +
            WebhookLife::fault("event = \"enrichment\"\nkind = \"doubled\"\ndelay = \"40ms\""));
  wire.runs_until([&] { return wire.clock.now() > wire.sandbox.sessions().at(kId).events.created + 30ms; });
  wire.initiate();
  const auto lines = wire.logged(3);
  BOOST_TEST(text(lines.at(0), "event") == "enrichment");
  BOOST_TEST(text(lines.at(1), "event") == "completion");
  BOOST_TEST(text(lines.at(1), "fault") == "reordered");
  BOOST_TEST(text(lines.at(2), "fault") == "doubled");
  wire.by_hand(R"({"webhook":"completion","fault":"lost"})");
  const auto lost = wire.logged(4).at(3);
  BOOST_TEST(text(lost, "effect") == "not_sent");
  BOOST_TEST(text(lost, "fault") == "lost");
  BOOST_TEST(wire.listener.received.size() == 3U);
}

BOOST_AUTO_TEST_CASE(the_mode_picks_and_a_hand_does_not_ask_it) {
  Wire wire;
  wire.send("/v1/session_data/update_webhook/",
            R"({"webhook_url":")" + wire.listener.url() + R"(","webhook_mode":["ENRICHMENT_NOTIFICATION"]})");
  wire.initiate();  // before the uploads are complete
  BOOST_TEST(text(wire.logged(1).at(0), "event") == "enrichment");
  wire.by_hand(R"({"webhook":"completion"})");
  BOOST_TEST(text(wire.logged(2).at(1), "event") == "completion");
}

BOOST_AUTO_TEST_CASE(a_hands_moves_are_told_at_once) {
  Wire wire("then = \"no_uploads\"");
  wire.by_hand(R"({"upload_status":"completed"})");
  BOOST_TEST(text(wire.logged(1).at(0), "event") == "completion");
  wire.by_hand(R"({"upload_status":"expired"})");
  BOOST_TEST(text(wire.logged(2).at(1), "event") == "expiry");
}

BOOST_AUTO_TEST_CASE(many_at_one_moment_go_out_a_few_at_a_time) {
  Wire wire;
  wire.logged(1);
  wire.listener.answers_after = 2ms;
  constexpr std::size_t kMany = 300;
  for (std::size_t i = 0; i < kMany; ++i)
    wire.by_hand(R"({"webhook":"completion"})");
  BOOST_TEST(wire.logged(kMany + 1).size() == kMany + 1);
  BOOST_TEST(wire.listener.most_open > 1);
  BOOST_TEST(wire.listener.most_open <= Courier::kMostAtOnce);
}

BOOST_AUTO_TEST_SUITE_END()
