// Finds the call that a request is for in a constant table, and turns its outcome into a response. An unknown
// path and a wrong method are different errors.
#include <algorithm>
#include <array>

#include "bankconnect/text.hpp"
#include "bankconnect/view.hpp"
#include "src/control/control_impl.hpp"

namespace bankconnect {

namespace {

using Impl = ControlServer::Impl;

/// `*` in a path stands for a session id, or for the name of a report.
struct Route {
  std::string_view method;
  std::string_view path;
  Impl::Reply (Impl::*call)(const net::Request&);
};

constexpr std::array kRoutes = {
    Route{"POST", "/v1/sessions", &Impl::post_sessions},
    Route{"GET", "/v1/sessions", &Impl::list_sessions},
    Route{"GET", "/v1/sessions/*", &Impl::get_session},
    Route{"DELETE", "/v1/sessions/*", &Impl::erase},
    Route{"GET", "/v1/sessions/*/session_status", &Impl::get_payload},
    Route{"GET", "/v1/sessions/*/insights", &Impl::get_payload},
    Route{"GET", "/v1/sessions/*/reports/*", &Impl::get_report},
    Route{"POST", "/v1/sessions/*/process", &Impl::command},
    Route{"POST", "/v1/sessions/*/hold", &Impl::command},
    Route{"POST", "/v1/sessions/*/release", &Impl::command},
    Route{"POST", "/v1/sessions/*/poll", &Impl::command},
    Route{"POST", "/v1/sessions/*/retry", &Impl::command},
    Route{"POST", "/v1/sessions/*/refresh", &Impl::command},
    Route{"GET", "/v1/events", &Impl::events},
    Route{"GET", "/v1/webhooks", &Impl::list_webhooks},
    Route{"POST", "/v1/register-webhook", &Impl::register_webhook},
    Route{"POST", "/v1/backup", &Impl::backup},
    Route{"POST", "/v1/resume", &Impl::resume},
    Route{"GET", "/v1/status", &Impl::status},
};

/// Part by part: `*` is any part but an empty one.
bool matches(std::string_view pattern, std::string_view path) {
  while (!pattern.empty() && !path.empty()) {
    const std::string_view expected = pattern.substr(0, pattern.find('/'));
    const std::string_view given = path.substr(0, path.find('/'));
    if (expected == "*" ? given.empty() : expected != given) return false;
    const bool last = expected.size() == pattern.size();
    if (last != (given.size() == path.size())) return false;
    if (last) return true;
    pattern.remove_prefix(expected.size() + 1);
    path.remove_prefix(given.size() + 1);
  }
  return pattern.empty() && path.empty();
}

struct Found {
  const Route* route = nullptr;  ///< null: the path is unknown, or the method is another one
  std::string allowed;           ///< the path's methods, for the header field Allow; empty: unknown path
};

Found find_route(const net::Request& request) {
  Found found;
  for (const Route& route : kRoutes) {
    if (!matches(route.path, request.path)) continue;
    const bool head = request.method == "HEAD" && route.method == "GET";
    if (route.method == request.method || head) found.route = &route;
    found.allowed += std::string(route.method) + (route.method == "GET" ? ", HEAD, " : ", ");
  }
  if (!found.allowed.empty()) found.allowed += "OPTIONS";
  return found;
}

net::Response options_response(const std::string& allowed) {
  net::Response response;
  response.status = 204;
  if (!allowed.empty()) response.headers.emplace_back("Allow", allowed);
  return response;
}

net::Response no_route_response(const net::Request& request, const std::string& allowed) {
  constexpr std::size_t kLongestPath = 200;
  constexpr std::size_t kLongestMethod = 40;
  const std::string path = printable(request.path, kLongestPath);
  if (allowed.empty()) {
    return control::error_response({ErrorCode::no_such_endpoint, "there is no " + path});
  }
  const std::string methods = allowed.substr(0, allowed.rfind(", "));
  net::Response response =
      control::error_response({ErrorCode::method_not_allowed, path + " takes " + methods + ", not " +
                                                                  printable(request.method, kLongestMethod)});
  response.headers.emplace_back("Allow", allowed);
  return response;
}

net::ServerLimits limits_for(std::uint32_t max_connections) {
  net::ServerLimits limits;
  limits.max_connections = max_connections;
  limits.max_body = 32ULL << 20;  // 100,000 sessions with references of full length
  limits.max_bodies = 4 * limits.max_body;
  return limits;
}

}  // namespace

namespace control {

Result<SessionPath> read_session_path(const std::string& path) {
  constexpr std::string_view kPrefix = "/v1/sessions/";
  const std::string_view rest = std::string_view(path).substr(std::min(kPrefix.size(), path.size()));
  const auto slash = rest.find('/');
  const auto id = read_session_id(rest.substr(0, slash));
  if (id.has_error()) return id.error();
  return SessionPath{*id, std::string(slash == std::string_view::npos ? "" : rest.substr(slash + 1))};
}

net::Response error_response(const Error& error) {
  return net::json_response(http_status(error.code), error_json(error) + "\n");
}

void PageWriter::add(const std::string& json) {
  if (!std::exchange(empty_, false)) text_ += ",";
  text_ += json;
}

std::string PageWriter::finish(std::uint64_t next) {
  text_ += "],\"next\":";
  text_ += next == 0 ? std::string("null") : '"' + std::to_string(next) + '"';
  text_ += "}\n";
  return std::move(text_);
}

}  // namespace control

ControlServer::Impl::Impl(Dependencies dependencies)
    : dependencies_(std::move(dependencies)),
      server_(
          dependencies_.loop, limits_for(dependencies_.max_connections),
          [this](const Request& request) { return handle(request); },
          [](const net::Rejection& rejection) {
            return error_json({rejection.code, rejection.message});
          }),
      memory_budget_(dependencies_.max_payload_bytes) {}

boost::asio::awaitable<net::Response> ControlServer::Impl::handle(const Request& request) {
  const Found found = find_route(request);
  if (request.method == "OPTIONS" && (!found.allowed.empty() || request.path == "*"))
    co_return options_response(found.allowed);
  if (found.route == nullptr) co_return no_route_response(request, found.allowed);
  const bool reads = found.route->method == "GET";
  if (stopping_ && !reads)
    co_return control::error_response({ErrorCode::store_unavailable, "the daemon is stopping"});
  Result<Response> outcome = co_await (this->*found.route->call)(request);
  if (outcome.has_error()) co_return control::error_response(outcome.error());
  co_return std::move(*outcome);
}

ControlServer::Impl::Reply ControlServer::Impl::status(const Request& /*request*/) {
  Response response = net::json_response(200, dependencies_.status());
  co_return response;
}

void ControlServer::Impl::log_change(std::int64_t peer_uid, std::string_view what,
                                     std::string_view session_id) {
  dependencies_.log.info("control", "",
                         {{"command", what}, {"session_id", session_id}, {"peer_uid", peer_uid}});
}

void ControlServer::Impl::event_committed(const EventRecord& event) {
  recent_events_.add(event);
  wake_event_streams();
}

void ControlServer::Impl::wake_event_streams() {
  ++events_announced_;
  for (boost::asio::steady_timer* timer : waiting_for_events_)
    timer->cancel();
}

void ControlServer::Impl::session_erased(const SessionId& id) {
  recent_events_.clear();
  constexpr std::size_t kErasuresKept = 1000;
  erased_.push_back(id);
  if (erased_.size() > kErasuresKept) {
    erased_.pop_front();
    ++erased_before_;
  }
  wake_event_streams();
}

void ControlServer::Impl::stop() {
  stopping_ = true;
  server_.stop();
  wake_event_streams();
}

ControlServer::ControlServer(Dependencies dependencies)
    : impl_(std::make_unique<Impl>(std::move(dependencies))) {}
ControlServer::~ControlServer() = default;
void ControlServer::serve(int listening_fd) {
  impl_->serve(listening_fd);
}
void ControlServer::event_committed(const EventRecord& event) {
  impl_->event_committed(event);
}
void ControlServer::session_erased(const SessionId& id) {
  impl_->session_erased(id);
}
void ControlServer::stop() {
  impl_->stop();
}
std::uint32_t ControlServer::connections() const {
  return impl_->connections();
}

}  // namespace bankconnect
