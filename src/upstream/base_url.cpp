#include "src/upstream/base_url.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/url.hpp>
#include <charconv>
#include <optional>

#include "bankconnect/upstream.hpp"

namespace bankconnect::upstream {
namespace {

Error bad(const std::string& why) {
  return {"BAD_BASE_URL", why};
}

bool loopback(std::string host) {
  std::ranges::transform(host, host.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (host == "localhost") return true;
  boost::system::error_code ec;
  const auto address = boost::asio::ip::make_address(host, ec);
  return !ec && address.is_loopback();
}

bool is_address(const std::string& host) {
  boost::system::error_code ec;
  boost::asio::ip::make_address(host, ec);
  return !ec;
}

/// 1 to 65535. Boost.URL's own number wraps around beyond that.
std::optional<unsigned> port_of(std::string_view digits) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port < 1 || port > 65'535)
    return std::nullopt;
  return port;
}

}  // namespace

Result<BaseUrl> parse_base_url(const std::string& text, bool allow_http) {
  const auto parsed = boost::urls::parse_uri(text);
  if (parsed.has_error()) return bad("is not a URL; expected https://HOST[:PORT]/PATH");
  const boost::urls::url_view& url = *parsed;
  const auto scheme = url.scheme_id();
  if (scheme != boost::urls::scheme::https && scheme != boost::urls::scheme::http) {
    return bad("must begin with https://");
  }
  if (url.has_userinfo()) return bad("must not contain a user or a password");
  if (url.has_query() || url.has_fragment()) return bad("must not contain ? or #");
  if (url.host().empty()) return bad("names no host; expected https://HOST[:PORT]/PATH");

  // Boost.URL 1.81 reads `127.0.0.1.example.com/` as the host 127.0.0.1 with the path `.example.com/`, and
  // `:80a/` likewise: what would be asked is not what is written.
  if (!url.encoded_path().empty() && !url.encoded_path().starts_with('/')) {
    return bad("has a host or port that cannot be understood; expected https://HOST[:PORT]/PATH");
  }

  BaseUrl base;
  base.tls = scheme == boost::urls::scheme::https;
  base.host = std::string(url.host_address());
  base.host_is_address = is_address(base.host);
  const std::string default_port = base.tls ? "443" : "80";
  base.port = default_port;
  if (!url.port().empty()) {
    const auto port = port_of({url.port().data(), url.port().size()});
    if (!port) return bad("has a port that is not one of 1 to 65535");
    base.port = std::to_string(*port);
  }
  base.host_field = std::string(url.encoded_host());
  if (base.port != default_port) base.host_field += ":" + base.port;
  base.path = std::string(url.encoded_path());
  while (base.path.ends_with('/'))
    base.path.pop_back();
  if (!base.tls && !allow_http && !loopback(base.host)) {
    return bad(
        "uses http, which sends the keys readable by anyone on the way; use https, or set "
        "upstream.allow_http = true");
  }
  return base;
}

}  // namespace bankconnect::upstream

namespace bankconnect {

std::optional<std::string> check_base_url(const std::string& url, bool allow_http) {
  const auto parsed = upstream::parse_base_url(url, allow_http);
  if (parsed.has_error()) return parsed.error().message;
  return std::nullopt;
}

}  // namespace bankconnect
