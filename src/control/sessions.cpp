// The calls about sessions that are followed: reading them, commands, erasure.
#include <boost/asio/post.hpp>

#include "bankconnect/await_callback.hpp"
#include "bankconnect/payload.hpp"
#include "bankconnect/view.hpp"
#include "src/control/control_impl.hpp"

namespace bankconnect {

using Reply = ControlServer::Impl::Reply;

net::Response ControlServer::Impl::session_response(SessionRecord record, int status) const {
  dependencies_.follower.fill_in(record);
  return net::json_response(status, session_json(record) + "\n");
}

Reply ControlServer::Impl::read_session(SessionId id, int status) {
  const auto read = [this, id](auto done) { dependencies_.store.session(id, done); };
  auto found = co_await read_in_time<std::optional<SessionRecord>>(read);
  if (found.has_error()) co_return found.error();
  if (!*found) co_return not_followed(id);
  co_return session_response(std::move(**found), status);
}

Reply ControlServer::Impl::get_session(const Request& request) {
  const auto path = control::read_session_path(request.path);
  if (path.has_error()) co_return path.error();
  co_return co_await read_session(path->id, 200);
}

Reply ControlServer::Impl::list_sessions(const Request& request) {
  const auto query = control::read_session_query(request.query);
  if (query.has_error()) co_return query.error();
  const auto read = [this, query = *query](auto done) { dependencies_.store.sessions(query, done); };
  auto page = co_await read_in_time<SessionPage>(read);
  if (page.has_error()) co_return page.error();
  control::PageWriter out("sessions");
  for (SessionRecord& record : page->sessions) {
    dependencies_.follower.fill_in(record);
    out.add(session_json(record, History::left_out));
  }
  co_return net::json_response(200, out.finish(page->next));
}

Reply ControlServer::Impl::get_payload(const Request& request) {
  const auto path = control::read_session_path(request.path);
  if (path.has_error()) co_return path.error();
  const SessionId id = path->id;
  const Call kind = path->action == to_string(Call::insights) ? Call::insights : Call::session_status;
  const auto read = [this, id, kind](auto done) { dependencies_.store.payload(id, kind, done); };
  auto stored = co_await read_in_time<std::optional<Payload>>(read);
  if (stored.has_error()) co_return stored.error();
  if (!*stored) co_return co_await without_payload(id, path->action);
  co_return co_await stored_bytes(std::move(**stored), "application/json");
}

/// `reports/ACCOUNT.FORMAT`
Reply ControlServer::Impl::get_report(const Request& request) {
  const auto path = control::read_session_path(request.path);
  if (path.has_error()) co_return path.error();
  const SessionId id = path->id;
  const std::string file = path->action.substr(path->action.find('/') + 1);
  const std::size_t dot = file.rfind('.');
  const auto format =
      parse_report_format(dot == std::string::npos ? "" : std::string_view(file).substr(dot + 1));
  if (!format) co_return Error(ErrorCode::bad_request, "a report is named ACCOUNT.xlsx or ACCOUNT.xml");
  const ReportName name{file.substr(0, dot), *format};
  const auto read = [this, id, name](auto done) { dependencies_.store.report(id, name, done); };
  auto stored = co_await read_in_time<std::optional<Payload>>(read);
  if (stored.has_error()) co_return stored.error();
  if (!*stored) co_return co_await without_payload(id, "this report");
  const char* const type = *format == ReportFormat::xml
                               ? "application/xml"
                               : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  co_return co_await stored_bytes(std::move(**stored), type);
}

Reply ControlServer::Impl::stored_bytes(Payload stored, std::string content_type) {
  auto reservation = memory_budget_.reserve(stored.bytes);
  if (!reservation)
    co_return Error(ErrorCode::overloaded,
                    "too many payloads are being read at once; ask again when others have theirs");
  auto bytes = co_await decompress(std::move(stored));
  if (bytes.has_error()) co_return bytes.error();
  Response response;
  response.content_type = std::move(content_type);
  response.body = std::move(*bytes);
  response.held = std::move(reservation);
  co_return response;
}

/// Why there is no payload: it is not stored, or the session is not followed.
Reply ControlServer::Impl::without_payload(SessionId id, std::string kind) {
  const std::string what = std::move(kind);
  const auto read = [this, id](auto done) { dependencies_.store.session(id, done); };
  auto session = co_await read_in_time<std::optional<SessionRecord>>(read);
  if (session.has_error()) co_return session.error();
  if (!*session) co_return not_followed(id);
  co_return Error(ErrorCode::not_available, what + " of this session is not stored (yet)");
}

/// On the worker thread: payloads have megabytes.
boost::asio::awaitable<Result<std::string>> ControlServer::Impl::decompress(Payload stored) {
  const auto payload = std::make_shared<const Payload>(std::move(stored));
  const auto work = [this, payload](auto done) {
    boost::asio::post(dependencies_.worker, [this, payload, done] {
      auto bytes = std::make_shared<Result<std::string>>();
      try {
        *bytes = unpack(*payload);
      } catch (const std::exception& error) {
        *bytes = Error{ErrorCode::payload_damaged, error.what()};
      }
      boost::asio::post(dependencies_.loop, [bytes, done] { done(std::move(*bytes)); });
    });
  };
  co_return co_await write_in_time<std::string>("it could not be unpacked in time; ask again", work);
}

Reply ControlServer::Impl::command(const Request& request) {
  const auto path = control::read_session_path(request.path);
  if (path.has_error()) co_return path.error();
  const SessionId id = path->id;
  const Command command = *parse_command(path->action);  // the route's last part is a command
  const auto act = [this, &request, &path, id, command](Done<std::optional<SessionRecord>> done) {
    dependencies_.follower.command(id, command, logged(request.peer_uid, path->action, id, std::move(done)));
  };
  auto done = co_await write_in_time<std::optional<SessionRecord>>(
      "not on disk yet, it may still take effect; look at the session, and ask again if it has not", act);
  if (done.has_error()) co_return done.error();
  if (*done) co_return session_response(std::move(**done), 202);
  co_return co_await read_session(id, 202);
}

Reply ControlServer::Impl::erase(const Request& request) {
  const auto path = control::read_session_path(request.path);
  if (path.has_error()) co_return path.error();
  const SessionId id = path->id;
  const auto act = [this, &request, id](Done<void> done) {
    dependencies_.follower.erase(id, logged(request.peer_uid, "erase", id, std::move(done)));
  };
  auto done = co_await write_in_time<void>(
      "not erased from the disk yet, it may still be; ask again to be sure", act);
  if (done.has_error()) co_return done.error();
  const auto remove = [this, id](auto removed) { dependencies_.remove_file(id, removed); };
  auto removed = co_await write_in_time<void>("it is erased, and its status file is not removed yet", remove);
  if (removed.has_error()) co_return removed.error();
  Response response;
  response.status = 204;
  co_return response;
}

}  // namespace bankconnect
