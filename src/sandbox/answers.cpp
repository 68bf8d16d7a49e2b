#include "src/sandbox/answers.hpp"

#include <boost/json.hpp>

#include "src/sandbox/accounts.hpp"
#include "src/sandbox/api_error.hpp"

namespace bankconnect::sandbox {
namespace {

namespace json = boost::json;

// "None" is null today and was "" in 2024.
json::value text_or(const std::string& text, const json::value& none) {
  return text.empty() ? none : json::value(text);
}

json::object range_object(DateRange range) {
  return {{"from_date", slashed(range.from)}, {"to_date", slashed(range.to)}};
}

json::object statement_object(const Statement& statement, const AccountPlan& plan, const json::value& none) {
  const bool failed = !plan.statement_error_code.empty();
  return {{"statement_id", statement.id},
          {"statement_status", failed ? "failed" : "completed"},
          {"error_code", text_or(plan.statement_error_code, none)},
          {"error_message", text_or(plan.statement_error_message, none)},
          {"source", "pdf"}};
}

json::array current_statements(const Session& session, const Account& account, const std::string& created) {
  json::array statements;
  for (const Statement& statement : account.statements) {
    json::object entry = statement_object(statement, *account.plan, nullptr);
    entry["upload_file_name"] = statement.file_name;
    entry["statement_date_range"] = range_object(session.range);
    entry["created_at"] = created;
    statements.push_back(std::move(entry));
  }
  return statements;
}

json::array older_statements(const Session& session, const Account& account) {
  json::array statements;
  for (const Statement& statement : account.statements) {
    json::object entry = statement_object(statement, *account.plan, "");
    entry["statement_date_range"] = range_object(session.range);
    entry["created_at"] = zulu_micros(account.created);
    statements.push_back(std::move(entry));
  }
  return statements;
}

json::array month_names(DateRange range) {
  json::array names;
  for (const auto which : months_of(range))
    names.emplace_back(month(which));
  return names;
}

json::array missing_data(const Session& session, const AccountPlan& plan) {
  json::array gaps;
  if (const auto gap = missing_range(session, plan)) {
    gaps.push_back(json::object{{"from_date", dashed(gap->from)}, {"to_date", dashed(gap->to)}});
  }
  return gaps;
}

const std::string& spelt(const Spelling& spelling, UploadStatus status) {
  switch (status) {
    case UploadStatus::no_uploads: return spelling.no_uploads;
    case UploadStatus::in_progress: return spelling.in_progress;
    case UploadStatus::completed: return spelling.completed;
    case UploadStatus::expired: return spelling.expired;
  }
  return spelling.no_uploads;
}

// An account may be PARTIAL in a COMPLETED session; it is never complete before the session is.
const std::string& uploaded_status(const Session& session, const Truth& truth, const AccountPlan& plan) {
  const Spelling& spelling = session.scenario->spelling;
  const bool whole = truth.upload_status == UploadStatus::completed && !plan.missing_data;
  return whole ? spelling.account_uploaded : spelling.account_partial;
}

json::object account_head(const Account& account, Instant changed) {
  return {{"account_id", account.id},
          {"account_number", account.number},
          {"bank_name", account.plan->bank},
          {"created_at", spaced_seconds(account.created)},
          {"last_updated_at", spaced_seconds(changed)}};
}

json::object current_account(const Session& session, const Truth& truth, const Account& account) {
  json::object entry = account_head(account, truth.changed);
  entry["statements"] = current_statements(session, account, spaced_micros(account.created));
  entry["account_status"] = uploaded_status(session, truth, *account.plan);
  entry["months"] = month_names(session.range);
  entry["missing_data"] = missing_data(session, *account.plan);
  entry["name"] = "";
  entry["account_type"] = "";
  entry["full_bank_name"] = full_bank_name(account.plan->bank);
  return entry;
}

json::object older_account(const Session& session, const Truth& truth, const Account& account) {
  json::object entry = account_head(account, truth.changed);
  entry["account_status"] = uploaded_status(session, truth, *account.plan);
  entry["months"] = month_names(session.range);
  entry["statements"] = older_statements(session, account);
  return entry;
}

json::object enriched_account(const Session& session, const Truth& truth, const Account& account) {
  const AccountPlan& plan = *account.plan;
  const Spelling& spelling = session.scenario->spelling;
  const bool failed = fails(plan, truth);
  const bool failed_with_session = failed && plan.error_code.empty();
  const std::string code = failed_with_session ? "UNPARSABLE" : plan.error_code;
  const std::string message =
      failed_with_session ? std::string(documented_message(code)) : plan.error_message;
  return {{"name", plan.name},
          {"account_category", "individual"},
          {"account_id", account.id},
          {"account_number", account.number},
          {"bank_name", plan.bank},
          {"error_code", text_or(code, nullptr)},
          {"error_message", text_or(message, nullptr)},
          {"account_status", failed ? spelling.account_failed : spelling.account_completed},
          {"created_at", spaced_seconds(account.created)},
          {"last_updated_at", spaced_seconds(truth.changed)},
          {"statements", current_statements(session, account, zulu_micros(account.created))},
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

const std::string& spelt(const Spelling& spelling, Processing processing) {
  if (processing == Processing::completed) return spelling.progress_completed;
  if (processing == Processing::failed) return spelling.progress_failed;
  return spelling.progress_processing;
}

}  // namespace

bool fails(const AccountPlan& plan, const Truth& truth) {
  return plan.failed || truth.processing == Processing::failed;
}

std::string session_created_answer(const Session& session) {
  const std::string url = "https://bankconnectclient.finbox.in/?session_id=" + session.id;
  return json::serialize(json::object{{"session_id", session.id}, {"redirect_url", url}});
}

std::string upload_status_answer(const Session& session, const Truth& truth) {
  json::object answer{{"session_id", session.id},
                      {"session_date_range", range_object(session.range)},
                      {"upload_status", spelt(session.scenario->spelling, truth.upload_status)}};
  if (truth.expires) answer["session_expiry_timestamp"] = spaced_seconds(*truth.expires);
  json::array accounts;
  for (const Account& account : uploaded_accounts(session, truth)) {
    accounts.push_back(current_account(session, truth, account));
  }
  answer["accounts"] = std::move(accounts);
  answer["error"] = json::object{};
  return json::serialize(answer);
}

std::string older_upload_status_answer(const Session& session, const Truth& truth) {
  json::array accounts;
  for (const Account& account : uploaded_accounts(session, truth)) {
    accounts.push_back(older_account(session, truth, account));
  }
  return json::serialize(
      json::object{{"session_id", session.id},
                   {"session_date_range", range_object(session.range)},
                   {"upload_status", spelt(session.scenario->spelling, truth.upload_status)},
                   {"accounts", std::move(accounts)}});
}

std::string initiate_answer(const Session& session) {
  return json::serialize(json::object{{"session_id", session.id}, {"message", "success"}});
}

std::string progress_answer(const Session& session, const Truth& truth) {
  json::array progress;
  for (const Account& account : uploaded_accounts(session, truth)) {
    for (const Statement& statement : account.statements) {
      progress.push_back(statement_progress(statement, truth.processing != Processing::processing));
    }
  }
  return json::serialize(
      json::object{{"session_id", session.id},
                   {"session_progress", spelt(session.scenario->spelling, truth.processing)},
                   {"progress", std::move(progress)}});
}

std::string session_status_answer(const Session& session, const Truth& truth) {
  json::object answer{{"session_id", session.id}};
  if (session.scenario->insights_available)
    answer["insights_available"] = *session.scenario->insights_available;
  json::array accounts;
  for (const Account& account : uploaded_accounts(session, truth)) {
    accounts.push_back(enriched_account(session, truth, account));
  }
  answer["accounts"] = std::move(accounts);
  return json::serialize(answer);
}

}  // namespace bankconnect::sandbox
