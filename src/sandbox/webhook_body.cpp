#include "src/sandbox/webhook_body.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "src/sandbox/account_json.hpp"
#include "src/sandbox/ids.hpp"

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

Account with_masked_number(Account account, std::size_t shown) {
  account.number = masked(std::move(account.number), shown);
  return account;
}

json::object enriched_entry(const Session& session, const SessionState& state, const Account& account) {
  const Outcome outcome = outcome_of(session, state, *account.plan);
  return {{"bank_name", account.plan->bank},
          {"account_id", account.id},
          {"account_status", outcome.status},
          {"error_code", outcome.error_code},
          {"error_message", outcome.error_message}};
}

// In 2024 an account had fewer fields in a webhook than in an answer.
json::object older_entry(const Session& session, const SessionState& state, const Account& account) {
  json::object entry = older_account(session, state, with_masked_number(account, 0));
  entry.erase("months");
  for (json::value& statement : entry["statements"].as_array())
    statement.as_object().erase("statement_date_range");
  return entry;
}

json::array entries_of(const Session& session, const SessionState& state, WebhookEvent event) {
  json::array entries;
  for (const Account& account : uploaded_accounts(session, state)) {
    if (event == WebhookEvent::enrichment) {
      entries.push_back(enriched_entry(session, state, account));
    } else if (session.scenario->webhook_body == WebhookBody::older) {
      entries.push_back(older_entry(session, state, account));
    } else {
      entries.push_back(uploaded_account(session, state, with_masked_number(account, kShownDigits)));
    }
  }
  return entries;
}

void invert_statuses(json::array& entries, const Spelling& spelling, WebhookEvent event) {
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

std::string other_session_id(const std::string& session_id) {
  return derived_uuid("not " + session_id);
}

// Accounts that do not belong to this session, even if it has no uploads.
json::array accounts_of_another_session(const Session& session, SessionState state, WebhookEvent event) {
  Session other = session;
  other.id = other_session_id(session.id);
  if (!state.uploads_since) state.uploads_since = session.history.created;
  return entries_of(other, state, event);
}

std::string contradicting_event(WebhookEvent event, const Spelling& spelling) {
  return event_name_of(event == WebhookEvent::expiry ? WebhookEvent::completion : WebhookEvent::expiry,
                       spelling);
}

std::optional<Claim> claim_of(const Webhook& webhook) {
  return has_fault(webhook, WebhookFaultKind::contradicting) ? std::optional(webhook.fault_action->claim)
                                                             : std::nullopt;
}

std::string sent_event_name(const Webhook& webhook, const Spelling& spelling) {
  if (has_fault(webhook, WebhookFaultKind::unknown_event)) return std::string(kUndocumentedEvent);
  if (claim_of(webhook) == Claim::event) return contradicting_event(webhook.event.type, spelling);
  return event_name_of(webhook.event.type, spelling);
}

json::array sent_accounts(const Webhook& webhook, const Session& session) {
  const WebhookEvent event = webhook.event.type;
  const auto claim = claim_of(webhook);
  if (claim == Claim::accounts) return accounts_of_another_session(session, webhook.state, event);
  json::array entries = entries_of(session, webhook.state, event);
  if (claim == Claim::status) invert_statuses(entries, session.scenario->spelling, event);
  return entries;
}

json::object body_of(const Webhook& webhook, const Session& session, const std::string& event_name) {
  const std::string id = claim_of(webhook) == Claim::session ? other_session_id(session.id) : session.id;
  json::array accounts = sent_accounts(webhook, session);
  if (webhook.event.type == WebhookEvent::enrichment) {
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
  // The documents have one sample, with one message, for completion and expiry.
  return {{"session_id", id},
          {"event_name", event_name},
          {"message", "Upload Completed"},
          {"accounts", std::move(accounts)},
          {"session_date_range", range_object(session.range)}};
}

std::optional<std::string> secret_of(const Webhook& webhook, const std::string& secret) {
  if (has_fault(webhook, WebhookFaultKind::no_secret)) return std::nullopt;
  if (has_fault(webhook, WebhookFaultKind::wrong_secret)) return std::string(kWrongSecret);
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

WebhookMessage webhook_message_of(const Webhook& webhook, const Session& session, const std::string& secret) {
  WebhookMessage message;
  message.event_name = sent_event_name(webhook, session.scenario->spelling);
  message.body = json::serialize(body_of(webhook, session, message.event_name));
  message.secret = secret_of(webhook, secret);
  return message;
}

}  // namespace bankconnect::sandbox
