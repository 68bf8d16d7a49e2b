// The control server's inside: one function for each call of docs/control-socket.md.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "bankconnect/await_callback.hpp"
#include "bankconnect/control.hpp"
#include "bankconnect/http_server.hpp"
#include "src/control/batch_line.hpp"
#include "src/control/memory_budget.hpp"
#include "src/control/query.hpp"
#include "src/control/recent_events.hpp"

namespace bankconnect {

struct EventsCursor;
struct Batch;

class ControlServer::Impl {
 public:
  using Request = net::Request;
  using Response = net::Response;
  /// What a call answers; an error becomes the response that `error_response` makes of it.
  using Reply = boost::asio::awaitable<Result<Response>>;

  explicit Impl(Dependencies dependencies);

  void serve(int listening_fd) {
    server_.stop_listening();
    server_.serve(listening_fd);
  }
  std::uint32_t connections() const { return server_.connections(); }
  void event_committed(const EventRecord& event);
  void session_erased(const SessionId& id);
  void stop();

  // routes.cpp
  void wake_event_streams();
  boost::asio::awaitable<Response> handle(const Request& request);
  Reply status(const Request& request);

  // sessions.cpp
  Reply list_sessions(const Request& request);
  Reply get_session(const Request& request);
  Reply get_payload(const Request& request);
  Reply get_report(const Request& request);
  Reply command(const Request& request);
  Reply erase(const Request& request);

  // submit.cpp
  Reply post_sessions(const Request& request);

  // events.cpp
  Reply events(const Request& request);

  // webhooks.cpp
  Reply list_webhooks(const Request& request);
  Reply register_webhook(const Request& request);

  // backup.cpp
  Reply backup(const Request& request);
  Reply resume(const Request& request);

 private:
  Reply submit_one(const Request& request);
  Reply submit_batch(const Request& request);
  boost::asio::awaitable<Result<std::string>> submit_chunk(Batch& batch);
  boost::asio::awaitable<void> submit_rest(std::shared_ptr<Batch> batch, std::string results,
                                           net::BodyStream& out);
  Reply read_session(SessionId id, int status);
  Response session_response(SessionRecord record, int status) const;
  Reply stored_bytes(Payload stored, std::string content_type);
  Reply without_payload(SessionId id, std::string kind);
  boost::asio::awaitable<Result<std::string>> decompress(Payload stored);
  boost::asio::awaitable<Result<EventPage>> read_events(EventsCursor& cursor);
  boost::asio::awaitable<void> stream_events(EventsCursor from, EventPage first, net::BodyStream& out);
  boost::asio::awaitable<void> follow_events(EventsCursor& cursor, net::BodyStream& out);
  boost::asio::awaitable<void> wait_for_event(net::BodyStream& out);
  std::string erasures_since(EventsCursor& cursor) const;

  /// Logs who changed what: the user id of the socket's other end.
  void log_change(std::int64_t peer_uid, std::string_view what, std::string_view session_id);
  /// Logs a change once it is durable, then calls `done`, also when the request was answered before.
  template <class T>
  Done<T> logged(std::int64_t peer_uid, std::string what, const SessionId& id, Done<T> done) {
    return [this, peer_uid, what = std::move(what), id, done = std::move(done)](Result<T> result) {
      if (result.has_value()) log_change(peer_uid, what, id.text());
      done(std::move(result));
    };
  }

  /// `start(done)` asks for a write. When it takes longer than a client is kept waiting the result is the
  /// error `late`, and what becomes of the write is dropped.
  template <class T, class Start>
  boost::asio::awaitable<Result<T>> write_in_time(const char* late, Start start) {
    return await_callback_for<Result<T>>(dependencies_.loop, dependencies_.commit_timeout,
                                         Error(ErrorCode::store_unavailable, late), std::move(start));
  }
  /// The same for a read.
  template <class T, class Start>
  boost::asio::awaitable<Result<T>> read_in_time(Start start) {
    return write_in_time<T>("the database does not answer: its disk is slow or hangs", std::move(start));
  }

  Dependencies dependencies_;
  net::HttpServer server_;
  control::MemoryBudget memory_budget_;
  std::set<boost::asio::steady_timer*> waiting_for_events_;
  std::uint64_t events_announced_ = 0;
  control::RecentEvents recent_events_;
  std::deque<SessionId> erased_;     ///< the latest, for those that follow the events
  std::uint64_t erased_before_ = 0;  ///< erasures before those
  bool stopping_ = false;
};

namespace control {

/// The pieces of `/v1/sessions/ID/action`.
struct SessionPath {
  SessionId id;
  std::string action;  ///< empty when there is none
};
/// Error INVALID_SESSION_ID.
Result<SessionPath> read_session_path(const std::string& path);

/// `{"error":…}` with the status that belongs to the code.
net::Response error_response(const Error& error);

/// A page of a list as JSON: `{"NAME":[…],"next":"…"}`.
class PageWriter {
 public:
  explicit PageWriter(std::string_view name) : text_("{\"" + std::string(name) + "\":[") {}
  void add(const std::string& json);
  /// `next`: 0 on the last page.
  std::string finish(std::uint64_t next);

 private:
  std::string text_;
  bool empty_ = true;
};

}  // namespace control
}  // namespace bankconnect
