// The documented calls and the admin API, with the time as an argument.
#define BOOST_TEST_DYN_LINK
#include "src/sandbox/sandbox.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "src/sandbox/admin_api.hpp"
#include "src/sandbox/scenario_file.hpp"

using namespace bankconnect::sandbox;
using namespace std::chrono_literals;

namespace {

const Instant kStart{std::chrono::sys_days{std::chrono::year{2025} / 11 / 13}};
const std::string kId = "136b1aa3-4610-4d0a-89f3-03078a2fce92";

struct Client {
  Sandbox sandbox;
  LogEntry entry;  // of the last call

  explicit Client(const std::string& scenario = "")
      : sandbox(
            parse_scenarios("[[session]]\nid = \"" + kId + "\"\n[scenario.complete]\n" + scenario, "s.toml"),
            {}, kStart) {}

  Reply send(const Request& request, Duration age) {
    entry = {};
    return sandbox.handle(request, kStart + age, entry);
  }

  Reply call(const std::string& method, const std::string& name, Duration age) {
    return send({.method = method,
                 .target = "/v1/session_data/" + kId + "/" + name + "/",
                 .api_key = "sandbox-api-key",
                 .server_hash = "sandbox-server-hash",
                 .content_type = "application/json",
                 .body = "{}"},
                age);
  }

  Reply get(const std::string& name, Duration age) { return call("GET", name, age); }
  Reply initiate(Duration age) { return call("POST", "initiate_processing", age); }
};

std::string code_of(const Reply& reply) {
  return boost::json::value_to<std::string>(boost::json::parse(reply.body).at("error").at("code"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sandbox)

BOOST_AUTO_TEST_CASE(insights_link_to_reports_that_this_server_serves_for_a_while) {
  Client client("report_links = \"10s\"\n");
  client.initiate(3s);
  Request insights{.method = "GET",
                   .target = "/v1/session_data/" + kId + "/insights/",
                   .origin = "http://127.0.0.1:8765",
                   .api_key = "sandbox-api-key",
                   .server_hash = "sandbox-server-hash",
                   .content_type = "",
                   .body = ""};
  const auto answer = boost::json::parse(client.send(insights, 10s).body);
  const auto& data = answer.at("accounts").at(0).at("data").as_object();
  const auto link = boost::json::value_to<std::string>(data.at("xlsx_report_url"));
  const std::string origin = "http://127.0.0.1:8765";
  BOOST_TEST_REQUIRE(link.starts_with(origin + "/reports/" + kId + "/"));
  Request report{.method = "GET",
                 .target = link.substr(origin.size()),
                 .origin = origin,
                 .api_key = "",
                 .server_hash = "",
                 .content_type = "",
                 .body = ""};
  BOOST_TEST(client.send(report, 19s).body.starts_with("PK"));
  BOOST_TEST(client.entry.call == "report");
  BOOST_TEST(client.entry.effect.empty());
  BOOST_TEST(client.send(report, 20s).status == 403);
  report.api_key = "sandbox-api-key";
  client.send(report, 11s);
  BOOST_TEST(client.entry.effect == "keys_leaked");
}

BOOST_AUTO_TEST_CASE(a_session_proceeds_from_upload_to_insights) {
  Client client;
  BOOST_TEST(client.get("session_upload_status", 0s).body.find("NO_UPLOADS") != std::string::npos);
  BOOST_TEST(client.get("session_upload_status", 1s).body.find("IN_PROGRESS") != std::string::npos);
  BOOST_TEST(client.get("session_upload_status", 3s).body.find("COMPLETED") != std::string::npos);
  BOOST_TEST(code_of(client.get("progress", 3s)) == "PROCESSING_NOT_REQUESTED");
  BOOST_TEST(client.initiate(4s).status == 202);
  BOOST_TEST(client.entry.effect == "accepted");
  BOOST_TEST(client.entry.upload_status == "completed");
  BOOST_TEST(client.get("progress", 5s).body.find("\"session_progress\":\"processing\"") !=
             std::string::npos);
  BOOST_TEST(code_of(client.get("insights", 5s)) == "PROCESSING_NOT_COMPLETED");
  BOOST_TEST(client.get("progress", 7s).body.find("\"session_progress\":\"completed\"") != std::string::npos);
  BOOST_TEST(client.get("session_status", 7s).body.find("\"insights_available\":true") != std::string::npos);
  BOOST_TEST(client.get("insights", 7s).status == 200);
}

BOOST_AUTO_TEST_CASE(a_second_initiate_is_a_duplicate) {
  Client client("duplicate_status = 400");
  client.initiate(4s);
  const Reply second = client.initiate(4s);
  BOOST_TEST(second.status == 400);
  BOOST_TEST(code_of(second) == "DUPLICATE_PROCESSING_REQUEST");
  BOOST_TEST(client.entry.effect == "duplicate");
}

BOOST_AUTO_TEST_CASE(an_initiate_before_the_uploads_is_accepted_and_logged_as_early) {
  Client client;
  BOOST_TEST(client.initiate(0s).status == 202);
  BOOST_TEST(client.entry.effect == "accepted_early");
  BOOST_TEST(client.get("session_upload_status", 1s).body.find("\"accounts\":[]") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_accepted_initiate_may_be_forgotten) {
  Client client("forgets_request = 1");
  client.initiate(4s);
  BOOST_TEST(code_of(client.get("progress", 5s)) == "PROCESSING_NOT_REQUESTED");
  BOOST_TEST(client.entry.effect == "forgot_request");
  BOOST_TEST(client.initiate(6s).status == 202);
  BOOST_TEST(client.get("progress", 7s).status == 200);
}

BOOST_AUTO_TEST_CASE(drop_after_takes_effect_and_drop_does_not) {
  Client client(
      "[[scenario.complete.fault]]\ncall = \"initiate\"\nnth = [1]\nkind = \"drop\"\n"
      "[[scenario.complete.fault]]\ncall = \"initiate\"\nnth = [2]\nkind = \"drop_after\"");
  BOOST_TEST(!answered(client.initiate(4s).delivery));
  BOOST_TEST(client.entry.effect == "");
  BOOST_TEST(client.entry.http_status == 0);
  BOOST_TEST(!answered(client.initiate(4s).delivery));
  BOOST_TEST(client.entry.effect == "accepted");
  BOOST_TEST(client.entry.fault == "drop_after");
  BOOST_TEST(client.initiate(4s).status == 409);
}

BOOST_AUTO_TEST_CASE(initiate_is_refused_as_the_scenario_says) {
  BOOST_TEST(code_of(Client("initiate = \"unparsable\"").initiate(4s)) == "UNPARSABLE_STATEMENTS");
  Client unknown("initiate = { status = 422, code = \"NEW_CODE\" }");
  BOOST_TEST(code_of(unknown.initiate(4s)) == "NEW_CODE");
  Client already_requested("initiate = \"already_requested\"");
  BOOST_TEST(already_requested.get("progress", 4s).status == 200);
  BOOST_TEST(already_requested.initiate(4s).status == 409);
}

BOOST_AUTO_TEST_CASE(wrong_keys_paths_methods_and_ids_are_refused) {
  Client client;
  const std::string target = "/v1/session_data/" + kId + "/progress/";
  BOOST_TEST(code_of(client.send({.method = "GET",
                                  .target = target,
                                  .api_key = "sandbox-api-key",
                                  .server_hash = "",
                                  .content_type = "",
                                  .body = ""},
                                 0s)) == "ACCESS_DENIED");
  BOOST_TEST(client.call("POST", "progress", 0s).status == 405);
  BOOST_TEST(client.get("nothing", 0s).status == 404);
  Request request{.method = "POST",
                  .target = target.substr(0, target.size() - 1),
                  .api_key = "",
                  .server_hash = "",
                  .content_type = "",
                  .body = ""};
  BOOST_TEST(client.send(request, 0s).status == 500);
  request.method = "GET";
  BOOST_TEST(client.send(request, 0s).headers.at(0).second == target);
  request.api_key = "sandbox-api-key";
  request.server_hash = "sandbox-server-hash";
  request.target = "/v1/session_data/7/progress/";
  BOOST_TEST(code_of(client.send(request, 0s)) == "KEY_REQUIRED");
  request.target = "/v1/session_data/00000000-0000-0000-0000-000000000000/progress/";
  BOOST_TEST(code_of(client.send(request, 0s)) == "SESSION_NOT_FOUND");
  BOOST_TEST(code_of(Client("deleted_after = \"1s\"").get("progress", 2s)) == "SESSION_DELETED");
}

BOOST_AUTO_TEST_CASE(create_session_checks_its_fields) {
  Client client;
  Request request{.method = "POST",
                  .target = "/v1/session/",
                  .api_key = "sandbox-api-key",
                  .server_hash = "",
                  .content_type = "application/json",
                  .body = R"({"link_id":"a","session_expiry":4})"};
  BOOST_TEST(code_of(client.send(request, 0s)) == "INVALID_SESSION_EXPIRY");
  request.body = R"({"from_date":"2025-01-01"})";
  BOOST_TEST(code_of(client.send(request, 0s)) == "INVALID_DATE_FORMAT");
  request.body = R"({"from_date":"02/01/2025","to_date":"01/01/2025"})";
  BOOST_TEST(code_of(client.send(request, 0s)) == "INVALID_DATE_RANGE");
  request.body = R"({"link_id":"a","session_expiry":5})";
  BOOST_TEST(client.send(request, 0s).status == 200);
  BOOST_TEST(client.entry.effect == "created");
  BOOST_TEST(client.sandbox.sessions().size() == 2U);
}

BOOST_AUTO_TEST_CASE(the_admin_api_changes_a_session) {
  Client client("then = \"no_uploads\"");
  const RequestLog log("");
  Request request{.method = "POST",
                  .target = "/sandbox/sessions/" + kId,
                  .api_key = "",
                  .server_hash = "",
                  .content_type = "",
                  .body = R"({"upload_status":"completed"})"};
  BOOST_TEST(handle_admin_call(request, client.sandbox, log, kStart).status == 200);
  BOOST_TEST(client.get("session_upload_status", 1s).body.find("COMPLETED") != std::string::npos);
  client.initiate(1s);
  request.body = R"({"finish_processing":true})";
  handle_admin_call(request, client.sandbox, log, kStart + 1s);
  BOOST_TEST(client.get("insights", 1s).status == 200);
  request.body = R"({"delete":true})";
  handle_admin_call(request, client.sandbox, log, kStart + 1s);
  BOOST_TEST(client.get("insights", 1s).status == 410);
  request.body = "{}";
  BOOST_TEST(handle_admin_call(request, client.sandbox, log, kStart).status == 400);
}

BOOST_AUTO_TEST_CASE(the_admin_api_refuses_a_webhook_without_a_webhook_url) {
  Client client;
  const RequestLog log("");
  const Request request{.method = "POST",
                        .target = "/sandbox/sessions/" + kId,
                        .api_key = "",
                        .server_hash = "",
                        .content_type = "",
                        .body = R"({"webhook":"completion"})"};
  BOOST_TEST(handle_admin_call(request, client.sandbox, log, kStart).status == 409);
  client.send({.method = "POST",
               .target = "/v1/session_data/update_webhook/",
               .api_key = "sandbox-api-key",
               .server_hash = "sandbox-server-hash",
               .content_type = "application/json",
               .body = R"({"webhook_url":"http://127.0.0.1:1/","webhook_mode":1})"},
              0s);
  BOOST_TEST(handle_admin_call(request, client.sandbox, log, kStart).status == 200);
  BOOST_TEST((client.sandbox.outbox().next_due() == kStart));
}

BOOST_AUTO_TEST_SUITE_END()
