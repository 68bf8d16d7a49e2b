// The event log as a stream. A reader that remembers the last `seq` it saw misses nothing.
#include <boost/asio/as_tuple.hpp>
#include <boost/json.hpp>

#include "bankconnect/awaited.hpp"
#include "bankconnect/view.hpp"
#include "src/control/control_impl.hpp"

namespace bankconnect {

using Task = ControlServer::Impl::Task;

namespace {

constexpr auto kTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

struct Wish {
  std::optional<std::uint64_t> after;
  std::uint64_t limit = UINT64_MAX;
  bool follow = false;
};

Result<Wish> wish_of(const net::Request& request) {
  Wish wish;
  for (const auto& [key, value] : request.query) {
    const auto number = control::number(value);
    if (key == "follow") {
      if (value != "true" && value != "false")
        return Error{"BAD_REQUEST", "\"follow\" must be true or false"};
      wish.follow = value == "true";
    } else if (key == "after" && number) {
      wish.after = *number;
    } else if (key == "limit" && number && *number > 0) {
      wish.limit = *number;
    } else {
      return Error{"BAD_REQUEST", "expected after=SEQ, limit=COUNT or follow=true, not " +
                                      control::shown(key, 40) + "=" + control::shown(value, 40)};
    }
  }
  return wish;
}

std::string gone_json(std::uint64_t after, std::uint64_t oldest) {
  boost::json::object error;
  error["code"] = "EVENTS_GONE";
  error["message"] = "events right after " + std::to_string(after) +
                     " are past retention; the oldest left is " + std::to_string(oldest);
  error["oldest"] = oldest;
  return boost::json::serialize(boost::json::object{{"error", error}}) + "\n";
}

}  // namespace

Task ControlServer::Impl::events(const Request& request, Responder& responder) {
  const Result<Wish> wish = wish_of(request);
  if (wish.has_error()) {
    co_await refuse(responder, wish.error());
    co_return;
  }
  if (wish->follow && !responder.claim_place()) {
    Error error("OVERLOADED", "too many readers follow the events already; try again when one is gone");
    co_await refuse(responder, std::move(error));
    co_return;
  }
  std::uint64_t seen = wish->after.value_or(0);
  std::uint64_t left = wish->limit;
  bool begun = false;
  while (responder.connected() && left > 0) {
    const auto most = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, kMaxEventsPage));
    const std::uint64_t announced = events_announced;
    const auto ask = [this, seen, most](auto done) { world.archive.events(seen, most, done); };
    auto page = co_await awaited<Result<EventPage>>(ask);
    if (page.has_error()) {
      if (begun) break;
      co_await refuse(responder, page.error());
      co_return;
    }
    if (page->gone && !wish->after && !begun) {
      seen = page->oldest - 1;
      continue;
    }
    if (page->gone) {
      if (begun) break;  // a reader that slow must begin again, and is told so then
      std::string body = gone_json(seen, page->oldest);
      co_await responder.send(410, "application/json", std::move(body));
      co_return;
    }
    if (!begun) {
      co_await responder.begin(200, "application/x-ndjson");
      begun = true;
      if (request.method == "HEAD") break;  // nothing would ever be written
    }
    std::string lines;
    for (const EventRecord& event : page->events)
      lines += event_json(event) + "\n";
    co_await responder.write(std::move(lines));
    left -= page->events.size();
    if (!page->events.empty()) {
      seen = page->events.back().seq;
      continue;
    }
    if (!wish->follow || stopping) break;
    // An event that was announced since the last look is not waited for.
    if (announced == events_announced) co_await wait_for_event(responder);
  }
  if (!begun) {
    co_await responder.send(200, "application/x-ndjson", "");
    co_return;
  }
  co_await responder.end();
}

/// Until an event is committed, the reader goes away, or a while has passed.
Task ControlServer::Impl::wait_for_event(Responder& responder) {
  auto timer = std::make_shared<boost::asio::steady_timer>(world.loop, std::chrono::seconds(10));
  responder.on_close([timer] { timer->cancel(); });
  waiting_for_events.insert(timer.get());
  auto waited = co_await timer->async_wait(kTuple);
  static_cast<void>(waited);
  waiting_for_events.erase(timer.get());
}

}  // namespace bankconnect
