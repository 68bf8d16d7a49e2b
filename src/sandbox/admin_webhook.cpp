#include "src/sandbox/admin_webhook.hpp"

#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include "src/sandbox/number_parsing.hpp"

namespace bankconnect::sandbox {
namespace {

namespace json = boost::json;

// std::nullopt: the key is missing, or its value is not in the table.
template <typename Value, std::size_t N>
std::optional<Value> read_name(const json::object& body, std::string_view key,
                               const NameTable<Value, N>& names) {
  const json::value* value = body.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value_of(names, std::string_view(value->get_string()));
}

std::variant<WebhookFaultAction, std::string> read_fault_action(const json::object& body) {
  const auto kind = read_name(body, "fault", kWebhookFaultNames);
  if (!kind) return "fault: use " + one_of(kWebhookFaultNames);
  WebhookFaultAction action{.kind = *kind, .delay = default_delay(*kind), .claim = Claim::accounts};
  if (body.contains("claim")) {
    const auto claim = read_name(body, "claim", kClaimNames);
    if (!claim) return "claim: use " + one_of(kClaimNames);
    action.claim = *claim;
  }
  if (const json::value* value = body.if_contains("delay")) {
    const auto delay =
        value->is_string() ? parse_duration(std::string_view(value->get_string())) : std::nullopt;
    if (!delay) return "delay: write \"500ms\", \"2s\" or \"5m\"";
    action.delay = *delay;
  }
  return action;
}

}  // namespace

std::variant<Webhook, std::string> read_admin_webhook(const json::object& body, const Session& session,
                                                      Instant now) {
  const auto event = read_name(body, "webhook", kWebhookEventNames);
  if (!event) return "webhook: use " + one_of(kWebhookEventNames);
  Webhook webhook{.session_id = session.id,
                  .event = {*event, now},
                  .due = now,
                  .state = state_at(*session.scenario, session.history, now),
                  .fault_action = {},
                  .manual = true};
  if (!body.contains("fault")) return webhook;
  auto action = read_fault_action(body);
  if (auto* problem = std::get_if<std::string>(&action)) return std::move(*problem);
  webhook.fault_action = std::get<WebhookFaultAction>(action);
  if (has_fault(webhook, WebhookFaultKind::late)) webhook.due = now + webhook.fault_action->delay;
  return webhook;
}

}  // namespace bankconnect::sandbox
