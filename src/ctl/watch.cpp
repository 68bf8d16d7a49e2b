// Watching sessions: on a terminal a line a session, redrawn; in a pipe the events themselves.
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <set>
#include <thread>

#include "src/ctl/commands.hpp"
#include "src/ctl/format.hpp"

namespace bankconnect::ctl {

namespace json = boost::json;

namespace {

constexpr auto kRedraw = std::chrono::milliseconds(500);

struct Screen {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

Screen screen_size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row < 3) return {};
  return {size.ws_col, size.ws_row};
}

/// The sessions to draw: the named ones, or as many open ones as fit.
int fetch(const Context& context, const std::vector<std::string>& ids, std::size_t fit,
          std::vector<json::object>& out) {
  out.clear();
  if (ids.empty()) {
    for (const char* state : {"PROCESSING", "COMPLETED", "EXPIRED", "IN_PROGRESS", "NO_UPLOADS"}) {
      const Reply reply = context.client.request(
          "GET",
          "/v1/sessions?limit=" + std::to_string(std::min<std::size_t>(fit, 1000)) + "&state=" + state);
      if (reply.status != 200) return refused(reply);
      const json::object page = context.shown(reply.body);
      for (const json::value& session : page.at("sessions").as_array()) {
        if (out.size() < fit && !session.at("final").as_bool()) out.push_back(session.as_object());
      }
    }
    return kDone;
  }
  for (const std::string& id : ids) {
    const Reply reply = context.client.request("GET", "/v1/sessions/" + percent_encode(id));
    if (reply.status != 200) return refused(reply);
    out.push_back(context.shown(reply.body));
  }
  return kDone;
}

void draw(Output& output, const std::vector<json::object>& sessions, const Screen& screen,
          std::size_t drawn_before) {
  std::string out;
  if (drawn_before > 0) out += "\x1b[" + std::to_string(drawn_before) + "A";
  std::size_t lines = 1;
  out += "\x1b[2K" + session_heading().substr(0, screen.columns - 1) + "\n";
  for (const json::object& session : sessions) {
    if (++lines > screen.rows - 1) break;
    out += "\x1b[2K" + session_line(session).substr(0, screen.columns - 1) + "\n";
  }
  out += "\x1b[J";  // lines of sessions that are not shown any longer
  output.put(out);
  output.flush();
}

bool all_final(const std::vector<json::object>& sessions) {
  return std::ranges::all_of(sessions,
                             [](const json::object& session) { return session.at("final").as_bool(); });
}

int watch_on_terminal(const Context& context, const std::vector<std::string>& ids) {
  std::vector<json::object> sessions;
  std::size_t drawn = 0;
  for (;;) {
    const Screen screen = screen_size();
    if (const int failed = fetch(context, ids, screen.rows - 2, sessions); failed != kDone) return failed;
    draw(context.out, sessions, screen, drawn);
    drawn = std::min(sessions.size() + 1, screen.rows - 1);
    if ((!ids.empty() && all_final(sessions)) || !context.out.works()) return kDone;
    std::this_thread::sleep_for(kRedraw);
  }
}

/// Prints events of the watched sessions and remembers which of these are not final yet.
class Printer {
 public:
  Printer(const Context& context, bool all) : context_(context), all_(all) {}

  bool watches(const std::string& id) const { return all_ || open_.contains(id); }
  bool finished() const { return !all_ && open_.empty(); }

  void print(const json::object& event) {
    const std::string id = text_at(event, "session_id");
    if (!watches(id)) return;
    context_.out.line(context_.json ? json::serialize(event) : event_line(context_.shown(event)));
    context_.out.flush();
    if (!all_ && event.at("final").as_bool()) open_.erase(id);
  }
  void open(const std::string& id) {
    if (!all_) open_.insert(id);
  }
  /// The ids that are not final yet.
  const std::set<std::string>& still_open() const { return open_; }

 private:
  const Context& context_;
  std::set<std::string> open_;
  bool all_;
};

/// An erased event has no session id: each watched session is read to see whether it was this one.
int any_is_gone(const Context& context, const std::set<std::string>& ids) {
  for (const std::string& id : ids) {
    const Reply reply = context.client.request("GET", "/v1/sessions/" + id);
    if (reply.status == 404) return refused(reply);
  }
  return kDone;
}

int watch_in_pipe(const Context& context, const std::vector<std::string>& ids) {
  const Reply status = context.client.request("GET", "/v1/status");
  if (status.status != 200) return refused(status);
  // History up to here, the stream from here: nothing twice, nothing missed.
  const json::object parsed_status = parse_object(status.body);
  const auto here = parsed_status.at("store").as_object().at("last_event_seq").to_number<std::uint64_t>();
  Printer printer(context, ids.empty());
  for (const std::string& id : ids) {
    const Reply reply = context.client.request("GET", "/v1/sessions/" + percent_encode(id));
    if (reply.status != 200) return refused(reply);
    const json::object session = parse_object(reply.body);
    printer.open(text_at(session, "session_id"));
    for (const json::value& event : session.at("history").as_array()) {
      if (event.at("seq").to_number<std::uint64_t>() > here) break;
      printer.open(text_at(session, "session_id"));
      printer.print(event.as_object());
    }
  }
  if (printer.finished() || !context.out.works()) return kDone;
  int code = kDone;
  const auto take = [&](std::string_view line) {
    const json::object event = parse_object(line);
    if (event.contains("erased") && !event.contains("seq")) {
      if (printer.still_open().contains(text_at(event, "session_id")))
        code = any_is_gone(context, printer.still_open());
    } else if (event.contains("erased")) {
      code = any_is_gone(context, printer.still_open());
    } else {
      printer.print(event);
    }
    return code == kDone && !printer.finished() && context.out.works();
  };
  const Reply reply =
      context.client.stream("GET", "/v1/events?follow=true&after=" + std::to_string(here), {}, {}, take);
  if (reply.status != 200) return refused(reply);
  if (!context.out.works()) return code;
  // The stream ended before all sessions were final: the daemon stopped.
  if (code == kDone && !ids.empty() && !printer.finished()) throw NoConnection("its socket any longer");
  return code;
}

}  // namespace

int watch(const Context& context, const std::vector<std::string>& ids) {
  return context.terminal && !context.json ? watch_on_terminal(context, ids) : watch_in_pipe(context, ids);
}

}  // namespace bankconnect::ctl
