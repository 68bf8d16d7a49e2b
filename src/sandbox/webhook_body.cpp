#include "src/sandbox/webhook_body.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "src/sandbox/account_json.hpp"
#include "src/sandbox/identity.hpp"

namespace bankconnect::sandbox {
namespace {

namespace json = boost::json;

constexpr std::size_t kShownDigits = 4;
constexpr std::string_view kUndocumentedEvent = "SESSION_REVIEW_NOTIFICATION";
constexpr std::string_view kWrongSecret = "this-is-not-the-secret";

std::string masked(std::string number, std::size_t shown) {
  const std::size_t hidden = number.size() - std::min(shown, number.size());
  std::fill_n(number.begin(), hidden, 'X');
  return number;
}

Account discreet(Account account, std::size_t shown) {
  account.number = masked(std::move(account.number), shown);
  return account;
}

json::object enriched_entry(const Session& session, const Truth& truth, const Account& account) {
  const Outcome outcome = outcome_of(session, truth, *account.plan);
  return {{"bank_name", account.plan->bank},
          {"account_id", account.id},
          {"account_status", outcome.status},
          {"error_code", outcome.error_code},
          {"error_message", outcome.error_message}};
}

// In 2024 webhooks told less of an account than answers did.
json::object older_entry(const Session& session, const Truth& truth, const Account& account) {
  json::object entry = older_account(session, truth, discreet(account, 0));
  entry.erase("months");
  for (json::value& statement : entry["statements"].as_array())
    statement.as_object().erase("statement_date_range");
  return entry;
}

json::array entries_of(const Session& session, const Truth& truth, WebhookEvent event) {
  json::array entries;
  for (const Account& account : uploaded_accounts(session, truth)) {
    if (event == WebhookEvent::enrichment) {
      entries.push_back(enriched_entry(session, truth, account));
    } else if (session.scenario->webhook_body == WebhookBody::older) {
      entries.push_back(older_entry(session, truth, account));
    } else {
      entries.push_back(uploaded_account(session, truth, discreet(account, kShownDigits)));
    }
  }
  return entries;
}

// Every status turned into its opposite.
void turn_statuses(json::array& entries, const Spelling& spelling, WebhookEvent event) {
  for (json::value& entry : entries) {
    json::object& account = entry.as_object();
    const bool enriched = event == WebhookEvent::enrichment;
    const std::string& good = enriched ? spelling.account_completed : spelling.account_uploaded;
    const std::string& bad = enriched ? spelling.account_failed : spelling.account_partial;
    const bool was_good = account["account_status"].as_string() == std::string_view(good);
    account["account_status"] = was_good ? bad : good;
    if (!enriched) continue;
    account["error_code"] = was_good ? json::value("BALANCE_MISMATCH") : json::value(nullptr);
    account["error_message"] =
        was_good ? json::value("Calculated transaction balance does not match") : json::value(nullptr);
  }
}

std::string elsewhere(const std::string& session_id) {
  return derived_uuid("not " + session_id);
}

// Accounts that nobody uploaded to this session, also when it has none.
json::array foreign_entries(const Session& session, Truth truth, WebhookEvent event) {
  Session other = session;
  other.id = elsewhere(session.id);
  if (!truth.uploads_since) truth.uploads_since = session.events.created;
  return entries_of(other, truth, event);
}

std::string claimed_event(WebhookEvent event, const Spelling& spelling) {
  return event_name_of(event == WebhookEvent::expiry ? WebhookEvent::completion : WebhookEvent::expiry,
                       spelling);
}

std::optional<Claim> claim_of(const Sending& sending) {
  return is(sending, WebhookFaultKind::contradicting) ? std::optional(sending.twist->claim) : std::nullopt;
}

std::string name_on_the_wire(const Sending& sending, const Spelling& spelling) {
  if (is(sending, WebhookFaultKind::unknown_event)) return std::string(kUndocumentedEvent);
  if (claim_of(sending) == Claim::event) return claimed_event(sending.occasion.event, spelling);
  return event_name_of(sending.occasion.event, spelling);
}

json::array accounts_on_the_wire(const Sending& sending, const Session& session) {
  const WebhookEvent event = sending.occasion.event;
  const auto claim = claim_of(sending);
  if (claim == Claim::accounts) return foreign_entries(session, sending.told, event);
  json::array entries = entries_of(session, sending.told, event);
  if (claim == Claim::status) turn_statuses(entries, session.scenario->spelling, event);
  return entries;
}

json::object body_of(const Sending& sending, const Session& session, const std::string& event_name) {
  const std::string id = claim_of(sending) == Claim::session ? elsewhere(session.id) : session.id;
  json::array accounts = accounts_on_the_wire(sending, session);
  if (sending.occasion.event == WebhookEvent::enrichment) {
    json::object body{{"session_id", id}, {"event_name", event_name}};
    if (session.scenario->insights_available)
      body["insights_available"] = *session.scenario->insights_available;
    body["accounts"] = std::move(accounts);
    return body;
  }
  if (session.scenario->webhook_body == WebhookBody::older) {
    return {{"session_id", id},
            {"session_date_range", range_object(session.range)},
            {"event_name", event_name},
            {"message", ""},
            {"accounts", std::move(accounts)}};
  }
  // The documents have one sample for both events, and one message.
  return {{"session_id", id},
          {"event_name", event_name},
          {"message", "Upload Completed"},
          {"accounts", std::move(accounts)},
          {"session_date_range", range_object(session.range)}};
}

std::optional<std::string> secret_of(const Sending& sending, const std::string& secret) {
  if (is(sending, WebhookFaultKind::no_secret)) return std::nullopt;
  if (is(sending, WebhookFaultKind::wrong_secret)) return std::string(kWrongSecret);
  return secret.empty() ? std::nullopt : std::optional(secret);
}

}  // namespace

std::string event_name_of(WebhookEvent event, const Spelling& spelling) {
  switch (event) {
    case WebhookEvent::completion: return spelling.completion_event;
    case WebhookEvent::expiry: return "SESSION_EXPIRY_NOTIFICATION";
    case WebhookEvent::enrichment: return "ENRICHMENT_NOTIFICATION";
  }
  return {};
}

Outgoing outgoing_of(const Sending& sending, const Session& session, const std::string& secret) {
  Outgoing outgoing;
  outgoing.event_name = name_on_the_wire(sending, session.scenario->spelling);
  outgoing.body = json::serialize(body_of(sending, session, outgoing.event_name));
  outgoing.secret = secret_of(sending, secret);
  return outgoing;
}

}  // namespace bankconnect::sandbox
