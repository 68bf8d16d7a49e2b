// The event log as a stream. A client that remembers the last `seq` it received misses none.
#include <boost/json.hpp>

#include "bankconnect/await_callback.hpp"
#include "bankconnect/view.hpp"
#include "src/control/control_impl.hpp"

namespace bankconnect {

using Reply = ControlServer::Impl::Reply;

namespace {

constexpr auto kLongestWait = std::chrono::seconds(10);
constexpr const char* kLogIdHeader = "Log-Id";

std::string error_line(const boost::json::object& error) {
  return boost::json::serialize(boost::json::object{{"error", error}}) + "\n";
}

boost::json::object gone_error(std::uint64_t after, const EventPage& page) {
  boost::json::object error = error_object(
      {ErrorCode::events_gone, "events right after " + std::to_string(after) +
                                   " are past retention; the oldest left is " + std::to_string(page.oldest)});
  error["oldest"] = page.oldest;
  return error;
}

net::Response gone_response(std::uint64_t after, const EventPage& page) {
  return net::json_response(http_status(ErrorCode::events_gone), error_line(gone_error(after, page)));
}

/// Why the reader's place is not one in this log: it remembers more than there is, or names another log.
std::string not_in_this_log(const control::EventsQuery& query, const EventPage& page) {
  if (query.after_log && *query.after_log != page.log_id)
    return "this is another event log than the one that \"after_log\" names: the database is a "
           "restored copy, or a new one";
  if (query.after && *query.after > page.newest)
    return "the log ends at " + std::to_string(page.newest) +
           ": the database was replaced by an older one, or \"after\" is not of this log";
  return "";
}

net::Response ahead_response(std::string message, const EventPage& page) {
  boost::json::object error = error_object({ErrorCode::events_ahead, std::move(message)});
  error["newest"] = page.newest;
  error["log_id"] = page.log_id;
  return net::json_response(http_status(ErrorCode::events_ahead), error_line(error));
}

std::string erasure_line(const SessionId& id) {
  return boost::json::serialize(boost::json::object{{"erased", true}, {"session_id", id.text()}}) + "\n";
}

std::string lines_of(const EventPage& page) {
  std::string lines;
  for (const EventRecord& event : page.events)
    lines += event_json(event) + "\n";
  return lines;
}

}  // namespace

/// How far a client has come in the log.
struct EventsCursor {
  std::uint64_t after = 0;
  std::uint64_t left = UINT64_MAX;  ///< events still wanted
  bool follow = false;
  std::optional<SessionId> id;  ///< of this session only
  /// The server's count of events before the last page was read: an event committed between that read and the
  /// wait for the next event raises the count, and is not slept through.
  std::uint64_t announced = 0;
  std::uint64_t erasures = 0;  ///< those told, counted from the server's start
  std::string told = {};       ///< lines about those known before the last page was read

  void pass(const EventPage& page) {
    left -= page.events.size();
    if (!page.events.empty()) after = page.events.back().seq;
  }
};

/// A line for each session that was erased since the last time; a client that was too slow misses the oldest.
std::string ControlServer::Impl::erasures_since(EventsCursor& cursor) const {
  std::string lines;
  for (std::uint64_t number = std::max(cursor.erasures, erased_before_);
       number < erased_before_ + erased_.size(); ++number) {
    const SessionId& id = erased_[number - erased_before_];
    if (cursor.id && *cursor.id != id) continue;
    lines += erasure_line(id);
  }
  cursor.erasures = erased_before_ + erased_.size();
  return lines;
}

boost::asio::awaitable<Result<EventPage>> ControlServer::Impl::read_events(EventsCursor& cursor) {
  cursor.told = cursor.follow ? erasures_since(cursor) : "";
  const auto most = static_cast<std::uint32_t>(std::min<std::uint64_t>(cursor.left, kMaxEventsPage));
  cursor.announced = events_announced_;
  const auto read = [this, after = cursor.after, most, id = cursor.id](auto done) {
    dependencies_.store.events({after, most, id}, done);
  };
  co_return co_await read_in_time<EventPage>(read);
}

Reply ControlServer::Impl::events(const Request& request) {
  const auto query = control::read_events_query(request.query);
  if (query.has_error()) co_return query.error();
  EventsCursor cursor{query->after.value_or(0), query->limit, query->follow, query->id};
  cursor.erasures = erased_before_ + erased_.size();
  Result<EventPage> page = co_await read_events(cursor);
  // Without `after`, the log begins where retention has left it; that may have moved between two reads.
  while (page.has_value() && page->gone && !query->after) {
    cursor.after = page->oldest - 1;
    page = co_await read_events(cursor);
  }
  if (page.has_error()) co_return page.error();
  if (const std::string fault = not_in_this_log(*query, *page); !fault.empty())
    co_return ahead_response(fault, *page);
  if (page->gone) co_return gone_response(cursor.after, *page);
  if (page->unknown_session) co_return not_followed(*query->id);
  Response response;
  response.content_type = "application/x-ndjson";
  response.unbounded_stream = cursor.follow;
  response.headers.emplace_back(kLogIdHeader, page->log_id);
  response.stream = [this, cursor, first = std::move(*page)](net::BodyStream& out) mutable {
    return stream_events(cursor, std::move(first), out);
  };
  co_return response;
}

boost::asio::awaitable<void> ControlServer::Impl::stream_events(EventsCursor from, EventPage first,
                                                                net::BodyStream& out) {
  EventsCursor cursor = from;
  Result<EventPage> page = std::move(first);
  while (page.has_value() && !page->gone && !page->unknown_session) {
    std::string lines = std::exchange(cursor.told, "") + lines_of(*page);
    cursor.pass(*page);
    co_await out.write(std::move(lines));
    if (!out.connected() || cursor.left == 0) break;
    if (page->events.empty())
      cursor.after = std::max(cursor.after, page->newest);  // others' events are passed
    if (page->events.empty() && (!cursor.follow || stopping_)) break;
    if (page->events.empty()) co_await follow_events(cursor, out);
    if (!out.connected() || cursor.left == 0) break;
    page = co_await read_events(cursor);
  }
  // The status was sent long ago: the last lines say why there is no more.
  std::string error = std::move(cursor.told);
  // Its erasure may be on disk before it is announced.
  if (page.has_value() && page->unknown_session && error.empty()) error = erasure_line(*cursor.id);
  if (page.has_error()) error += error_json(page.error()) + "\n";
  if (page.has_value() && page->gone) error += error_line(gone_error(cursor.after, *page));
  if (!error.empty()) co_await out.write(std::move(error));
}

/// At the end of the log: writes the events that are announced, for as long as they are among the recent
/// ones. An erasure empties those: then the store is asked, which knows whether the session followed is still
/// there.
boost::asio::awaitable<void> ControlServer::Impl::follow_events(EventsCursor& cursor, net::BodyStream& out) {
  // An event announced since the page was read need not be waited for.
  if (cursor.announced == events_announced_) co_await wait_for_event(out);
  while (out.connected() && cursor.left > 0 && !stopping_) {
    const auto page = recent_events_.after(cursor.after, cursor.left, cursor.id);
    if (!page) co_return;
    cursor.announced = events_announced_;
    cursor.left -= page->count;
    cursor.after = page->last;
    std::string lines = erasures_since(cursor) + page->lines;
    co_await out.write(std::move(lines));
    if (out.connected() && cursor.left > 0 && cursor.announced == events_announced_)
      co_await wait_for_event(out);
  }
}

/// Until an event is committed, the client goes away, or the longest wait has passed.
boost::asio::awaitable<void> ControlServer::Impl::wait_for_event(net::BodyStream& out) {
  auto timer = std::make_shared<boost::asio::steady_timer>(dependencies_.loop, kLongestWait);
  out.on_close([timer] { timer->cancel(); });
  waiting_for_events_.insert(timer.get());
  auto waited = co_await timer->async_wait(kAsTuple);
  static_cast<void>(waited);
  waiting_for_events_.erase(timer.get());
}

}  // namespace bankconnect
