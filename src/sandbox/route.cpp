#include "src/sandbox/route.hpp"

namespace bankconnect::sandbox {
namespace {

std::optional<std::string_view> without_prefix(std::string_view path) {
  for (const std::string_view prefix : {"/bank-connect/v1/", "/v1/"}) {
    if (path.starts_with(prefix)) return path.substr(prefix.size());
  }
  return std::nullopt;
}

constexpr NameTable<Call, 6> kSessionCalls{{{"session_upload_status", Call::upload_status},
                                            {"upload_status", Call::upload_status},
                                            {"initiate_processing", Call::initiate},
                                            {"progress", Call::progress},
                                            {"session_status", Call::session_status},
                                            {"insights", Call::insights}}};

// /reports/SESSION/ACCOUNT.FORMAT
std::optional<Route> report_route(std::string_view path) {
  constexpr std::string_view kReports = "/reports/";
  if (!path.starts_with(kReports)) return std::nullopt;
  path.remove_prefix(kReports.size());
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  Route route;
  route.call = Call::report;
  route.session_id = path.substr(0, slash);
  route.report = path.substr(slash + 1);
  return route;
}

}  // namespace

std::optional<Route> route_of(std::string_view path) {
  if (auto report = report_route(path)) return report;
  const auto relative = without_prefix(path);
  if (!relative) return std::nullopt;
  std::string_view rest = *relative;
  Route route;
  route.slash_missing = !rest.ends_with('/');
  if (!route.slash_missing) rest.remove_suffix(1);
  if (rest == "session" || rest == "session_data/update_webhook") {
    route.call = rest == "session" ? Call::create_session : Call::update_webhook;
    return route;
  }
  constexpr std::string_view kFolder = "session_data/";
  if (!rest.starts_with(kFolder)) return std::nullopt;
  rest.remove_prefix(kFolder.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  const auto call = value_of(kSessionCalls, rest.substr(slash + 1));
  if (!call) return std::nullopt;
  route.call = *call;
  route.session_id = rest.substr(0, slash);
  route.older_alias = rest.substr(slash + 1) == "upload_status";
  return route;
}

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

std::string_view query_value(std::string_view target, std::string_view key) {
  const std::size_t mark = target.find('?');
  std::string_view query = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    if (pair.starts_with(key) && pair.substr(key.size()).starts_with('=')) return pair.substr(key.size() + 1);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
  }
  return {};
}

std::string_view method_of(Call call) {
  switch (call) {
    case Call::create_session:
    case Call::initiate:
    case Call::update_webhook: return "POST";
    default: return "GET";
  }
}

}  // namespace bankconnect::sandbox
