#include "src/sandbox/hand_control.hpp"

#include <boost/json.hpp>

#include "src/sandbox/creation.hpp"
#include "src/sandbox/hand_webhook.hpp"
#include "src/sandbox/identity.hpp"

namespace bankconnect::sandbox {
namespace {

namespace json = boost::json;

constexpr std::string_view kPrefix = "/sandbox/";

json::value moment_or_null(const std::optional<Instant>& at) {
  return at ? json::value(zulu_millis(*at)) : json::value(nullptr);
}

json::object session_object(const Session& session, Instant now) {
  const Truth truth = truth_at(*session.scenario, session.events, now);
  return {{"session_id", session.id},
          {"scenario", session.scenario_name},
          {"presence", name_of(kPresenceNames, truth.presence)},
          {"upload_status", name_of(kUploadStatusNames, truth.upload_status)},
          {"processing", name_of(kProcessingNames, truth.processing)},
          {"created_at", zulu_millis(session.events.created)},
          {"expires_at", moment_or_null(truth.expires)},
          {"requested_at", moment_or_null(truth.requested)},
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

Reply bad_wish() {
  return error_reply(
      {400, "BAD_REQUEST",
       "Send {\"upload_status\": \"no_uploads\", \"in_progress\", \"completed\" or \"expired\"}, "
       "{\"finish_processing\": true}, {\"delete\": true} or {\"webhook\": \"completion\", \"expiry\" or "
       "\"enrichment\"}"});
}

bool asks_for(const json::object& body, std::string_view key) {
  const json::value* value = body.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

Reply move_session(Sandbox& sandbox, Session& session, const json::object& body, Instant now) {
  const Truth truth = truth_at(*session.scenario, session.events, now);
  const bool over = truth.processing == Processing::completed || truth.processing == Processing::failed;
  if (const json::value* wanted = body.if_contains("upload_status")) {
    const auto status =
        wanted->is_string() ? value_of(kUploadStatusNames, wanted->get_string()) : std::nullopt;
    if (!status) return bad_wish();
    session.events.moved = move_by_hand(truth, *status, now);
  } else if (asks_for(body, "finish_processing")) {
    if (!over) session.events.processed = now;
  } else if (asks_for(body, "delete")) {
    session.events.deleted = now;
  } else {
    return bad_wish();
  }
  sandbox.plan_webhooks(session, now);
  return json_reply(200, json::serialize(session_object(session, now)));
}

Reply send_webhook(Sandbox& sandbox, const Session& session, const json::object& body, Instant now) {
  if (sandbox.webhook().url.empty()) {
    return error_reply({409, "NO_WEBHOOK_URL", "Set one with --webhook-url or update_webhook"});
  }
  auto wish = read_webhook_wish(body, session, now);
  if (const auto* problem = std::get_if<std::string>(&wish)) {
    return error_reply({400, "BAD_REQUEST", *problem});
  }
  sandbox.outbox().add(std::move(std::get<Sending>(wish)));
  return json_reply(200, json::serialize(session_object(session, now)));
}

Reply one_session(const Request& request, const std::string& id, Sandbox& sandbox, Instant now) {
  const auto found = sandbox.sessions().find(id);
  if (found == sandbox.sessions().end()) return error_reply(kSessionNotFound);
  if (request.method == "GET") return json_reply(200, json::serialize(session_object(found->second, now)));
  if (request.method != "POST") return detail_reply(405, "Use GET or POST.");
  boost::system::error_code error;
  const json::value body = json::parse(request.body, error);
  if (error || !body.is_object()) return bad_wish();
  if (!body.get_object().contains("webhook"))
    return move_session(sandbox, found->second, body.get_object(), now);
  return send_webhook(sandbox, found->second, body.get_object(), now);
}

}  // namespace

bool is_hand_control(std::string_view target) {
  return target.starts_with(kPrefix);
}

Reply hand_control(const Request& request, Sandbox& sandbox, const RequestLog& log, Instant now) {
  std::string_view path = path_of(request.target).substr(kPrefix.size());
  if (path.ends_with('/')) path.remove_suffix(1);
  constexpr std::string_view kSessions = "sessions/";
  if (path.starts_with(kSessions)) {
    return one_session(request, lower_case(path.substr(kSessions.size())), sandbox, now);
  }
  if (request.method != "GET") return detail_reply(405, "Use GET.");
  if (path == "sessions") return list_sessions(sandbox, now);
  if (path != "log") return html_reply(404, "Not Found");
  Reply reply = json_reply(200, log.lines(lower_case(query_value(request.target, "session_id"))));
  reply.content_type = "application/x-ndjson";
  return reply;
}

}  // namespace bankconnect::sandbox
