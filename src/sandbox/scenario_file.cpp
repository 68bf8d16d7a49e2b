#include "src/sandbox/scenario_file.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "src/sandbox/api_error.hpp"
#include "src/sandbox/ids.hpp"

namespace bankconnect::sandbox {
namespace {

constexpr std::uint64_t kMaxInsightsSize = 64 * 1024 * 1024;

Reopening read_reopening(TomlReader reader) {
  Reopening reopening;
  reader.read("after", reopening.after);
  reader.read("for", reopening.lasts);
  reader.finish();
  return reopening;
}

Spelling read_spelling(TomlReader reader) {
  Spelling spelling;
  reader.read("no_uploads", spelling.no_uploads);
  reader.read("in_progress", spelling.in_progress);
  reader.read("completed", spelling.completed);
  reader.read("expired", spelling.expired);
  reader.read("progress_processing", spelling.progress_processing);
  reader.read("progress_completed", spelling.progress_completed);
  reader.read("progress_failed", spelling.progress_failed);
  reader.read("account_partial", spelling.account_partial);
  reader.read("account_uploaded", spelling.account_uploaded);
  reader.read("account_completed", spelling.account_completed);
  reader.read("account_failed", spelling.account_failed);
  reader.read("completion_event", spelling.completion_event);
  reader.finish();
  return spelling;
}

AccountPlan read_account(TomlReader reader) {
  static constexpr NameTable<bool, 2> kOutcomes{{{"completed", false}, {"failed", true}}};
  AccountPlan account;
  reader.read("bank", account.bank);
  reader.read("name", account.name);
  reader.read("number", account.number);
  reader.read("outcome", account.failed, kOutcomes);
  reader.read("statements", account.statements, 0, 1000);
  reader.read("missing_data", account.missing_data);
  reader.read("reopened", account.reopened);
  if (account.failed) account.error_code = "UNPARSABLE";
  reader.read("error_code", account.error_code);
  account.error_message = documented_message(account.error_code);
  reader.read("error_message", account.error_message);
  reader.read("statement_error_code", account.statement_error_code);
  account.statement_error_message = documented_message(account.statement_error_code);
  reader.read("statement_error_message", account.statement_error_message);
  reader.finish();
  return account;
}

void read_initiate(TomlReader& reader, Scenario& scenario) {
  const toml::node* node = reader.node("initiate");
  if (node == nullptr || !node->is_table()) {
    reader.read("initiate", scenario.initiate, kInitiateRuleNames);
    return;
  }
  auto refusal = reader.table("initiate");
  scenario.initiate = InitiateRule::refuse;
  scenario.refusal.code = "UNKNOWN_ERROR";
  scenario.refusal.message = "Something went wrong";
  refusal->read("status", scenario.refusal.status, 400, 599);
  refusal->read("code", scenario.refusal.code);
  refusal->read("message", scenario.refusal.message);
  refusal->finish();
}

void read_insights_available(TomlReader& reader, Scenario& scenario) {
  const toml::node* node = reader.node("insights_available");
  if (node == nullptr) return;
  if (const auto* flag = node->as_boolean()) {
    scenario.insights_available = flag->get();
  } else if (const auto* text = node->as_string(); text != nullptr && text->get() == "absent") {
    scenario.insights_available.reset();
  } else {
    reader.refuse("insights_available", "must be true, false or \"absent\"");
  }
}

void read_accounts(TomlReader& reader, Scenario& scenario) {
  if (reader.node("accounts") != nullptr) {
    scenario.accounts.clear();
    for (TomlReader& account : reader.tables("accounts"))
      scenario.accounts.push_back(read_account(account));
  } else if (scenario.reopened) {
    AccountPlan second;
    second.bank = "hdfc";
    second.reopened = true;
    scenario.accounts.push_back(second);
  }
}

Scenario read_scenario(TomlReader reader) {
  Scenario scenario;
  reader.read("no_uploads", scenario.no_uploads);
  reader.read("in_progress", scenario.in_progress);
  reader.read("then", scenario.then, kUploadStatusNames);
  if (auto reopened = reader.table("reopened")) scenario.reopened = read_reopening(*reopened);
  reader.read("expires_in", scenario.expires_in);
  reader.read("found_after", scenario.found_after);
  reader.read("deleted_after", scenario.deleted_after);
  reader.read("vanishes_after", scenario.vanishes_after);
  read_initiate(reader, scenario);
  reader.read("duplicate_status", scenario.duplicate_status, 400, 499);
  reader.read("forgets_request", scenario.forgets_request, 0, 1000);
  reader.read("processing", scenario.processing);
  reader.read("stalls", scenario.stalls);
  reader.read("progress_end", scenario.progress_end, kProgressEndNames);
  read_accounts(reader, scenario);
  read_insights_available(reader, scenario);
  reader.read_size("insights_size", scenario.insights_size, kMaxInsightsSize);
  reader.read("report_links", scenario.report_links);
  if (auto spelling = reader.table("spelling")) scenario.spelling = read_spelling(*spelling);
  for (TomlReader& fault : reader.tables("fault"))
    scenario.faults.push_back(read_fault(fault));
  reader.read("webhook_body", scenario.webhook_body, kWebhookBodyNames);
  for (TomlReader& fault : reader.tables("webhook_fault"))
    scenario.webhook_faults.push_back(read_webhook_fault(fault));
  reader.finish();
  return scenario;
}

PlannedSession read_session(TomlReader reader, const ScenarioFile& file) {
  PlannedSession session;
  session.scenario = file.default_scenario;
  reader.read("id", session.id);
  if (!is_uuid(session.id)) reader.refuse("id", "must be a UUID: 8-4-4-4-12 hexadecimal digits");
  session.id = lower_case(session.id);
  reader.read("scenario", session.scenario);
  if (!file.scenarios.contains(session.scenario)) reader.refuse("scenario", "no scenario has this name");
  reader.read("link_id", session.link_id);
  reader.finish();
  return session;
}

ServerSettings read_server(TomlReader reader) {
  ServerSettings server;
  reader.read("keep_alive", server.keep_alive);
  reader.read("max_requests_per_connection", server.max_requests_per_connection, 0, 1'000'000'000);
  reader.read("chunked", server.chunked);
  reader.finish();
  return server;
}

}  // namespace

ScenarioFile parse_scenarios(std::string_view text, const std::string& file) {
  const toml::parse_result parsed = toml::parse(text, file);
  if (!parsed) {
    const auto& where = parsed.error().source().begin;
    throw ScenarioError(
        fmt::format("{}:{}:{}: {}", file, where.line, where.column, parsed.error().description()));
  }
  TomlReader reader(parsed.table(), "", file);
  ScenarioFile scenarios;
  if (auto table = reader.table("scenario")) {
    for (auto& [name, scenario] : table->named_tables())
      scenarios.scenarios[name] = read_scenario(scenario);
  }
  reader.read("default", scenarios.default_scenario);
  if (!scenarios.scenarios.contains(scenarios.default_scenario)) {
    reader.refuse("default", "no scenario has this name");
  }
  for (TomlReader& session : reader.tables("session")) {
    scenarios.sessions.push_back(read_session(session, scenarios));
  }
  for (TomlReader& fault : reader.tables("fault"))
    scenarios.faults.push_back(read_fault(fault));
  for (TomlReader& fault : reader.tables("webhook_fault"))
    scenarios.webhook_faults.push_back(read_webhook_fault(fault));
  if (auto server = reader.table("server")) scenarios.server = read_server(*server);
  reader.finish();
  return scenarios;
}

ScenarioFile load_scenarios(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream.is_open() || stream.bad())
    throw ScenarioError(file + ":1:1: cannot be read; name a readable TOML file");
  return parse_scenarios(text, file);
}

}  // namespace bankconnect::sandbox
