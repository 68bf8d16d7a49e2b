// The calls that read or change one thing.
#include <boost/asio/post.hpp>
#include <boost/json.hpp>

#include "bankconnect/awaited.hpp"
#include "bankconnect/payload.hpp"
#include "bankconnect/view.hpp"
#include "src/control/control_impl.hpp"

namespace bankconnect {

using Task = ControlServer::Impl::Task;

namespace {

Error invalid_id() {
  return {"INVALID_SESSION_ID", "a session id is a UUID: 8-4-4-4-12 hexadecimal digits"};
}

Error not_followed(const SessionId& id) {
  return {"SESSION_NOT_FOLLOWED", "session " + id.text() + " is not followed here"};
}

/// The disk keeps somebody waiting: it is full, or a reader keeps the database's log from being emptied.
Result<void> goes_on(const char* what) {
  return Error{"STORE_UNAVAILABLE", std::string(what) + "; no need to ask again"};
}

std::optional<Command> command_named(std::string_view text) {
  for (const Command command :
       {Command::process, Command::hold, Command::release, Command::poll, Command::retry}) {
    if (name(command) == text) return command;
  }
  return std::nullopt;
}

Result<SessionQuery> query_of(const net::Request& request) {
  SessionQuery query;
  for (const auto& [key, value] : request.query) {
    if (key == "state") {
      query.state = state_named(value);
      if (!query.state)
        return Error{"BAD_REQUEST", "there is no state \"" + control::shown(value, 40) + "\""};
    } else if (key == "reference") {
      query.reference = value;
    } else if (key == "limit" || key == "after") {
      const auto number = control::number(value);
      if (!number) return Error{"BAD_REQUEST", "\"" + key + "\" must be a number"};
      if (key == "after") query.after = *number;
      if (key == "limit" && (*number < 1 || *number > kMaxSessionsPage)) {
        return Error{"BAD_REQUEST", "\"limit\" must be 1 to " + std::to_string(kMaxSessionsPage)};
      }
      if (key == "limit") query.limit = static_cast<std::uint32_t>(*number);
    } else {
      return Error{"BAD_REQUEST", "there is no parameter \"" + control::shown(key, 40) +
                                      "\"; known are state, reference, limit, after"};
    }
  }
  return query;
}

}  // namespace

Task ControlServer::Impl::send_session(Responder& responder, SessionId id, int status) {
  const auto ask = [this, id](auto done) { world.archive.session(id, done); };
  auto found = co_await awaited<Result<std::optional<SessionRecord>>>(ask);
  Error error = found.has_error() ? found.error() : not_followed(id);
  if (found.has_error() || !*found) {
    co_await refuse(responder, std::move(error));
    co_return;
  }
  SessionRecord& record = **found;
  world.follower.fill_in(record);
  std::string body = session_json(record) + "\n";
  std::string type = "application/json";
  co_await responder.send(status, std::move(type), std::move(body));
}

Task ControlServer::Impl::get_session(const Request& request, Responder& responder) {
  const auto path = control::session_path(request.path);
  if (!path.id) {
    co_await refuse(responder, invalid_id());
    co_return;
  }
  co_await send_session(responder, *path.id, 200);
}

Task ControlServer::Impl::list_sessions(const Request& request, Responder& responder) {
  const Result<SessionQuery> query = query_of(request);
  if (query.has_error()) {
    co_await refuse(responder, query.error());
    co_return;
  }
  const auto ask = [this, query = *query](auto done) { world.archive.sessions(query, done); };
  auto page = co_await awaited<Result<SessionPage>>(ask);
  if (page.has_error()) {
    co_await refuse(responder, page.error());
    co_return;
  }
  std::string body = "{\"sessions\":[";
  for (std::size_t i = 0; i < page->sessions.size(); ++i) {
    world.follower.fill_in(page->sessions[i]);
    body += (i == 0 ? "" : ",") + session_json(page->sessions[i]);
  }
  body += "],\"next\":" + (page->next == 0 ? std::string("null") : "\"" + std::to_string(page->next) + "\"") +
          "}\n";
  std::string type = "application/json";
  co_await responder.send(200, std::move(type), std::move(body));
}

Task ControlServer::Impl::get_payload(const Request& request, Responder& responder) {
  const auto path = control::session_path(request.path);
  if (!path.id) {
    co_await refuse(responder, invalid_id());
    co_return;
  }
  const SessionId id = *path.id;
  const Call kind = path.what == name(Call::insights) ? Call::insights : Call::session_status;
  const auto ask = [this, id, kind](auto done) { world.archive.payload(id, kind, done); };
  auto stored = co_await awaited<Result<std::optional<Payload>>>(ask);
  if (stored.has_error()) {
    co_await refuse(responder, stored.error());
    co_return;
  }
  if (!*stored) {
    const auto look = [this, id](auto done) { world.archive.session(id, done); };
    auto session = co_await awaited<Result<std::optional<SessionRecord>>>(look);
    if (session.has_error()) {
      co_await refuse(responder, session.error());
      co_return;
    }
    const bool followed = session.has_value() && session->has_value();
    Error error = followed ? Error{"NOT_AVAILABLE", path.what + " of this session is not stored (yet)"}
                           : not_followed(id);
    co_await refuse(responder, std::move(error));
    co_return;
  }
  const auto room = payload_room.take((*stored)->bytes);
  if (!room) {
    Error error("OVERLOADED", "too many payloads are being read at once; ask again when others have theirs");
    co_await refuse(responder, std::move(error));
    co_return;
  }
  auto bytes = co_await unpacked(std::move(**stored));
  if (bytes.has_error()) {
    co_await refuse(responder, bytes.error());
    co_return;
  }
  std::string type = "application/json";
  co_await responder.send(200, std::move(type), std::move(*bytes));
}

/// Unpacking megabytes is not for the loop.
boost::asio::awaitable<Result<std::string>> ControlServer::Impl::unpacked(Payload stored) {
  const auto payload = std::make_shared<const Payload>(std::move(stored));
  const auto work = [this, payload](auto done) {
    boost::asio::post(world.worker, [this, payload, done] {
      auto bytes = std::make_shared<Result<std::string>>();
      try {
        *bytes = unpack(*payload);
      } catch (const std::exception& error) {
        *bytes = Error{"PAYLOAD_DAMAGED", error.what()};
      }
      boost::asio::post(world.loop, [bytes, done] { done(std::move(*bytes)); });
    });
  };
  co_return co_await awaited<Result<std::string>>(work);
}

Task ControlServer::Impl::command(const Request& request, Responder& responder) {
  const auto path = control::session_path(request.path);
  const auto command = command_named(path.what);
  if (!path.id || !command) {
    co_await refuse(responder, invalid_id());
    co_return;
  }
  const SessionId id = *path.id;
  const auto act = [&, id, command = *command](auto done) {
    world.follower.command(id, command, logged(request, path.what, id, done));
  };
  Result<void> late = goes_on("not on disk yet, it takes effect as soon as it is");
  auto done = co_await awaited_within<Result<void>>(world.loop, world.patience, std::move(late), act);
  if (done.has_error()) {
    co_await refuse(responder, done.error());
    co_return;
  }
  co_await send_session(responder, id, 202);
}

Task ControlServer::Impl::erase(const Request& request, Responder& responder) {
  const auto path = control::session_path(request.path);
  if (!path.id) {
    co_await refuse(responder, invalid_id());
    co_return;
  }
  const SessionId id = *path.id;
  const auto act = [&, id](auto done) { world.follower.erase(id, logged(request, "erase", id, done)); };
  Result<void> late =
      goes_on("its last bytes are still in the database's log, and are erased as soon as possible");
  auto done = co_await awaited_within<Result<void>>(world.loop, world.patience, std::move(late), act);
  if (done.has_error()) {
    co_await refuse(responder, done.error());
    co_return;
  }
  const auto clean = [this, id](auto removed) { world.remove_files(id, removed); };
  auto cleaned = co_await awaited<Result<void>>(clean);
  if (cleaned.has_error()) {
    co_await refuse(responder, cleaned.error());
    co_return;
  }
  co_await responder.send(204, "", "");
}

Task ControlServer::Impl::backup(const Request& request, Responder& responder) {
  if (request.content_type != "application/json") {
    Error error("UNSUPPORTED_MEDIA_TYPE", "send application/json: {\"path\": \"/where/to\"}");
    co_await refuse(responder, std::move(error));
    co_return;
  }
  if (request.body.size() > control::kLongestObject) {
    Error error = control::too_long();
    co_await refuse(responder, std::move(error));
    co_return;
  }
  boost::system::error_code ec;
  const boost::json::value body = boost::json::parse(request.body, ec);
  const boost::json::object* object = ec ? nullptr : body.if_object();
  const boost::json::value* path = object != nullptr ? object->if_contains("path") : nullptr;
  if (path == nullptr || !path->is_string() || object->size() != 1) {
    Error error("BAD_REQUEST", "expected {\"path\": \"/where/to\"}");
    co_await refuse(responder, std::move(error));
    co_return;
  }
  const std::string target(path->get_string().data(), path->get_string().size());
  const auto act = [this, target](auto done) { world.archive.backup(target, done); };
  auto done = co_await awaited<Result<void>>(act);
  if (done.has_error()) {
    co_await refuse(responder, done.error());
    co_return;
  }
  log_change(request.peer_uid, "backup", "");
  std::string answer = boost::json::serialize(boost::json::object{{"path", target}}) + "\n";
  std::string type = "application/json";
  co_await responder.send(200, std::move(type), std::move(answer));
}

Task ControlServer::Impl::status(const Request& request, Responder& responder) {
  static_cast<void>(request);
  std::string body = world.status();
  std::string type = "application/json";
  co_await responder.send(200, std::move(type), std::move(body));
}

}  // namespace bankconnect
