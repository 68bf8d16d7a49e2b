// Where webhooks go and which ones are wanted: the account's settings, as update_webhook replaces them.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/sandbox/webhook_fault.hpp"

namespace bankconnect::sandbox {

struct WebhookSettings {
  std::string url;          // empty: no webhook is sent
  boost::json::value mode;  // a list of event names picks; an integer, or nothing, takes all
  std::string secret;       // sent as x-secret-key; empty: not sent
};

bool is_subscribed(const WebhookSettings& settings, WebhookEvent event);

struct WebhookTarget {
  std::string host;  // a name, or an address without brackets
  std::uint16_t port = 80;
  std::string target;      // path and query
  std::string host_field;  // as the Host field has it
};

// Throws std::invalid_argument saying what would be right.
WebhookTarget parse_webhook_url(std::string_view url);

// The first line of a file. Throws std::runtime_error when there is none.
std::string read_webhook_secret(const std::string& file);

}  // namespace bankconnect::sandbox
