#include "src/sandbox/sandbox.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "src/sandbox/answers.hpp"
#include "src/sandbox/creation.hpp"
#include "src/sandbox/identity.hpp"
#include "src/sandbox/insights.hpp"
#include "src/sandbox/spoil.hpp"

namespace bankconnect::sandbox {
namespace {

Duration age_of(Instant since, Instant now) {
  return std::chrono::duration_cast<Duration>(now - since);
}

// Django adds a missing slash by redirecting, which would turn a POST into a GET: it gives up instead.
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
    if (strikes(fault.trigger, call, count, count_of_all, age)) return &fault;
  }
  return nullptr;
}

// Processing that is asked for now finds statements that are meant to be all: anything else is too early.
bool ripe(const Truth& truth) {
  return truth.upload_status == UploadStatus::completed ||
         (truth.upload_status == UploadStatus::expired && truth.uploads_since);
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
    session.events.created = started;
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
    reply = route->slash_missing ? slash_missing_reply(request) : answer(*route, request, now, entry);
  }
  if (answered(reply.delivery)) entry.http_status = reply.status;
  return reply;
}

Reply Sandbox::answer(const Route& route, const Request& request, Instant now, LogEntry& entry) {
  Session* session = find(entry.session_id);
  if (session != nullptr)
    entry.upload_status = name_of_truth(truth_at(*session->scenario, session->events, now));
  const Fault* fault = count_and_find_fault(route.call, session, now);
  if (fault != nullptr) entry.fault = name_of(kFaultKindNames, fault->kind);

  Reply reply;
  if (fault != nullptr && !fault->takes_effect) {
    reply = json_reply(200, "{}");  // the call is not heard; the fault decides what the client gets to see
  } else if (!authenticated(route.call, request)) {
    reply = error_reply(kAccessDenied);
  } else if (request.method != method_of(route.call)) {
    reply = method_not_allowed(route.call, request.method);
  } else if (route.call == Call::create_session) {
    reply = create_session(request, now, entry);
  } else if (route.call == Call::update_webhook) {
    reply = update_webhook(request, entry);
  } else {
    reply = about_session(route, now, entry);
  }
  return fault == nullptr ? reply : spoilt(std::move(reply), *fault, entry.session_id, now);
}

// A session's own faults go before those of all sessions. Every call counts, also the ones that fail.
const Fault* Sandbox::count_and_find_fault(Call call, Session* session, Instant now) {
  const auto index = static_cast<std::size_t>(call);
  const int count = ++calls_[index];
  const int count_of_all = ++calls_of_all_;
  if (session != nullptr) {
    const int own = ++session->calls[index];
    const int own_of_all = ++session->calls_of_all;
    const Duration age = age_of(session->events.created, now);
    if (const Fault* fault = find_fault(session->scenario->faults, call, own, own_of_all, age)) return fault;
  }
  return find_fault(scenarios_.faults, call, count, count_of_all, age_of(started_, now));
}

// The session API wants the API key alone; its callers have no server hash.
bool Sandbox::authenticated(Call call, const Request& request) const {
  if (request.api_key != credentials_.api_key) return false;
  return call == Call::create_session || request.server_hash == credentials_.server_hash;
}

Reply Sandbox::about_session(const Route& route, Instant now, LogEntry& entry) {
  if (!is_uuid(route.session_id)) return error_reply(kKeyRequired);
  Session* session = find(entry.session_id);
  if (session == nullptr) return error_reply(kSessionNotFound);
  const Truth truth = truth_at(*session->scenario, session->events, now);
  if (truth.presence == Presence::not_found) return error_reply(kSessionNotFound);
  if (truth.presence == Presence::deleted) return error_reply(kSessionDeleted);

  if (route.call == Call::upload_status) {
    return json_reply(200, route.older_alias ? older_upload_status_answer(*session, truth)
                                             : upload_status_answer(*session, truth));
  }
  if (route.call == Call::initiate) return initiate(*session, truth, now, entry);
  if (truth.processing == Processing::not_requested) return error_reply(kProcessingNotRequested);
  if (route.call == Call::progress) return progress(*session, truth, now, entry);
  if (truth.processing != Processing::completed && truth.processing != Processing::failed) {
    return error_reply(kProcessingNotCompleted);
  }
  return json_reply(200, route.call == Call::insights ? insights_answer(*session, truth)
                                                      : session_status_answer(*session, truth));
}

Reply Sandbox::initiate(Session& session, const Truth& truth, Instant now, LogEntry& entry) {
  const Scenario& scenario = *session.scenario;
  if (truth.requested) {
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
  entry.effect = ripe(truth) ? "accepted" : "accepted_early";
  session.events.requested = now;
  ++session.accepted_initiates;
  plan_webhooks(session, now);
  return json_reply(202, initiate_answer(session));
}

Reply Sandbox::progress(Session& session, const Truth& truth, Instant now, LogEntry& entry) {
  Events& events = session.events;
  if (events.requested && events.forgotten < session.scenario->forgets_request) {
    entry.effect = "forgot_request";
    events.requested.reset();
    ++events.forgotten;
    plan_webhooks(session, now);
    return error_reply(kProcessingNotRequested);
  }
  return json_reply(200, progress_answer(session, truth));
}

Reply Sandbox::create_session(const Request& request, Instant now, LogEntry& entry) {
  auto body = read_object(request);
  if (auto* refusal = std::get_if<Reply>(&body)) return std::move(*refusal);
  auto read = read_creation(std::get<boost::json::object>(body), now);
  if (auto* refusal = std::get_if<Reply>(&read)) return std::move(*refusal);
  const CreationWish& wish = std::get<CreationWish>(read);

  const std::string& name = wish.scenario.empty() ? scenarios_.default_scenario : wish.scenario;
  if (!scenarios_.scenarios.contains(name))
    return error_reply({400, "UNKNOWN_SCENARIO", "No scenario has this name"});
  Session session;
  session.id = wish.session_id.empty() ? random_uuid() : wish.session_id;
  if (find(session.id) != nullptr) return error_reply({409, "SESSION_EXISTS", "This session exists already"});
  session.link_id = wish.link_id;
  session.range = wish.range;
  session.events.created = now;
  session.events.expires_in = wish.expires_in;
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
  plan_webhooks(added, added.events.created);
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
