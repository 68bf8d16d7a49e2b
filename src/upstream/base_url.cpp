#include "bankconnect/base_url.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/url.hpp>
#include <charconv>
#include <optional>

#include "bankconnect/text.hpp"

namespace bankconnect {
namespace {

Error bad(const std::string& why) {
  return {ErrorCode::bad_base_url, why};
}

bool is_address(const std::string& host) {
  boost::system::error_code ec;
  boost::asio::ip::make_address(host, ec);
  return !ec;
}

bool is_loopback(const std::string& host) {
  if (equals_ignoring_case(host, "localhost")) return true;
  boost::system::error_code ec;
  const auto address = boost::asio::ip::make_address(host, ec);
  return !ec && address.is_loopback();
}

/// A name of letters, digits, `.`, `-` and `_`, or an IPv6 address in brackets. An escaped character could be
/// a NUL, at which a look-up and a check of a certificate end where a comparison goes on.
bool is_plain_host(std::string_view host) {
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  const std::string_view more = bracketed ? ":[]" : "_-";
  return std::ranges::all_of(host, [more](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || c == '.' || more.find(c) != std::string_view::npos;
  });
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

Result<BaseUrl> parse_base_url(const std::string& text) {
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

  if (!is_plain_host({url.encoded_host().data(), url.encoded_host().size()}))
    return bad("has a host with characters that no host name has");

  // Boost.URL 1.81 reads `127.0.0.1.example.com/` as the host 127.0.0.1 with the path `.example.com/`, and
  // `:80a/` likewise: the call would go elsewhere than the text says.
  if (!url.encoded_path().empty() && !url.encoded_path().starts_with('/')) {
    return bad("has a host or port that cannot be understood; expected https://HOST[:PORT]/PATH");
  }

  BaseUrl base;
  base.text = text;
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
  return base;
}

bool exposes_keys(const BaseUrl& url) {
  return !url.tls && !is_loopback(url.host);
}

}  // namespace bankconnect
