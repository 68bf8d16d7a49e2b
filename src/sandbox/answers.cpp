#include "src/sandbox/answers.hpp"

#include <boost/json.hpp>

#include "src/sandbox/account_json.hpp"

namespace bankconnect::sandbox {
namespace {

namespace json = boost::json;

const std::string& status_text(const Spelling& spelling, UploadStatus status) {
  switch (status) {
    case UploadStatus::no_uploads: return spelling.no_uploads;
    case UploadStatus::in_progress: return spelling.in_progress;
    case UploadStatus::completed: return spelling.completed;
    case UploadStatus::expired: return spelling.expired;
  }
  return spelling.no_uploads;
}

json::object current_account(const Session& session, const SessionState& state, const Account& account) {
  json::object entry = uploaded_account(session, state, account);
  entry["name"] = "";
  entry["account_type"] = "";
  entry["full_bank_name"] = full_bank_name(account.plan->bank);
  return entry;
}

json::object enriched_account(const Session& session, const SessionState& state, const Account& account) {
  const AccountPlan& plan = *account.plan;
  const Outcome outcome = outcome_of(session, state, plan);
  return {{"name", plan.name},
          {"account_category", "individual"},
          {"account_id", account.id},
          {"account_number", account.number},
          {"bank_name", plan.bank},
          {"error_code", outcome.error_code},
          {"error_message", outcome.error_message},
          {"account_status", outcome.status},
          {"created_at", spaced_seconds(account.created)},
          {"last_updated_at", spaced_seconds(state.changed)},
          {"statements", current_statements(session, account, iso_micros(account.created))},
          {"attempt_types", json::array{"PDF"}},
          {"account_type", "SAVINGS"},
          {"full_bank_name", full_bank_name(plan.bank)}};
}

json::object statement_progress(const Statement& statement, bool done) {
  const char* status = done ? "completed" : "processing";
  return {{"identity_status", "completed"},
          {"transaction_status", status},
          {"processing_status", status},
          {"fraud_status", status},
          {"statement_id", statement.id},
          {"message", nullptr},
          {"source", "pdf"}};
}

const std::string& status_text(const Spelling& spelling, Processing processing) {
  if (processing == Processing::completed) return spelling.progress_completed;
  if (processing == Processing::failed) return spelling.progress_failed;
  return spelling.progress_processing;
}

}  // namespace

bool fails(const AccountPlan& plan, const SessionState& state) {
  return plan.failed || state.processing == Processing::failed;
}

std::string session_created_answer(const Session& session) {
  const std::string url = "https://bankconnectclient.finbox.in/?session_id=" + session.id;
  return json::serialize(json::object{{"session_id", session.id}, {"redirect_url", url}});
}

std::string upload_status_answer(const Session& session, const SessionState& state) {
  json::object answer{{"session_id", session.id},
                      {"session_date_range", range_object(session.range)},
                      {"upload_status", status_text(session.scenario->spelling, state.upload_status)}};
  if (state.expires) answer["session_expiry_timestamp"] = spaced_seconds(*state.expires);
  json::array accounts;
  for (const Account& account : uploaded_accounts(session, state)) {
    accounts.push_back(current_account(session, state, account));
  }
  answer["accounts"] = std::move(accounts);
  answer["error"] = json::object{};
  return json::serialize(answer);
}

std::string older_upload_status_answer(const Session& session, const SessionState& state) {
  json::array accounts;
  for (const Account& account : uploaded_accounts(session, state)) {
    accounts.push_back(older_account(session, state, account));
  }
  return json::serialize(
      json::object{{"session_id", session.id},
                   {"session_date_range", range_object(session.range)},
                   {"upload_status", status_text(session.scenario->spelling, state.upload_status)},
                   {"accounts", std::move(accounts)}});
}

std::string initiate_answer(const Session& session) {
  return json::serialize(json::object{{"session_id", session.id}, {"message", "success"}});
}

std::string progress_answer(const Session& session, const SessionState& state) {
  json::array progress;
  for (const Account& account : uploaded_accounts(session, state)) {
    for (const Statement& statement : account.statements) {
      progress.push_back(statement_progress(statement, state.processing != Processing::processing));
    }
  }
  return json::serialize(
      json::object{{"session_id", session.id},
                   {"session_progress", status_text(session.scenario->spelling, state.processing)},
                   {"progress", std::move(progress)}});
}

std::string session_status_answer(const Session& session, const SessionState& state) {
  json::object answer{{"session_id", session.id}};
  if (session.scenario->insights_available)
    answer["insights_available"] = *session.scenario->insights_available;
  json::array accounts;
  for (const Account& account : uploaded_accounts(session, state)) {
    accounts.push_back(enriched_account(session, state, account));
  }
  answer["accounts"] = std::move(accounts);
  return json::serialize(answer);
}

}  // namespace bankconnect::sandbox
