// `upstream.base_url`, taken apart.
#pragma once

#include <string>

#include "bankconnect/error.hpp"

namespace bankconnect {

struct BaseUrl {
  std::string text;  ///< as it was given
  bool tls = true;
  std::string host;        ///< a name, or an address without brackets
  std::string port;        ///< always set
  std::string host_field;  ///< the Host header: with brackets and a port that is not the default
  std::string path;        ///< empty, or starts with `/` and does not end with one
  bool host_is_address = false;

  bool operator==(const BaseUrl& other) const { return text == other.text; }
};

/// Error BAD_BASE_URL with a message that says what would be right.
Result<BaseUrl> parse_base_url(const std::string& text);

/// http to a host that is not loopback: the keys would travel readable.
bool exposes_keys(const BaseUrl& url);

}  // namespace bankconnect
