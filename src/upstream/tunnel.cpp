#include "src/upstream/tunnel.hpp"

#include <openssl/evp.h>

#include <vector>

#include "bankconnect/text.hpp"

namespace bankconnect::upstream {
namespace {

std::string base64(std::string_view text) {
  std::vector<unsigned char> out((text.size() + 2) / 3 * 4 + 1);
  const int size = EVP_EncodeBlock(out.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  std::string encoded(reinterpret_cast<const char*>(out.data()), static_cast<std::size_t>(size));
  OPENSSL_cleanse(out.data(), out.size());
  return encoded;
}

/// With its port, always; an IPv6 address in brackets.
std::string authority(const BaseUrl& host) {
  const bool ipv6 = host.host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host.host + "]" : host.host) + ":" + host.port;
}

}  // namespace

std::string connect_request(const Tunnel& tunnel, const BaseUrl& host) {
  const std::string to = authority(host);
  std::string request =
      "CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\nUser-Agent: " + tunnel.user_agent + "\r\n";
  if (!tunnel.credentials.empty()) {
    std::string encoded = base64(tunnel.credentials);
    request.reserve(request.size() + encoded.size() + 40);  // no copy of it stays behind
    request.append("Proxy-Authorization: Basic ").append(encoded).append("\r\n");
    wipe(encoded);
  }
  request.append("\r\n");
  return request;
}

std::optional<TransportError> refused_tunnel(int status) {
  if (status >= 200 && status < 300) return std::nullopt;
  const std::string answer = "the proxy answered " + std::to_string(status) + " to CONNECT";
  if (status == 407 || status == 401) {  // some proxies say 401
    return TransportError{"PROXY_AUTHENTICATION_REQUIRED",
                          answer + ": it wants other credentials than upstream.proxy_credentials_file has",
                          false};
  }
  return TransportError{"PROXY_REFUSED", answer, false};
}

}  // namespace bankconnect::upstream
