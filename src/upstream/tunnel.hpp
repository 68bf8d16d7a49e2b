// A tunnel through an egress proxy: what CONNECT asks for, and what the proxy's answer means.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "bankconnect/base_url.hpp"
#include "src/upstream/answers.hpp"

namespace bankconnect::upstream {

struct Tunnel {
  BaseUrl proxy;
  std::string user_agent;
  std::string credentials;  ///< `user:password`; empty: none are sent
};

/// The request that asks the proxy for a tunnel to the host. It holds the credentials: wipe it when it is
/// sent.
std::string connect_request(const Tunnel& tunnel, const BaseUrl& host);

/// Why there is no tunnel; nothing for a 2xx. The codes are PROXY_AUTHENTICATION_REQUIRED and PROXY_REFUSED.
std::optional<TransportError> refused_tunnel(int status);

}  // namespace bankconnect::upstream
