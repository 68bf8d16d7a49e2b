// A webhook that somebody wants sent now.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <variant>

#include "src/sandbox/sending.hpp"

namespace bankconnect::sandbox {

// {"webhook": EVENT} with "fault", "delay" and "claim" as in a scenario file; or what is wrong with it.
std::variant<Sending, std::string> read_webhook_wish(const boost::json::object& body, const Session& session,
                                                     Instant now);

}  // namespace bankconnect::sandbox
