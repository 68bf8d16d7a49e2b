// Which call a request is: a constant table. An unknown path and a wrong method are different answers.
#include <array>
#include <charconv>

#include "bankconnect/view.hpp"
#include "src/control/control_impl.hpp"

namespace bankconnect {

namespace {

using Impl = ControlServer::Impl;
using control::shown;

/// A route's path is matched whole, or, with `*`, with a session id in the star's place.
struct Route {
  std::string_view method;
  std::string_view path;
  Impl::Task (Impl::*call)(const net::Request&, net::Responder&);
};

constexpr std::array kRoutes = {
    Route{"POST", "/v1/sessions", &Impl::post_sessions},
    Route{"GET", "/v1/sessions", &Impl::list_sessions},
    Route{"GET", "/v1/sessions/*", &Impl::get_session},
    Route{"DELETE", "/v1/sessions/*", &Impl::erase},
    Route{"GET", "/v1/sessions/*/session_status", &Impl::get_payload},
    Route{"GET", "/v1/sessions/*/insights", &Impl::get_payload},
    Route{"POST", "/v1/sessions/*/process", &Impl::command},
    Route{"POST", "/v1/sessions/*/hold", &Impl::command},
    Route{"POST", "/v1/sessions/*/release", &Impl::command},
    Route{"POST", "/v1/sessions/*/poll", &Impl::command},
    Route{"POST", "/v1/sessions/*/retry", &Impl::command},
    Route{"GET", "/v1/events", &Impl::events},
    Route{"GET", "/v1/webhooks", &Impl::list_webhooks},
    Route{"POST", "/v1/register-webhook", &Impl::register_webhook},
    Route{"POST", "/v1/backup", &Impl::backup},
    Route{"GET", "/v1/status", &Impl::status},
};

bool matches(std::string_view pattern, std::string_view path) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == path;
  const std::string_view before = pattern.substr(0, star);
  const std::string_view after = pattern.substr(star + 1);
  if (!path.starts_with(before) || path.size() <= before.size() + after.size()) return false;
  const std::string_view middle = path.substr(before.size(), path.size() - before.size() - after.size());
  return path.ends_with(after) && middle.find('/') == std::string_view::npos;
}

net::ServerLimits limits() {
  net::ServerLimits limits;
  limits.max_connections = 256;
  limits.max_body = 32ULL << 20;  // 100,000 sessions with references of full length
  limits.max_bodies = 4 * limits.max_body;
  return limits;
}

}  // namespace

namespace control {

SessionPath session_path(const std::string& path) {
  constexpr std::string_view kPrefix = "/v1/sessions/";
  std::string_view rest = std::string_view(path).substr(std::min(kPrefix.size(), path.size()));
  const auto slash = rest.find('/');
  SessionPath out;
  out.id = SessionId::parse(rest.substr(0, slash));
  if (slash != std::string_view::npos) out.what = rest.substr(slash + 1);
  return out;
}

int status_of(const Error& error) {
  constexpr std::array<std::pair<std::string_view, int>, 15> kStatus = {{{"BAD_REQUEST", 400},
                                                                         {"INVALID_SESSION_ID", 400},
                                                                         {"SESSION_NOT_FOLLOWED", 404},
                                                                         {"NO_SUCH_ENDPOINT", 404},
                                                                         {"NOT_AVAILABLE", 404},
                                                                         {"METHOD_NOT_ALLOWED", 405},
                                                                         {"WRONG_STATE", 409},
                                                                         {"EVENTS_GONE", 410},
                                                                         {"PAYLOAD_TOO_LARGE", 413},
                                                                         {"UNSUPPORTED_MEDIA_TYPE", 415},
                                                                         {"STORE_UNAVAILABLE", 503},
                                                                         {"OVERLOADED", 503},
                                                                         {"WEBHOOK_NOT_CONFIGURED", 409},
                                                                         {"BACKUP_FAILED", 500},
                                                                         {"PAYLOAD_DAMAGED", 500}}};
  for (const auto& [code, status] : kStatus) {
    if (error.code == code) return status;
  }
  return 500;
}

std::optional<std::uint64_t> number(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace control

ControlServer::Impl::Impl(World world_)
    : world(std::move(world_)),
      server(
          world.loop, limits(),
          [this](const Request& request, Responder& responder) { return handle(request, responder); },
          [](const net::Rejection& rejection) {
            return error_json({rejection.code, rejection.message});
          }),
      payload_room(world.max_payloads) {}

ControlServer::Impl::Task ControlServer::Impl::handle(const Request& request, Responder& responder) {
  const Route* route = nullptr;
  std::string allowed;
  for (const Route& candidate : kRoutes) {
    if (!matches(candidate.path, request.path)) continue;
    const bool same = candidate.method == request.method;
    const bool head_of_it = request.method == "HEAD" && candidate.method == "GET";
    if (same || head_of_it) route = &candidate;
    allowed += (allowed.empty() ? "" : ", ") + std::string(candidate.method);
    if (candidate.method == "GET") allowed += ", HEAD";
  }
  if (request.method == "OPTIONS" && (!allowed.empty() || request.path == "*")) {
    if (!allowed.empty()) responder.header("Allow", allowed + ", OPTIONS");
    std::string none;
    co_await responder.send(204, none, none);
    co_return;
  }
  if (route != nullptr && stopping && request.method != "GET" && request.method != "HEAD") {
    Error error("STORE_UNAVAILABLE", "the daemon is stopping");
    co_await refuse(responder, std::move(error));
    co_return;
  }
  if (route != nullptr) {
    co_await (this->*route->call)(request, responder);
    co_return;
  }
  Error error("NO_SUCH_ENDPOINT", "there is no " + shown(request.path, 200));
  if (!allowed.empty()) {
    error = Error("METHOD_NOT_ALLOWED",
                  shown(request.path, 200) + " takes " + allowed + ", not " + shown(request.method, 40));
    responder.header("Allow", allowed + ", OPTIONS");
  }
  co_await refuse(responder, std::move(error));
}

ControlServer::Impl::Task ControlServer::Impl::refuse(Responder& responder, Error error) {
  const int status = control::status_of(error);
  std::string body = error_json(error) + "\n";
  std::string type = "application/json";
  co_await responder.send(status, std::move(type), std::move(body));
}

void ControlServer::Impl::log_change(std::int64_t peer_uid, std::string_view what,
                                     std::string_view session_id) {
  world.log.info("control", "", {{"command", what}, {"session_id", session_id}, {"peer_uid", peer_uid}});
}

std::function<void(Result<void>)> ControlServer::Impl::logged(const Request& request, std::string what,
                                                              const SessionId& id,
                                                              std::function<void(Result<void>)> done) {
  return [this, peer_uid = request.peer_uid, what = std::move(what), id,
          done = std::move(done)](Result<void> result) {
    if (result.has_value()) log_change(peer_uid, what, id.text());
    done(std::move(result));
  };
}

ControlServer::ControlServer(World world) : impl_(std::make_unique<Impl>(std::move(world))) {}
ControlServer::~ControlServer() = default;
void ControlServer::serve(int listening_fd) {
  impl_->server.serve(listening_fd);
}

void ControlServer::event_committed() {
  ++impl_->events_announced;
  for (boost::asio::steady_timer* timer : impl_->waiting_for_events)
    timer->cancel();
}

void ControlServer::stop() {
  impl_->stopping = true;
  impl_->server.stop();
  event_committed();
}

std::uint32_t ControlServer::connections() const {
  return impl_->server.connections();
}

}  // namespace bankconnect
