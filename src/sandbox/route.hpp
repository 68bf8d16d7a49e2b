// Which call a request is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/sandbox/call.hpp"

namespace bankconnect::sandbox {

struct Route {
  Call call = Call::progress;
  std::string session_id;    // as written in the path; empty for calls about no session
  bool older_alias = false;  // upload_status/, the name of 2024
  bool slash_missing = false;
};

// Finds the call a path names, with or without its final slash, under /bank-connect/v1/ or /v1/.
std::optional<Route> route_of(std::string_view path);

std::string_view path_of(std::string_view target);                            // without the query
std::string_view query_value(std::string_view target, std::string_view key);  // empty when absent
std::string_view method_of(Call call);

}  // namespace bankconnect::sandbox
