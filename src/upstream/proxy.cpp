#include "bankconnect/proxy.hpp"

#include <algorithm>
#include <boost/url.hpp>

#include "bankconnect/text.hpp"

namespace bankconnect {

Result<BaseUrl> parse_proxy_url(const std::string& text) {
  constexpr const char* kExpected = "; expected http://HOST:PORT or https://HOST:PORT";
  auto url = parse_base_url(text);
  if (url.has_error() && text.find('@') != std::string::npos)
    return Error{ErrorCode::bad_base_url,
                 "must not contain a user or a password; put them into upstream.proxy_credentials_file"};
  if (url.has_error()) return Error{ErrorCode::bad_base_url, std::string("cannot be understood") + kExpected};
  if (!url->path.empty()) return Error{ErrorCode::bad_base_url, std::string("has a path") + kExpected};
  // Proxies have no usual port: one that is left out is a mistake.
  const auto parsed = boost::urls::parse_uri(text);
  if (parsed.has_error() || parsed->port().empty())
    return Error{ErrorCode::bad_base_url, std::string("names no port") + kExpected};
  return url;
}

bool reached_without_proxy(std::string_view host, const std::vector<std::string>& no_proxy) {
  return std::ranges::any_of(no_proxy, [host](const std::string& entry) {
    std::string_view domain = entry;
    if (domain == "*") return true;
    if (domain.starts_with("*.")) domain.remove_prefix(2);
    if (domain.starts_with('.')) domain.remove_prefix(1);
    if (domain.empty() || host.size() < domain.size()) return false;
    const std::string_view end = host.substr(host.size() - domain.size());
    if (!equals_ignoring_case(end, domain)) return false;
    return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
  });
}

}  // namespace bankconnect
