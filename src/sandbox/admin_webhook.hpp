// A webhook that somebody wants sent now.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <variant>

#include "src/sandbox/webhook_plan.hpp"

namespace bankconnect::sandbox {

// {"webhook": EVENT} with "fault", "delay" and "claim" as in a scenario file; or what is wrong with it.
std::variant<Webhook, std::string> read_admin_webhook(const boost::json::object& body, const Session& session,
                                                      Instant now);

}  // namespace bankconnect::sandbox
