// Why a session is where it is, as it is shown: the rule, a sentence to read out, and the answers that
// decided.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "bankconnect/records.hpp"

namespace bankconnect::view {

/// `accounts`: as shown. `{"rule", "text", "evidence": […]}`
boost::json::object why_object(const SessionRecord& record, const boost::json::array& accounts);

}  // namespace bankconnect::view
