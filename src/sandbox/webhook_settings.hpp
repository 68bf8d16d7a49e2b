// Where webhooks are sent and which ones: the settings that update_webhook replaces.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/sandbox/webhook_fault.hpp"

namespace bankconnect::sandbox {

struct WebhookSettings {
  std::string url;          // empty: no webhook is sent
  boost::json::value mode;  // a list selects events by name; anything else selects all
  std::string secret;       // sent as x-secret-key; empty: not sent
};

bool is_subscribed(const WebhookSettings& settings, WebhookEvent event);

struct WebhookTarget {
  std::string host;  // a host name, or an IP address without brackets
  std::uint16_t port = 80;
  std::string target;      // path and query
  std::string host_field;  // the value of the Host field
};

// Throws std::invalid_argument with the expected format.
WebhookTarget parse_webhook_url(std::string_view url);

// The first line of a file. Throws std::runtime_error if it is missing or empty.
std::string read_webhook_secret(const std::string& file);

}  // namespace bankconnect::sandbox
