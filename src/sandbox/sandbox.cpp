#include "src/sandbox/sandbox.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "src/sandbox/answers.hpp"
#include "src/sandbox/corrupt.hpp"
#include "src/sandbox/create_session.hpp"
#include "src/sandbox/ids.hpp"
#include "src/sandbox/insights.hpp"
#include "src/sandbox/report.hpp"

namespace bankconnect::sandbox {
namespace {

Duration age_of(Instant since, Instant now) {
  return std::chrono::duration_cast<Duration>(now - since);
}

// Django redirects to add a missing slash. It cannot redirect a POST and answers 500 instead.
Reply slash_missing_reply(const Request& request) {
  if (request.method != "GET") return html_reply(500, "Server Error (500)");
  Reply reply = html_reply(301, "Moved Permanently");
  const std::string_view path = path_of(request.target);
  reply.headers.emplace_back("Location", fmt::format("{}/{}", path, request.target.substr(path.size())));
  return reply;
}

Reply method_not_allowed(Call call, const std::string& method) {
  Reply reply = detail_reply(405, fmt::format("Method \"{}\" not allowed.", method));
  reply.headers.emplace_back("Allow", method_of(call));
  return reply;
}

const Fault* find_fault(const std::vector<Fault>& faults, Call call, int count, int count_of_all,
                        Duration age) {
  for (const Fault& fault : faults) {
    if (matches(fault.trigger, call, count, count_of_all, age)) return &fault;
  }
  return nullptr;
}

// True if the user adds no more statements. An `initiate` before that is logged as accepted_early.
bool uploads_are_final(const SessionState& state) {
  return state.upload_status == UploadStatus::completed ||
         (state.upload_status == UploadStatus::expired && state.uploads_since);
}

}  // namespace

Sandbox::Sandbox(ScenarioFile scenarios, Credentials credentials, Instant started, WebhookSettings webhook)
    : scenarios_(std::move(scenarios)),
      credentials_(std::move(credentials)),
      started_(started),
      webhook_(std::move(webhook)) {
  for (const PlannedSession& planned : scenarios_.sessions) {
    Session session;
    session.id = planned.id;
    session.link_id = planned.link_id;
    session.range = default_range(started);
    session.history.created = started;
    add_session(std::move(session), planned.scenario);
  }
}

Reply Sandbox::handle(const Request& request, Instant now, LogEntry& entry) {
  Reply reply;
  const auto route = route_of(path_of(request.target));
  if (!route) {
    reply = html_reply(404, "Not Found");
  } else {
    entry.call = name_of(kCallNames, route->call);
    entry.session_id = lower_case(route->session_id);
    const bool slash_missing = route->slash_missing && route->call != Call::report;
    reply = slash_missing ? slash_missing_reply(request) : answer(*route, request, now, entry);
  }
  if (answered(reply.delivery)) entry.http_status = reply.status;
  return reply;
}

Reply Sandbox::answer(const Route& route, const Request& request, Instant now, LogEntry& entry) {
  Session* session = find(entry.session_id);
  if (session != nullptr)
    entry.upload_status = status_name(state_at(*session->scenario, session->history, now));
  const Fault* fault = count_and_find_fault(route.call, session, now);
  if (fault != nullptr) entry.fault = name_of(kFaultKindNames, fault->kind);

  Reply reply;
  if (fault != nullptr && !fault->takes_effect) {
    reply = json_reply(200, "{}");  // the call is not executed; the fault decides the answer
  } else if (route.call == Call::report) {
    reply = report(route, request, now, entry);
  } else if (!authenticated(route.call, request)) {
    reply = error_reply(kAccessDenied);
  } else if (request.method != method_of(route.call)) {
    reply = method_not_allowed(route.call, request.method);
  } else if (route.call == Call::create_session) {
    reply = create_session(request, now, entry);
  } else if (route.call == Call::update_webhook) {
    reply = update_webhook(request, entry);
  } else {
    reply = answer_session_call(route, request, now, entry);
  }
  return fault == nullptr ? reply : corrupt(std::move(reply), *fault, entry.session_id, now);
}

// A fault of the session takes precedence over one of all sessions. Failed calls count, too.
const Fault* Sandbox::count_and_find_fault(Call call, Session* session, Instant now) {
  const auto index = static_cast<std::size_t>(call);
  const int count = ++calls_[index];
  const int count_of_all = ++calls_of_all_;
  if (session != nullptr) {
    const int own = ++session->calls[index];
    const int own_of_all = ++session->calls_of_all;
    const Duration age = age_of(session->history.created, now);
    if (const Fault* fault = find_fault(session->scenario->faults, call, own, own_of_all, age)) return fault;
  }
  return find_fault(scenarios_.faults, call, count, count_of_all, age_of(started_, now));
}

// The session API requires the API key only: its callers have no server hash.
bool Sandbox::authenticated(Call call, const Request& request) const {
  if (request.api_key != credentials_.api_key) return false;
  return call == Call::create_session || request.server_hash == credentials_.server_hash;
}

// The link is all that a report asks for; keys would be given to a stranger.
Reply Sandbox::report(const Route& route, const Request& request, Instant now, LogEntry& entry) {
  if (!request.api_key.empty() || !request.server_hash.empty()) entry.effect = "keys_leaked";
  const Session* session = find(entry.session_id);
  if (session == nullptr) return html_reply(404, "Not Found");
  const SessionState state = state_at(*session->scenario, session->history, now);
  return report_answer(*session, state, route.report, query_value(request.target, "expires"), now);
}

Reply Sandbox::answer_session_call(const Route& route, const Request& request, Instant now, LogEntry& entry) {
  if (!is_uuid(route.session_id)) return error_reply(kKeyRequired);
  Session* session = find(entry.session_id);
  if (session == nullptr) return error_reply(kSessionNotFound);
  const SessionState state = state_at(*session->scenario, session->history, now);
  if (state.presence == Presence::not_found) return error_reply(kSessionNotFound);
  if (state.presence == Presence::deleted) return error_reply(kSessionDeleted);

  if (route.call == Call::upload_status) {
    return json_reply(200, route.older_alias ? older_upload_status_answer(*session, state)
                                             : upload_status_answer(*session, state));
  }
  if (route.call == Call::initiate) return initiate(*session, state, now, entry);
  if (state.processing == Processing::not_requested) return error_reply(kProcessingNotRequested);
  if (route.call == Call::progress) return progress(*session, state, now, entry);
  if (state.processing != Processing::completed && state.processing != Processing::failed) {
    return error_reply(kProcessingNotCompleted);
  }
  if (route.call == Call::session_status) return json_reply(200, session_status_answer(*session, state));
  return json_reply(200, insights_answer(*session, state, report_links(*session, request.origin, now)));
}

Reply Sandbox::initiate(Session& session, const SessionState& state, Instant now, LogEntry& entry) {
  const Scenario& scenario = *session.scenario;
  if (state.requested) {
    entry.effect = "duplicate";
    ApiError duplicate = kDuplicateRequest;
    duplicate.status = scenario.duplicate_status;
    return error_reply(duplicate);
  }
  if (scenario.initiate == InitiateRule::unparsable || scenario.initiate == InitiateRule::refuse) {
    entry.effect = "refused";
    if (scenario.initiate == InitiateRule::unparsable) return error_reply(kUnparsableStatements);
    return error_reply({scenario.refusal.status, scenario.refusal.code, scenario.refusal.message});
  }
  entry.effect = uploads_are_final(state) ? "accepted" : "accepted_early";
  session.history.requested = now;
  ++session.accepted_initiates;
  plan_webhooks(session, now);
  return json_reply(202, initiate_answer(session));
}

Reply Sandbox::progress(Session& session, const SessionState& state, Instant now, LogEntry& entry) {
  SessionHistory& history = session.history;
  if (history.requested && history.forgotten < session.scenario->forgets_request) {
    entry.effect = "forgot_request";
    history.requested.reset();
    ++history.forgotten;
    plan_webhooks(session, now);
    return error_reply(kProcessingNotRequested);
  }
  return json_reply(200, progress_answer(session, state));
}

Reply Sandbox::create_session(const Request& request, Instant now, LogEntry& entry) {
  auto body = read_object(request);
  if (auto* refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
  auto read = read_create_session(std::get<boost::json::object>(body), now);
  if (auto* refusal = std::get_if<Reply>(&read)) return std::move(*refusal);
  const CreateSessionFields& fields = std::get<CreateSessionFields>(read);

  const std::string& name = fields.scenario.empty() ? scenarios_.default_scenario : fields.scenario;
  if (!scenarios_.scenarios.contains(name))
    return error_reply({400, "UNKNOWN_SCENARIO", "No scenario has this name"});
  Session session;
  session.id = fields.session_id.empty() ? random_uuid() : fields.session_id;
  if (find(session.id) != nullptr) return error_reply({409, "SESSION_EXISTS", "This session exists already"});
  session.link_id = fields.link_id;
  session.range = fields.range;
  session.history.created = now;
  session.history.expires_in = fields.expires_in;
  entry.session_id = session.id;
  entry.effect = "created";
  return json_reply(200, session_created_answer(add_session(std::move(session), name)));
}

Reply Sandbox::update_webhook(const Request& request, LogEntry& entry) {
  auto read = read_object(request);
  if (auto* refusal = std::get_if<Reply>(&read)) return std::move(*refusal);
  const auto& body = std::get<boost::json::object>(read);
  const boost::json::value* url = body.if_contains("webhook_url");
  if (url == nullptr || !url->is_string() || !url->get_string().starts_with("http"))
    return error_reply(kInvalidUrl);
  webhook_.url = url->get_string();
  webhook_.mode = body.contains("webhook_mode") ? body.at("webhook_mode") : boost::json::value{};
  entry.effect = "webhook_updated";
  return json_reply(200, R"({"message":"success"})");
}

Session& Sandbox::add_session(Session session, const std::string& scenario_name) {
  session.scenario_name = scenario_name;
  session.scenario = &scenarios_.scenarios.at(scenario_name);
  const std::string id = session.id;
  Session& added = sessions_.insert_or_assign(id, std::move(session)).first->second;
  plan_webhooks(added, added.history.created);
  return added;
}

void Sandbox::plan_webhooks(const Session& session, Instant now) {
  const CommonWebhookFaults common{scenarios_.webhook_faults, started_};
  outbox_.plan(session, common, now);
}

Session* Sandbox::find(const std::string& session_id) {
  const auto found = sessions_.find(session_id);
  return found == sessions_.end() ? nullptr : &found->second;
}

}  // namespace bankconnect::sandbox
