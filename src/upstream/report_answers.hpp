// What a link to a report leads to, and what the answer of its host means. Pure: no I/O, no clock.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bankconnect/base_url.hpp"
#include "bankconnect/ports.hpp"
#include "src/upstream/answers.hpp"

namespace bankconnect::upstream {

struct ReportTarget {
  BaseUrl host;        ///< without a path
  std::string target;  ///< path and query, as the link has them
};

/// Whether `reports.allow` names the host: by itself, or by `*.` and a domain that it is in.
bool report_host_allowed(std::string_view host, const std::vector<std::string>& allowed);

/// The error says why the link is not followed, and does not contain it: BAD_LINK, LINK_NOT_HTTPS (http is
/// for loopback only), HOST_NOT_ALLOWED.
boost::system::result<ReportTarget, LastError> report_target(const std::string& url,
                                                             const std::vector<std::string>& allowed,
                                                             Wall now);

/// CPU-heavy; called on a worker thread.
ReportAnswer read_report(std::variant<HttpAnswer, TransportError> outcome, std::uint64_t max_size, Wall now);

}  // namespace bankconnect::upstream
