#include "src/sandbox/webhook_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fstream>
#include <stdexcept>

#include "src/sandbox/number_parsing.hpp"

namespace bankconnect::sandbox {
namespace {

// The event names of `webhook_mode`. Completion has two, as it was renamed.
constexpr NameTable<WebhookEvent, 4> kModeNames{
    {{"SESSION_REQUIREMENT_COMPLETION_NOTIFICATION", WebhookEvent::completion},
     {"SESSION_COMPLETION_NOTIFICATION", WebhookEvent::completion},
     {"SESSION_EXPIRY_NOTIFICATION", WebhookEvent::expiry},
     {"ENRICHMENT_NOTIFICATION", WebhookEvent::enrichment}}};

}  // namespace

bool is_subscribed(const WebhookSettings& settings, WebhookEvent event) {
  if (!settings.mode.is_array()) return true;
  const auto& names = settings.mode.get_array();
  return std::any_of(names.begin(), names.end(), [event](const boost::json::value& name) {
    return name.is_string() && value_of(kModeNames, std::string_view(name.get_string())) == event;
  });
}

WebhookTarget parse_webhook_url(std::string_view url) {
  const std::string problem = std::string(url) + ": webhooks go to http://HOST:PORT/PATH only";
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed || parsed->scheme() != "http" || parsed->encoded_host().empty()) {
    throw std::invalid_argument(problem);
  }
  WebhookTarget target;
  target.host = parsed->host_address();
  if (parsed->has_port() && !parsed->port().empty()) {
    const auto port = parse_number<std::uint16_t>(std::string_view(parsed->port()));
    if (!port || *port == 0) throw std::invalid_argument(problem);
    target.port = *port;
  }
  const std::string_view path = parsed->encoded_target();
  target.target = fmt::format("{}{}", path.starts_with('/') ? "" : "/", path);
  target.host_field = std::string(parsed->encoded_host_and_port());
  return target;
}

std::string read_webhook_secret(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string secret;
  if (!stream || !std::getline(stream, secret)) {
    throw std::runtime_error("cannot read the webhook secret from the first line of " + file);
  }
  if (secret.ends_with('\r')) secret.pop_back();
  if (secret.empty())
    throw std::runtime_error("the first line of " + file + ", the webhook secret, is empty");
  return secret;
}

}  // namespace bankconnect::sandbox
