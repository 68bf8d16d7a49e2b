#include "src/sandbox/hand_webhook.hpp"

#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include "src/sandbox/quantity.hpp"

namespace bankconnect::sandbox {
namespace {

namespace json = boost::json;

// Nothing: the key is missing, or its value is none of the names.
template <typename Value, std::size_t N>
std::optional<Value> named(const json::object& body, std::string_view key, const Names<Value, N>& names) {
  const json::value* value = body.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return value_of(names, std::string_view(value->get_string()));
}

std::variant<WebhookTwist, std::string> read_twist(const json::object& body) {
  const auto kind = named(body, "fault", kWebhookFaultNames);
  if (!kind) return "fault: use " + listed(kWebhookFaultNames);
  WebhookTwist twist{.kind = *kind, .delay = default_delay(*kind), .claim = Claim::accounts};
  if (body.contains("claim")) {
    const auto claim = named(body, "claim", kClaimNames);
    if (!claim) return "claim: use " + listed(kClaimNames);
    twist.claim = *claim;
  }
  if (const json::value* value = body.if_contains("delay")) {
    const auto delay =
        value->is_string() ? parse_duration(std::string_view(value->get_string())) : std::nullopt;
    if (!delay) return "delay: write \"500ms\", \"2s\" or \"5m\"";
    twist.delay = *delay;
  }
  return twist;
}

}  // namespace

std::variant<Sending, std::string> read_webhook_wish(const json::object& body, const Session& session,
                                                     Instant now) {
  const auto event = named(body, "webhook", kWebhookEventNames);
  if (!event) return "webhook: use " + listed(kWebhookEventNames);
  Sending sending{.session_id = session.id,
                  .occasion = {*event, now},
                  .due = now,
                  .told = truth_at(*session.scenario, session.events, now),
                  .twist = {},
                  .by_hand = true};
  if (!body.contains("fault")) return sending;
  auto twist = read_twist(body);
  if (auto* problem = std::get_if<std::string>(&twist)) return std::move(*problem);
  sending.twist = std::get<WebhookTwist>(twist);
  if (is(sending, WebhookFaultKind::late)) sending.due = now + sending.twist->delay;
  return sending;
}

}  // namespace bankconnect::sandbox
