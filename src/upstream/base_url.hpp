// `upstream.base_url`, taken apart.
#pragma once

#include <cstdint>
#include <string>

#include "bankconnect/error.hpp"

namespace bankconnect::upstream {

struct BaseUrl {
  bool tls = true;
  std::string host;        ///< a name, or an address without brackets
  std::string port;        ///< always set
  std::string host_field;  ///< the Host header: with brackets and a port that is not the default
  std::string path;        ///< starts with `/`, does not end with one
  bool host_is_address = false;
};

/// Error BAD_BASE_URL with a message that says what would be right.
Result<BaseUrl> parse_base_url(const std::string& url, bool allow_http);

}  // namespace bankconnect::upstream
