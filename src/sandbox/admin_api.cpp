#include "src/sandbox/admin_api.hpp"

#include <boost/json.hpp>

#include "src/sandbox/admin_webhook.hpp"
#include "src/sandbox/create_session.hpp"
#include "src/sandbox/ids.hpp"

namespace bankconnect::sandbox {
namespace {

namespace json = boost::json;

constexpr std::string_view kPrefix = "/sandbox/";

json::value time_or_null(const std::optional<Instant>& at) {
  return at ? json::value(iso_millis(*at)) : json::value(nullptr);
}

json::object session_object(const Session& session, Instant now) {
  const SessionState state = state_at(*session.scenario, session.history, now);
  return {{"session_id", session.id},
          {"scenario", session.scenario_name},
          {"presence", name_of(kPresenceNames, state.presence)},
          {"upload_status", name_of(kUploadStatusNames, state.upload_status)},
          {"processing", name_of(kProcessingNames, state.processing)},
          {"created_at", iso_millis(session.history.created)},
          {"expires_at", time_or_null(state.expires)},
          {"requested_at", time_or_null(state.requested)},
          {"accepted_initiates", session.accepted_initiates},
          {"calls", session.calls_of_all}};
}

Reply list_sessions(Sandbox& sandbox, Instant now) {
  json::array sessions;
  for (const auto& [id, session] : sandbox.sessions())
    sessions.push_back(session_object(session, now));
  const WebhookSettings& webhook = sandbox.webhook();
  return json_reply(200, json::serialize(json::object{
                             {"sessions", std::move(sessions)},
                             {"webhook", json::object{{"url", webhook.url}, {"mode", webhook.mode}}}}));
}

Reply bad_request() {
  return error_reply(
      {400, "BAD_REQUEST",
       "Send {\"upload_status\": \"no_uploads\", \"in_progress\", \"completed\" or \"expired\"}, "
       "{\"finish_processing\": true}, {\"delete\": true} or {\"webhook\": \"completion\", \"expiry\" or "
       "\"enrichment\"}"});
}

bool is_true(const json::object& body, std::string_view key) {
  const json::value* value = body.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

Reply change_session(Sandbox& sandbox, Session& session, const json::object& body, Instant now) {
  const SessionState state = state_at(*session.scenario, session.history, now);
  const bool over = state.processing == Processing::completed || state.processing == Processing::failed;
  if (const json::value* wanted = body.if_contains("upload_status")) {
    const auto status =
        wanted->is_string() ? value_of(kUploadStatusNames, wanted->get_string()) : std::nullopt;
    if (!status) return bad_request();
    session.history.status_override = override_status(state, *status, now);
  } else if (is_true(body, "finish_processing")) {
    if (!over) session.history.processed = now;
  } else if (is_true(body, "delete")) {
    session.history.deleted = now;
  } else {
    return bad_request();
  }
  sandbox.plan_webhooks(session, now);
  return json_reply(200, json::serialize(session_object(session, now)));
}

Reply send_webhook(Sandbox& sandbox, const Session& session, const json::object& body, Instant now) {
  if (sandbox.webhook().url.empty()) {
    return error_reply({409, "NO_WEBHOOK_URL", "Set one with --webhook-url or update_webhook"});
  }
  auto webhook = read_admin_webhook(body, session, now);
  if (const auto* problem = std::get_if<std::string>(&webhook)) {
    return error_reply({400, "BAD_REQUEST", *problem});
  }
  sandbox.outbox().add(std::move(std::get<Webhook>(webhook)));
  return json_reply(200, json::serialize(session_object(session, now)));
}

Reply session_endpoint(const Request& request, const std::string& id, Sandbox& sandbox, Instant now) {
  const auto found = sandbox.sessions().find(id);
  if (found == sandbox.sessions().end()) return error_reply(kSessionNotFound);
  if (request.method == "GET") return json_reply(200, json::serialize(session_object(found->second, now)));
  if (request.method != "POST") return detail_reply(405, "Use GET or POST.");
  boost::system::error_code error;
  const json::value body = json::parse(request.body, error);
  if (error || !body.is_object()) return bad_request();
  if (!body.get_object().contains("webhook"))
    return change_session(sandbox, found->second, body.get_object(), now);
  return send_webhook(sandbox, found->second, body.get_object(), now);
}

}  // namespace

bool is_admin_call(std::string_view target) {
  return target.starts_with(kPrefix);
}

Reply handle_admin_call(const Request& request, Sandbox& sandbox, const RequestLog& log, Instant now) {
  std::string_view path = path_of(request.target).substr(kPrefix.size());
  if (path.ends_with('/')) path.remove_suffix(1);
  constexpr std::string_view kSessions = "sessions/";
  if (path.starts_with(kSessions)) {
    return session_endpoint(request, lower_case(path.substr(kSessions.size())), sandbox, now);
  }
  if (request.method != "GET") return detail_reply(405, "Use GET.");
  if (path == "sessions") return list_sessions(sandbox, now);
  if (path != "log") return html_reply(404, "Not Found");
  Reply reply = json_reply(200, log.lines(lower_case(query_value(request.target, "session_id"))));
  reply.content_type = "application/x-ndjson";
  return reply;
}

}  // namespace bankconnect::sandbox
