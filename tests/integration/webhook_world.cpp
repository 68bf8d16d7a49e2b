#include "tests/integration/webhook_world.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

namespace bankconnect::test {

namespace json = boost::json;

std::string webhook_body(const std::string& id, const std::string& event, const std::string& more) {
  return "{\"session_id\":\"" + id + "\",\"event_name\":\"" + event + "\",\"accounts\":[]" + more + "}";
}

WebhookWorld::WebhookWorld(const std::string& scenarios) : World(scenarios), listener_(port_.address()) {
  configure("webhook", "listen = \"" + listener_ + "\"\nsecret_file = \"webhook-secret\"");
}

void WebhookWorld::poll_hourly() {
  configure("polling",
            "progress_interval = \"1h\"\nupload_interval_min = \"1h\"\nupload_interval_max = \"1h\"\n"
            "safety_interval = \"1h\"");
}

void WebhookWorld::start() {
  start_daemon();
  const HttpReply reply =
      HttpClient(sandbox_address())
          .post("/v1/session_data/update_webhook/",
                {{"x-api-key", "sandbox-api-key"}, {"server-hash", "sandbox-server-hash"}},
                "{\"webhook_url\":\"" + webhook_url() + "\",\"webhook_mode\":1}");
  BOOST_TEST_REQUIRE(reply.status == 200, reply.body);
}

void WebhookWorld::create(const std::string& id, const std::string& scenario) const {
  const HttpReply reply =
      HttpClient(sandbox_address())
          .post("/v1/session/", {{"x-api-key", "sandbox-api-key"}},
                R"({"link_id":"TU-1","session_id":")" + id + R"(","scenario":")" + scenario + "\"}");
  BOOST_TEST_REQUIRE(reply.status / 100 == 2, reply.body);
}

void WebhookWorld::create_and_submit(const std::string& id, const std::string& scenario) {
  create(id, scenario);
  BOOST_TEST_REQUIRE(submit(id) == 201);
  BOOST_TEST_REQUIRE(eventually([&] { return calls(id).size() >= 1; }));
}

void WebhookWorld::set_upload_status(const std::string& id, const std::string& upload_status) const {
  const HttpReply reply =
      HttpClient(sandbox_address())
          .post("/sandbox/sessions/" + id, {}, R"({"upload_status":")" + upload_status + "\"}");
  BOOST_TEST_REQUIRE(reply.status == 200, reply.body);
}

int WebhookWorld::post_webhook(const std::string& body, const std::optional<std::string>& secret) const {
  Fields fields;
  if (secret) fields.emplace_back("x-secret-key", *secret);
  return HttpClient(listener_).post(kWebhookPath, fields, body).status;
}

std::string WebhookWorld::webhook_health() const {
  return json::value_to<std::string>(status().at("webhooks").at("state"));
}

std::int64_t WebhookWorld::webhooks_missed() const {
  return status().at("webhooks").at("missed").to_number<std::int64_t>();
}

std::int64_t WebhookWorld::received(const std::string& result) const {
  const json::object counts = status().at("webhooks").at("received").as_object();
  const json::value* count = counts.if_contains(result);
  return count == nullptr ? 0 : count->to_number<std::int64_t>();
}

std::vector<json::object> WebhookWorld::webhooks(const std::string& id) const {
  const ctl::Reply reply = request("GET", "/v1/webhooks?session_id=" + id);
  BOOST_TEST_REQUIRE(reply.status == 200, reply.body);
  const json::value page = json::parse(reply.body);
  std::vector<json::object> out;
  for (const json::value& one : page.at("webhooks").as_array())
    out.push_back(one.as_object());
  return out;
}

std::vector<std::string> WebhookWorld::calls(const std::string& id) const {
  std::vector<std::string> out;
  for (const Logged& one : requests()) {
    if (one.session_id == id && one.call != "create_session" && one.call != "webhook")
      out.push_back(one.call);
  }
  return out;
}

bool WebhookWorld::last_call_is_logged(const std::string& id) const {
  return eventually([&] {
    const auto all = calls(id);
    return !all.empty() && all.back() == "insights";
  });
}

std::vector<std::string> WebhookWorld::history(const std::string& id) const {
  const json::object record = session(id);
  std::vector<std::string> out;
  for (const json::value& event : record.at("history").as_array()) {
    out.push_back(json::value_to<std::string>(event.at("to")) + " " +
                  json::value_to<std::string>(event.at("cause")));
  }
  return out;
}

bool WebhookWorld::enters(const std::string& id, const std::string& state) const {
  return eventually([&] {
    return std::ranges::any_of(history(id),
                               [&](const std::string& step) { return step.starts_with(state + " "); });
  });
}

}  // namespace bankconnect::test
