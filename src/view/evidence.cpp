#include "src/view/evidence.hpp"

#include <boost/json.hpp>
#include <string_view>
#include <vector>

#include "bankconnect/text.hpp"
#include "bankconnect/view.hpp"
#include "src/view/json_values.hpp"
#include "statemachine/why.hpp"

namespace bankconnect::view {

namespace json = boost::json;

namespace {

std::string_view text_at(const json::object& object, std::string_view key) {
  const json::value* const value = object.if_contains(json::string_view(key.data(), key.size()));
  if (value == nullptr || !value->is_string()) return {};
  return value->get_string();
}

/// Whether the accounts that failed are what the rule rests on.
bool rests_on_failed_accounts(const SessionRecord& record) {
  if (record.durable.why == Why::enriched_partly) return true;
  const bool failed = record.durable.why == Why::failed && record.durable.reason == Reason::accounts_failed;
  return failed && (!record.evidence || record.evidence->field == "account_status");
}

std::vector<const json::object*> failed_accounts(const SessionRecord& record, const json::array& accounts) {
  std::vector<const json::object*> out;
  if (!rests_on_failed_accounts(record)) return out;
  for (const json::value& account : accounts) {
    const json::object* const object = account.if_object();
    if (object != nullptr && equals_ignoring_case(text_at(*object, "status"), "failed"))
      out.push_back(object);
  }
  return out;
}

/// `axis XXXX3135: BALANCE_MISMATCH`
std::string label_of(const json::object& account) {
  std::string out;
  for (const char* const part : {"bank", "number"}) {
    const std::string_view text = text_at(account, part);
    if (text.empty()) continue;
    out.append(out.empty() ? "" : " ").append(text);
  }
  if (out.empty()) out = text_at(account, "id");
  const std::string_view code = text_at(account, "error_code");
  return out.append(": ").append(code.empty() ? "failed" : code);
}

/// When the session status came that listed the accounts.
Wall session_status_at(const SessionRecord& record) {
  for (const PayloadInfo& payload : record.payloads)
    if (payload.kind == Call::session_status) return payload.fetched_at;
  return record.evidence ? record.evidence->at : record.durable.since;
}

/// `2025-11-13 06:48:44 UTC`
std::string spoken(Wall at) {
  const std::string time = rfc3339(at);
  return time.substr(0, 10) + " " + time.substr(11, 8) + " UTC";
}

json::object piece(std::string_view call, Wall at, std::string_view field, std::string_view value) {
  return {{"call", or_null(call)}, {"at", time_or_null(at)}, {"field", field},    {"value", value},
          {"account", nullptr},    {"bank", nullptr},        {"number", nullptr}, {"statement", nullptr}};
}

json::array evidence_array(const SessionRecord& record, const std::vector<const json::object*>& failed) {
  json::array out;
  if (record.evidence) {
    const Evidence& evidence = *record.evidence;
    json::object told =
        piece(evidence.call ? to_string(*evidence.call) : "", evidence.at, evidence.field, evidence.value);
    told["statement"] = or_null(evidence.statement);
    out.push_back(std::move(told));
  }
  for (const json::object* const account : failed) {
    const std::string_view code = text_at(*account, "error_code");
    json::object told = piece(to_string(Call::session_status), session_status_at(record),
                              code.empty() ? "account_status" : "error_code", code.empty() ? "failed" : code);
    told["account"] = or_null(text_at(*account, "id"));
    told["bank"] = or_null(text_at(*account, "bank"));
    told["number"] = or_null(text_at(*account, "number"));
    out.push_back(std::move(told));
  }
  return out;
}

/// `, told by session_status at …`, or nothing where the sentence rests on no answer.
std::string source(const SessionRecord& record, bool failed) {
  if (failed) return ", told by session_status at " + spoken(session_status_at(record));
  if (!record.evidence || record.durable.why == Why::enriched) return "";
  const Evidence& evidence = *record.evidence;
  if (!evidence.call) return " with the command " + evidence.value + " at " + spoken(evidence.at);
  return ", told by " + std::string(to_string(*evidence.call)) + " at " + spoken(evidence.at);
}

/// The source belongs to what was told, and not to what follows from it, after the semicolon.
std::string with_source(std::string sentence, const std::string& told_by, bool at_end) {
  const auto semicolon = at_end ? std::string::npos : sentence.find("; ");
  const auto place = semicolon != std::string::npos ? semicolon : sentence.size() - 1;
  return sentence.insert(place, told_by);
}

}  // namespace

json::object why_object(const SessionRecord& record, const json::array& accounts) {
  const std::vector<const json::object*> failed = failed_accounts(record, accounts);
  std::vector<std::string> labels;
  labels.reserve(failed.size());
  for (const json::object* const account : failed)
    labels.push_back(label_of(*account));
  const std::string code = record.last_error ? record.last_error->code : std::string();
  const bool denied = record.evidence && record.evidence->field == "insights_available";
  Explanation why = explain(record.durable, {code, labels, denied});
  return {{"rule", why.rule},
          {"text", with_source(std::move(why.text), source(record, !failed.empty()), !failed.empty())},
          {"evidence", evidence_array(record, failed)}};
}

}  // namespace bankconnect::view
