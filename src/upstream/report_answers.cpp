#include "src/upstream/report_answers.hpp"

#include <algorithm>
#include <boost/url.hpp>

#include "bankconnect/payload.hpp"
#include "bankconnect/text.hpp"
#include "src/upstream/content_coding.hpp"

namespace bankconnect::upstream {

namespace {

constexpr std::size_t kLongestHost = 200;

ReportAnswer failed(ReportAnswer::Result result, std::string code, std::string message, Wall now) {
  ReportAnswer answer;
  answer.result = result;
  answer.error = {std::move(code), std::move(message), now};
  return answer;
}

/// 400, 401 and 403 are what storage services say of a link whose time is over.
ReportAnswer refused_report(int status, Wall now) {
  using enum ReportAnswer::Result;
  const bool later = status == 408 || status == 425 || status == 429 || status >= 500;
  const bool expired = status == 400 || status == 401 || status == 403;
  std::string message = "the host of the report answered " + std::to_string(status);
  if (status >= 300 && status < 400) message += ": a redirect, which is not followed";
  return failed(later     ? try_again
                : expired ? link_expired
                          : impossible,
                "HTTP_" + std::to_string(status), std::move(message), now);
}

ReportAnswer read_answer_of_host(HttpAnswer http, std::uint64_t max_size, Wall now) {
  if (http.status != 200) return refused_report(http.status, now);
  auto bytes = decoded(http.content_encoding, std::move(http.body), max_size);
  if (bytes.has_error())
    return failed(ReportAnswer::Result::impossible, bytes.error().code, bytes.error().message, now);
  if (bytes->empty())
    return failed(ReportAnswer::Result::try_again, "UNEXPECTED_BODY", "the report is empty", now);
  ReportAnswer answer;
  answer.report = std::make_shared<const Payload>(pack(*bytes, now));
  return answer;
}

ReportAnswer read_fault(const TransportError& error, Wall now) {
  if (error.code == "RESPONSE_TOO_LARGE")
    return failed(ReportAnswer::Result::impossible, error.code, "the report is larger than reports.max_size",
                  now);
  return failed(ReportAnswer::Result::try_again, error.code, error.message, now);
}

}  // namespace

bool report_host_allowed(std::string_view host, const std::vector<std::string>& allowed) {
  return std::ranges::any_of(allowed, [host](const std::string& entry) {
    const std::string_view pattern = entry;
    if (!pattern.starts_with("*.")) return equals_ignoring_case(host, pattern);
    const std::string_view domain = pattern.substr(1);
    return host.size() > domain.size() &&
           equals_ignoring_case(host.substr(host.size() - domain.size()), domain);
  });
}

boost::system::result<ReportTarget, LastError> report_target(const std::string& url,
                                                             const std::vector<std::string>& allowed,
                                                             Wall now) {
  const auto bad = [now](const char* code, std::string message) {
    return LastError{code, std::move(message), now};
  };
  const auto parsed = boost::urls::parse_uri(url);
  if (parsed.has_error()) return bad("BAD_LINK", "the link to the report is not a URL");
  const std::string origin = std::string(parsed->scheme()) + "://" + std::string(parsed->encoded_authority());
  const auto host = parse_base_url(origin);
  const bool path_follows = parsed->encoded_path().empty() || parsed->encoded_path().starts_with('/');
  if (host.has_error() || !path_follows)
    return bad("BAD_LINK", "the link to the report cannot be understood");
  if (exposes_keys(*host)) return bad("LINK_NOT_HTTPS", "the link to the report does not use https");
  if (!report_host_allowed(host->host, allowed))
    return bad("HOST_NOT_ALLOWED",
               "reports.allow does not name the report's host, " + printable(host->host, kLongestHost));
  std::string target(parsed->encoded_target());
  if (!target.starts_with('/')) target.insert(0, 1, '/');
  return ReportTarget{*host, std::move(target)};
}

ReportAnswer read_report(std::variant<HttpAnswer, TransportError> outcome, std::uint64_t max_size, Wall now) {
  if (const auto* fault = std::get_if<TransportError>(&outcome)) return read_fault(*fault, now);
  HttpAnswer& http = std::get<HttpAnswer>(outcome);
  const int status = http.status;
  ReportAnswer answer = read_answer_of_host(std::move(http), max_size, now);
  answer.http_status = status;
  return answer;
}

}  // namespace bankconnect::upstream
