#include "src/sandbox/account_json.hpp"

#include <boost/json.hpp>

#include "src/sandbox/answers.hpp"
#include "src/sandbox/api_error.hpp"

namespace bankconnect::sandbox {

namespace json = boost::json;

namespace {

// An absent text: null today, "" in 2024.
json::value text_or(const std::string& text, const json::value& none) {
  return text.empty() ? none : json::value(text);
}

json::object statement_object(const Statement& statement, const AccountPlan& plan, const json::value& none) {
  const bool failed = !plan.statement_error_code.empty();
  return {{"statement_id", statement.id},
          {"statement_status", failed ? "failed" : "completed"},
          {"error_code", text_or(plan.statement_error_code, none)},
          {"error_message", text_or(plan.statement_error_message, none)},
          {"source", "pdf"}};
}

json::array older_statements(const Session& session, const Account& account) {
  json::array statements;
  for (const Statement& statement : account.statements) {
    json::object entry = statement_object(statement, *account.plan, "");
    entry["statement_date_range"] = range_object(session.range);
    entry["created_at"] = iso_micros(account.created);
    statements.push_back(std::move(entry));
  }
  return statements;
}

json::array month_names(DateRange range) {
  json::array names;
  for (const auto which : months_of(range))
    names.emplace_back(iso_month(which));
  return names;
}

json::array missing_data(const Session& session, const AccountPlan& plan) {
  json::array gaps;
  if (const auto gap = missing_range(session, plan)) {
    gaps.push_back(json::object{{"from_date", iso_date(gap->from)}, {"to_date", iso_date(gap->to)}});
  }
  return gaps;
}

// An account may be PARTIAL in a COMPLETED session. It is COMPLETED only if the session is.
const std::string& uploaded_status(const Session& session, const SessionState& state,
                                   const AccountPlan& plan) {
  const Spelling& spelling = session.scenario->spelling;
  const bool whole = state.upload_status == UploadStatus::completed && !plan.missing_data;
  return whole ? spelling.account_uploaded : spelling.account_partial;
}

}  // namespace

json::object range_object(DateRange range) {
  return {{"from_date", slash_date(range.from)}, {"to_date", slash_date(range.to)}};
}

json::object account_head(const Account& account, Instant changed) {
  return {{"account_id", account.id},
          {"account_number", account.number},
          {"bank_name", account.plan->bank},
          {"created_at", spaced_seconds(account.created)},
          {"last_updated_at", spaced_seconds(changed)}};
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

json::object uploaded_account(const Session& session, const SessionState& state, const Account& account) {
  json::object entry = account_head(account, state.changed);
  entry["statements"] = current_statements(session, account, spaced_micros(account.created));
  entry["account_status"] = uploaded_status(session, state, *account.plan);
  entry["months"] = month_names(session.range);
  entry["missing_data"] = missing_data(session, *account.plan);
  return entry;
}

json::object older_account(const Session& session, const SessionState& state, const Account& account) {
  json::object entry = account_head(account, state.changed);
  entry["account_status"] = uploaded_status(session, state, *account.plan);
  entry["months"] = month_names(session.range);
  entry["statements"] = older_statements(session, account);
  return entry;
}

Outcome outcome_of(const Session& session, const SessionState& state, const AccountPlan& plan) {
  const Spelling& spelling = session.scenario->spelling;
  const bool failed = fails(plan, state);
  const bool failed_with_session = failed && plan.error_code.empty();
  const std::string code = failed_with_session ? "UNPARSABLE" : plan.error_code;
  const std::string message =
      failed_with_session ? std::string(documented_message(code)) : plan.error_message;
  return {.status = failed ? spelling.account_failed : spelling.account_completed,
          .error_code = text_or(code, nullptr),
          .error_message = text_or(message, nullptr)};
}

}  // namespace bankconnect::sandbox
