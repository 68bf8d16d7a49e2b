// Reads a request to the admin API for sending a webhook now.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <variant>

#include "src/sandbox/webhook_plan.hpp"

namespace bankconnect::sandbox {

// Takes {"webhook": EVENT} with "fault", "delay" and "claim" as in a scenario file. Returns the webhook or
// an error message.
std::variant<Webhook, std::string> read_admin_webhook(const boost::json::object& body, const Session& session,
                                                      Instant now);

}  // namespace bankconnect::sandbox
