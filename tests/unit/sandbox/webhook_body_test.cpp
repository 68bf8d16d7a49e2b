#define BOOST_TEST_DYN_LINK
#include "src/sandbox/webhook_body.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "src/sandbox/admin_webhook.hpp"
#include "tests/unit/sandbox/webhook_fixture.hpp"

using namespace bankconnect::sandbox;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

struct BodyFixture : WebhookFixture {
  using WebhookFixture::WebhookFixture;

  json::object body(WebhookEvent event) {
    session.history.requested = kStart + 4s;
    return json::parse(message(event, "").body).as_object();
  }

  WebhookMessage message(WebhookEvent event, const std::string& secret) {
    for (const Webhook& webhook : webhooks())
      if (webhook.event.type == event) return webhook_message_of(webhook, session, secret);
    throw std::logic_error("no such webhook");
  }
};

std::string keys_of(const json::value& object) {
  std::string text;
  for (const auto& field : object.as_object())
    text += std::string(field.key()) + ' ';
  return text;
}

json::object fault_body(const std::string& keys, WebhookEvent event) {
  return BodyFixture("accounts = [{ number = \"123456783135\" }]\n" + WebhookFixture::fault(keys))
      .body(event);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(webhook_body)

BOOST_AUTO_TEST_CASE(a_completion_webhook_has_the_documented_fields) {
  const json::object body =
      BodyFixture("accounts = [{ number = \"1234567890123135\" }]").body(WebhookEvent::completion);
  BOOST_TEST(keys_of(body) == "session_id event_name message accounts session_date_range ");
  BOOST_TEST(body.at("session_id").as_string() == kId);
  BOOST_TEST(body.at("event_name").as_string() == "SESSION_REQUIREMENT_COMPLETION_NOTIFICATION");
  BOOST_TEST(body.at("message").as_string() == "Upload Completed");
  const json::value& account = body.at("accounts").at(0);
  BOOST_TEST(
      keys_of(account) ==
      "account_id account_number bank_name created_at last_updated_at statements account_status months "
      "missing_data ");
  BOOST_TEST(account.at("account_number").as_string() == "XXXXXXXXXXXX3135");
  BOOST_TEST(account.at("account_status").as_string() == "COMPLETED");
  BOOST_TEST(keys_of(account.at("statements").at(0)) ==
             "statement_id statement_status error_code error_message source upload_file_name "
             "statement_date_range created_at ");
  BOOST_TEST(account.at("statements").at(0).at("error_code").is_null());
}

BOOST_AUTO_TEST_CASE(a_completion_webhook_as_in_2024_has_fewer_fields) {
  const json::object body = BodyFixture("webhook_body = \"2024\"").body(WebhookEvent::completion);
  BOOST_TEST(keys_of(body) == "session_id session_date_range event_name message accounts ");
  BOOST_TEST(body.at("message").as_string() == "");
  const json::value& account = body.at("accounts").at(0);
  BOOST_TEST(account.at("account_number").as_string() == "XXXXXXXXXXXXXXX");
  BOOST_TEST(!account.as_object().contains("months"));
  BOOST_TEST(account.at("statements").at(0).at("error_code").as_string() == "");
  BOOST_TEST(!account.at("statements").at(0).as_object().contains("statement_date_range"));
}

BOOST_AUTO_TEST_CASE(an_expiry_webhook_without_uploads_has_no_accounts) {
  BodyFixture fixture("then = \"no_uploads\"\nexpires_in = \"2s\"");
  const json::object body = json::parse(fixture.message(WebhookEvent::expiry, "").body).as_object();
  BOOST_TEST(body.at("event_name").as_string() == "SESSION_EXPIRY_NOTIFICATION");
  BOOST_TEST(body.at("accounts").as_array().empty());
}

BOOST_AUTO_TEST_CASE(an_enrichment_webhook_reports_the_outcome_of_every_account) {
  const json::object body =
      BodyFixture("accounts = [{}, { outcome = \"failed\", error_code = \"MISSING_TRANSACTIONS\" }]")
          .body(WebhookEvent::enrichment);
  BOOST_TEST(keys_of(body) == "session_id event_name insights_available accounts ");
  const json::value& good = body.at("accounts").at(0);
  BOOST_TEST(keys_of(good) == "bank_name account_id account_status error_code error_message ");
  BOOST_TEST(good.at("account_status").as_string() == "completed");
  BOOST_TEST(good.at("error_code").is_null());
  const json::value& bad = body.at("accounts").at(1);
  BOOST_TEST(bad.at("account_status").as_string() == "failed");
  BOOST_TEST(bad.at("error_message").as_string() ==
             "One or more transactions are missing in the specified date range");
  const json::object failed = BodyFixture("progress_end = \"failed\"\ninsights_available = \"absent\"")
                                  .body(WebhookEvent::enrichment);
  BOOST_TEST(failed.at("accounts").at(0).at("account_status").as_string() == "failed");
  BOOST_TEST(!failed.contains("insights_available"));
}

BOOST_AUTO_TEST_CASE(a_contradicting_webhook_is_wrong_as_its_claim_says) {
  const auto state = BodyFixture("accounts = [{ number = \"123456783135\" }]").body(WebhookEvent::enrichment);
  const auto accounts = fault_body("kind = \"contradicting\"", WebhookEvent::enrichment);
  BOOST_TEST(accounts.at("session_id").as_string() == kId);
  BOOST_TEST(accounts.at("accounts").at(0).at("account_id").as_string() !=
             state.at("accounts").at(0).at("account_id").as_string());
  const auto status = fault_body("kind = \"contradicting\"\nclaim = \"status\"", WebhookEvent::enrichment);
  BOOST_TEST(status.at("accounts").at(0).at("account_status").as_string() == "failed");
  const auto partial = fault_body("kind = \"contradicting\"\nclaim = \"status\"", WebhookEvent::completion);
  BOOST_TEST(partial.at("accounts").at(0).at("account_status").as_string() == "PARTIAL");
  const auto event = fault_body("kind = \"contradicting\"\nclaim = \"event\"", WebhookEvent::completion);
  BOOST_TEST(event.at("event_name").as_string() == "SESSION_EXPIRY_NOTIFICATION");
  const auto session = fault_body("kind = \"contradicting\"\nclaim = \"session\"", WebhookEvent::completion);
  BOOST_TEST(session.at("session_id").as_string() != kId);
}

BOOST_AUTO_TEST_CASE(unknown_event_and_spelling_change_the_event_name) {
  const auto body = fault_body("kind = \"unknown_event\"", WebhookEvent::completion);
  BOOST_TEST(body.at("event_name").as_string() == "SESSION_REVIEW_NOTIFICATION");
  const std::string older = "spelling = { completion_event = \"SESSION_COMPLETION_NOTIFICATION\" }";
  BOOST_TEST(BodyFixture(older).body(WebhookEvent::completion).at("event_name").as_string() ==
             "SESSION_COMPLETION_NOTIFICATION");
}

BOOST_AUTO_TEST_CASE(the_secret_is_sent_or_left_out_or_wrong) {
  const auto secret = [](const std::string& fault, const std::string& configured) {
    return BodyFixture(fault).message(WebhookEvent::completion, configured).secret;
  };
  BOOST_TEST((secret("", "s3cret") == "s3cret"));
  BOOST_TEST(!secret("", "").has_value());
  BOOST_TEST(!secret(WebhookFixture::fault("kind = \"no_secret\""), "s3cret").has_value());
  const auto wrong = secret(WebhookFixture::fault("kind = \"wrong_secret\""), "s3cret");
  BOOST_TEST((wrong.has_value() && wrong != "s3cret"));
}

BOOST_AUTO_TEST_CASE(a_webhook_request_to_the_admin_api_is_read_or_refused) {
  const WebhookFixture fixture;
  const auto read = [&](const char* text) {
    return read_admin_webhook(json::parse(text).as_object(), fixture.session, kStart);
  };
  const auto fields =
      std::get<Webhook>(read(R"({"webhook":"expiry","fault":"late","delay":"5s","claim":"event"})"));
  BOOST_TEST(fields.manual);
  BOOST_TEST((fields.due == kStart + 5s));
  BOOST_TEST((fields.fault_action->claim == Claim::event));
  BOOST_TEST(std::get<std::string>(read(R"({"webhook":"upload"})")).starts_with("webhook: use "));
  BOOST_TEST(std::get<std::string>(read(R"({"webhook":"expiry","fault":1})")).starts_with("fault: use "));
  BOOST_TEST(std::get<std::string>(read(R"({"webhook":"expiry","fault":"late","delay":"5"})"))
                 .starts_with("delay: write "));
  BOOST_TEST(std::get<std::string>(read(R"({"webhook":"expiry","fault":"lost","claim":"x"})"))
                 .starts_with("claim: use "));
}

BOOST_AUTO_TEST_SUITE_END()
