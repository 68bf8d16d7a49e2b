#include "src/net/http_header.hpp"

#include <algorithm>
#include <boost/url.hpp>
#include <charconv>

#include "bankconnect/text.hpp"

namespace bankconnect::net {

namespace http = boost::beast::http;

namespace {

// No server here is configured for a body of 100 MB: a length of more digits is refused as malformed.
constexpr std::size_t kMostLengthDigits = 8;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

std::string media_type(std::string_view content_type) {
  std::string out = to_lower(content_type.substr(0, content_type.find(';')));
  while (!out.empty() && (out.back() == ' ' || out.back() == '\t'))
    out.pop_back();
  return out;
}

Rejection bad_request(std::string message) {
  return {400, ErrorCode::bad_request, std::move(message), {}};
}

bool digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// `name`, `name:port`, `1.2.3.4:port` or `[v6]:port`, and nothing else.
bool names_a_host(std::string_view host) {
  const auto name_char = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_';
  };
  std::string_view name = host;
  const auto port = host.find(':', host.starts_with('[') ? host.find(']') : 0);
  if (port != std::string_view::npos) {
    name = host.substr(0, port);
    const std::string_view number = host.substr(port + 1);
    if (number.size() > 5 || (!number.empty() && !digits(number))) return false;
  }
  if (name.starts_with('[')) {
    return name.size() > 2 && name.ends_with(']') &&
           std::ranges::all_of(name.substr(1, name.size() - 2), [](char c) {
             return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' ||
                    c == '.';
           });
  }
  return !name.empty() && std::ranges::all_of(name, name_char);
}

bool over_unix_socket(const Request& request) {
  return request.peer_uid >= 0;
}

/// On a Unix socket Host names nothing (RFC 9110, 7.2 lets clients send an empty one), and clients put the
/// socket's path there, among others.
std::optional<Rejection> check_host(const http::request_header<>& header, bool http11,
                                    const Request& request) {
  const std::size_t hosts = header.count(http::field::host);
  if (over_unix_socket(request) && hosts <= 1) return std::nullopt;
  if (hosts == 0 && !http11) return std::nullopt;
  if (hosts != 1) return bad_request("exactly one Host header is expected");
  if (!names_a_host(view(header[http::field::host]))) return bad_request("Host does not name a host");
  return std::nullopt;
}

/// A gateway that treats `_` as `-`, as CGI does, would take the body's length from such a field.
bool resembles_framing(std::string_view name) {
  std::string plain = to_lower(name);
  std::ranges::replace(plain, '_', '-');
  return name.find('_') != std::string_view::npos &&
         (plain == "content-length" || plain == "transfer-encoding");
}

/// Methods whose body has no meaning: a body there may be an attempt to smuggle a request.
bool takes_no_body(http::verb method) {
  return method == http::verb::get || method == http::verb::head || method == http::verb::options ||
         method == http::verb::trace;
}

std::optional<Rejection> read_framing(const http::request_header<>& header, Framing& framing) {
  for (const auto& field : header) {
    if (resembles_framing(view(field.name_string())))
      return bad_request("a field passes itself off as framing");
  }
  const std::size_t encodings = header.count(http::field::transfer_encoding);
  const std::size_t lengths = header.count(http::field::content_length);
  if (encodings > 0 && lengths > 0)
    return bad_request("Content-Length and Transfer-Encoding exclude each other");
  if (encodings > 0 && !framing.http11) return bad_request("HTTP/1.0 knows no Transfer-Encoding");
  if (encodings > 1) return bad_request("Transfer-Encoding is given more than once");
  if (encodings > 0 && !equals_ignoring_case(view(header[http::field::transfer_encoding]), "chunked"))
    return bad_request("the only Transfer-Encoding accepted is chunked");
  if (lengths > 1) return bad_request("Content-Length is given more than once");
  framing.chunked = encodings > 0;
  if (lengths == 0) return std::nullopt;
  const std::string_view length = view(header[http::field::content_length]);
  if (!digits(length) || (length.size() > 1 && length.front() == '0'))
    return bad_request("Content-Length is not a number");
  if (length.size() > kMostLengthDigits) return bad_request("an absurd Content-Length");
  std::from_chars(length.data(), length.data() + length.size(), framing.length);
  return std::nullopt;
}

std::optional<Rejection> check_content(const http::request_header<>& header, const Framing& framing) {
  if (takes_no_body(header.method()) && (framing.chunked || framing.length > 0))
    return bad_request("a body where the method takes none");
  if (header.count(http::field::content_type) > 1) return bad_request("Content-Type is given more than once");
  return std::nullopt;
}

std::optional<Rejection> read_expectation(const http::request_header<>& header, Framing& framing) {
  const std::size_t expectations = header.count(http::field::expect);
  if (expectations == 0 || !framing.http11) return std::nullopt;
  if (expectations > 1 || !equals_ignoring_case(view(header[http::field::expect]), "100-continue"))
    return Rejection{417, ErrorCode::expectation_failed, "the only expectation known is 100-continue", {}};
  framing.expects_continue = framing.chunked || framing.length > 0;
  return std::nullopt;
}

std::optional<Rejection> read_target(const http::request_header<>& header, Request& request) {
  std::string_view target = view(header.target());
  if (target == "*") {
    if (header.method() != http::verb::options) return bad_request("only OPTIONS has the target *");
    request.path.assign(1, '*');
    return std::nullopt;
  }
  // The absolute form, which clients send to proxies, is accepted when it names this server.
  const std::string scheme = to_lower(target.substr(0, target.find("//") + 2));
  if (scheme == "http://" || scheme == "https://") {
    target.remove_prefix(scheme.size());
    const auto slash = target.find('/');
    const std::string_view authority = target.substr(0, slash);
    const bool same =
        over_unix_socket(request) || equals_ignoring_case(authority, view(header[http::field::host]));
    if (authority.empty() || !same)
      return bad_request("the request target names another host than Host does");
    target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
  }
  const auto parsed = boost::urls::parse_origin_form({target.data(), target.size()});
  if (parsed.has_error()) return bad_request("the request target is not a path");
  const std::string path = to_lower(view(parsed->encoded_path()));
  if (path.find("%2f") != std::string::npos || path.find("%5c") != std::string::npos)
    return bad_request("an escaped slash in the request target");
  request.path = parsed->path();
  if (has_control_character(request.path)) return bad_request("a control character in the request target");
  for (const auto& parameter : parsed->params()) {
    request.query.emplace_back(std::string(parameter.key), std::string(parameter.value));
  }
  return std::nullopt;
}

}  // namespace

bool has_another_version(std::string_view request) {
  const std::string_view line = request.substr(0, request.find('\r'));
  const auto blank = line.rfind(' ');
  if (std::ranges::count(line, ' ') != 2) return false;
  const std::string_view version = line.substr(blank + 1);
  const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") &&
                           digits(version.substr(5, 1)) && version[6] == '.' && digits(version.substr(7));
  return well_formed && version != "HTTP/1.0" && version != "HTTP/1.1";
}

std::optional<Rejection> read_header(const http::request_header<>& header, Request& request,
                                     Framing& framing) {
  framing.http11 = header.version() == 11;
  framing.head = header.method() == http::verb::head;
  if (auto rejection = check_host(header, framing.http11, request)) return rejection;
  if (auto rejection = read_framing(header, framing)) return rejection;
  if (auto rejection = check_content(header, framing)) return rejection;
  if (auto rejection = read_target(header, request)) return rejection;
  if (header.method() == http::verb::unknown)
    return Rejection{501, ErrorCode::method_not_implemented, "there is no such method", {}};
  if (auto rejection = read_expectation(header, framing)) return rejection;
  request.method = std::string(header.method_string());
  request.content_type = media_type(view(header[http::field::content_type]));
  for (const auto& field : header)
    request.fields.emplace_back(to_lower(view(field.name_string())), std::string(field.value()));
  return std::nullopt;
}

}  // namespace bankconnect::net
