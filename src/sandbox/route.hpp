// Maps request paths to calls.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/sandbox/call.hpp"

namespace bankconnect::sandbox {

struct Route {
  Call call = Call::progress;
  std::string session_id;    // as in the path; empty for calls without a session
  std::string report;        // the file of a report
  bool older_alias = false;  // upload_status/, the path of 2024
  bool slash_missing = false;
};

// The call of a path under /bank-connect/v1/ or /v1/, with or without its final slash.
std::optional<Route> route_of(std::string_view path);

std::string_view path_of(std::string_view target);                            // without the query
std::string_view query_value(std::string_view target, std::string_view key);  // empty if absent
std::string_view method_of(Call call);

}  // namespace bankconnect::sandbox
