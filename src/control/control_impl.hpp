// The control server's inside: one function per call of the contract.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "bankconnect/control.hpp"
#include "bankconnect/http_server.hpp"
#include "src/control/payload_room.hpp"
#include "src/control/submission.hpp"

namespace bankconnect {

class ControlServer::Impl {
 public:
  using Task = boost::asio::awaitable<void>;
  using Request = net::Request;
  using Responder = net::Responder;

  explicit Impl(World world);

  Task handle(const Request& request, Responder& responder);

  // calls.cpp
  Task post_sessions(const Request& request, Responder& responder);
  Task list_sessions(const Request& request, Responder& responder);
  Task get_session(const Request& request, Responder& responder);
  Task get_payload(const Request& request, Responder& responder);
  boost::asio::awaitable<Result<std::string>> unpacked(Payload stored);
  Task command(const Request& request, Responder& responder);
  Task erase(const Request& request, Responder& responder);
  Task backup(const Request& request, Responder& responder);
  Task status(const Request& request, Responder& responder);

  // webhooks.cpp
  Task list_webhooks(const Request& request, Responder& responder);
  Task register_webhook(const Request& request, Responder& responder);

  // batch.cpp
  Task submit_one(const Request& request, Responder& responder);
  Task submit_batch(const Request& request, Responder& responder);

  // events.cpp
  Task events(const Request& request, Responder& responder);
  Task wait_for_event(Responder& responder);

  Task refuse(Responder& responder, Error error);
  Task send_session(Responder& responder, SessionId id, int status);
  /// Who changed what: the uid of the socket's other end.
  void log_change(std::int64_t peer_uid, std::string_view what, std::string_view session_id);
  /// A callback that tells the log of a change once it is on disk, and then `done`, though who asked may have
  /// been answered before.
  std::function<void(Result<void>)> logged(const Request& request, std::string what, const SessionId& id,
                                           std::function<void(Result<void>)> done);

  World world;
  net::HttpServer server;
  control::PayloadRoom payload_room;
  std::set<boost::asio::steady_timer*> waiting_for_events;
  std::uint64_t events_announced = 0;
  bool stopping = false;
};

namespace control {

/// The pieces of `/v1/sessions/ID/what`.
struct SessionPath {
  std::optional<SessionId> id;
  std::string what;
};
SessionPath session_path(const std::string& path);

/// The HTTP status that fits an error code of the contract.
int status_of(const Error& error);

/// A decimal number in a query; nothing when it is not one.
std::optional<std::uint64_t> number(const std::string& text);

}  // namespace control
}  // namespace bankconnect
