#include "src/upstream/base_url.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/url.hpp>

#include "bankconnect/upstream.hpp"

namespace bankconnect::upstream {
namespace {

Error bad(const std::string& why) { return {"BAD_BASE_URL", why}; }

bool loopback(const std::string& host) {
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

}  // namespace

Result<BaseUrl> parse_base_url(const std::string& text, bool allow_http) {
  const auto parsed = boost::urls::parse_uri(text);
  if (parsed.has_error()) return bad("is not a URL; expected https://HOST[:PORT]/PATH");
  const boost::urls::url_view url = *parsed;
  if (url.scheme() != "https" && url.scheme() != "http") return bad("must begin with https://");
  if (url.has_userinfo()) return bad("must not contain a user or a password");
  if (url.has_query() || url.has_fragment()) return bad("must not contain ? or #");
  if (url.host().empty()) return bad("names no host; expected https://HOST[:PORT]/PATH");

  BaseUrl base;
  base.tls = url.scheme() == "https";
  base.host = std::string(url.host_address());
  base.host_is_address = is_address(base.host);
  const std::string default_port = base.tls ? "443" : "80";
  base.port = url.port().empty() ? default_port : std::string(url.port());
  if (url.port_number() == 0 && !url.port().empty()) return bad("has a port that is not one of 1 to 65535");
  base.host_field = std::string(url.encoded_host());
  if (base.port != default_port) base.host_field += ":" + base.port;
  base.path = std::string(url.encoded_path());
  while (base.path.ends_with('/')) base.path.pop_back();
  if (!base.tls && !allow_http && !loopback(base.host)) {
    return bad("uses http, which sends the keys readable by anyone on the way; use https, or set "
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
