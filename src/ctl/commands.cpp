#include "src/ctl/commands.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <iterator>
#include <sstream>

#include "src/ctl/format.hpp"
#include "src/ctl/sanitize.hpp"

namespace bankconnect::ctl {

namespace json = boost::json;

namespace {

/// What `add` sends: plain ids, or objects when a reference or hold goes with them.
struct Batch {
  std::string content_type;
  std::string body;
};

std::string trimmed(const std::string& line) {
  constexpr const char* kBlanks = " \t\r";
  const auto begin = line.find_first_not_of(kBlanks);
  return begin == std::string::npos ? "" : line.substr(begin, line.find_last_not_of(kBlanks) - begin + 1);
}

/// A JSON object, and not an id in braces.
bool is_object(const std::string& line) {
  return line.starts_with('{') && line.find('"') != std::string::npos;
}

/// The line as an object with the options in it. What an object says itself goes before the options; a line
/// that is neither an id nor an object is sent as it is, for the daemon to say what is wrong with it.
std::string object_of(const std::string& line, const AddOptions& options) {
  json::object object;
  if (is_object(line)) {
    boost::system::error_code ec;
    const json::value given = json::parse(line, ec);
    if (ec) return line;
    object = given.as_object();
  } else {
    object["session_id"] = line;
  }
  if (options.hold && !object.contains("hold")) object["hold"] = true;
  if (!options.reference.empty() && !object.contains("reference")) object["reference"] = options.reference;
  return json::serialize(object);
}

/// Blank lines and comments mean nothing, but count as lines.
bool is_no_submission(const std::string& line) {
  return line.empty() || line.starts_with('#');
}

Batch batch_of(const std::vector<std::string>& lines, const AddOptions& options) {
  const bool objects = options.hold || !options.reference.empty() || std::ranges::any_of(lines, is_object);
  Batch batch{objects ? "application/x-ndjson" : "text/plain", ""};
  for (const std::string& line : lines)
    batch.body += (objects && !is_no_submission(line) ? object_of(line, options) : line) + "\n";
  return batch;
}

/// All lines of standard input, trimmed. `fault` is errno when it cannot be read to its end.
std::vector<std::string> lines_of_input(int& fault) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::string text;
  std::array<char, 64UL * 1024> chunk{};
  fault = 0;
  for (;;) {
    const ssize_t size = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (size > 0) text.append(chunk.data(), static_cast<std::size_t>(size));
    if (size == 0) break;
    if (size < 0 && errno != EINTR) {
      fault = errno;
      break;
    }
  }
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    lines.push_back(trimmed(line));
  return lines;
}

/// What of a submission a session that was followed already did not take.
std::string note_of(const json::object& result) {
  const std::string kept = text_at(result, "kept_reference");
  const bool held = result.contains("held");
  return (held ? " (held now)" : "") + (kept.empty() ? "" : " (its reference stays " + kept + ")");
}

/// Prints one line of the answer to a batch; false when it was refused.
bool print_result(const Context& context, std::string_view line) {
  const json::object result = parse_object(line);
  const bool refused = result.contains("error");
  if (context.json) {
    context.out.line(line);
  } else if (refused) {
    const json::object& error = result.at("error").as_object();
    context.out.flush();
    std::cerr << sanitize_for_terminal(
                     fmt::format("line {}: {}: {}: {}", json::serialize(result.at("line")),
                                 text_at(result, result.contains("text") ? "text" : "session_id"),
                                 text_at(error, "code"), text_at(error, "message")))
              << "\n";
  } else {
    context.out.line(sanitize_for_terminal(
        fmt::format("{}  {}{}", text_at(result, "session_id"), text_at(result, "result"), note_of(result))));
  }
  return !refused;
}

struct Refusal {
  std::string code;
  std::string message;
};

Refusal refusal_of(const Reply& reply) {
  boost::system::error_code ec;
  const json::value body = json::parse(reply.body, ec);
  if (ec || !body.is_object() || !body.get_object().contains("error"))
    return {"HTTP " + std::to_string(reply.status), reply.body};
  const json::object& error = body.get_object().at("error").as_object();
  return {text_at(error, "code"), text_at(error, "message")};
}

/// A refusal as a line of JSON that names its session.
std::string refusal_line(const std::string& id, const Reply& reply) {
  const auto [code, message] = refusal_of(reply);
  return json::serialize(
      json::object{{"session_id", id}, {"error", json::object{{"code", code}, {"message", message}}}});
}

/// The event with the name of its log: only together with it does `seq` mean something.
std::string with_log_id(std::string_view event, const std::string& log_id) {
  return "{\"log_id\":\"" + log_id + "\"," + std::string(event.substr(1));
}

std::string_view trimmed_end(std::string_view text) {
  while (text.ends_with('\n'))
    text.remove_suffix(1);
  return text;
}

}  // namespace

int refused(const Reply& reply, const std::string& id) {
  const auto [code, message] = refusal_of(reply);
  const std::string whose = id.empty() ? "" : id + ": ";
  std::cerr << "bankconnectctl: " << sanitize_for_terminal(fmt::format("{}{}: {}", whose, code, message))
            << "\n";
  return code == "SESSION_NOT_FOLLOWED" ? kNoSuchSession : kRefused;
}

int add(const Context& context, const AddOptions& options) {
  std::vector<std::string> lines = options.ids;
  if (options.ids.size() == 1 && options.ids.front() == "-") {
    int fault = 0;
    lines = lines_of_input(fault);
    if (fault != 0) {
      std::cerr << "bankconnectctl: standard input cannot be read after line " << lines.size() << ": "
                << std::strerror(fault) << "; nothing was handed in\n";
      return kUnreadable;
    }
  }
  Batch batch = batch_of(lines, options);
  bool all = true;
  const Reply reply = context.client.stream("POST", "/v1/sessions", batch.content_type, std::move(batch.body),
                                            [&](std::string_view line) {
                                              all = print_result(context, line) && all;
                                              return true;
                                            });
  if (reply.status != 200) return refused(reply);
  return all ? kDone : kRefused;
}

int list(const Context& context, const ListOptions& options) {
  std::string cursor;
  std::uint64_t shown = 0;
  bool heading = !context.json;
  for (;;) {
    std::string target =
        "/v1/sessions?limit=" +
        std::to_string(options.limit == 0 ? 500 : std::min<std::uint64_t>(500, options.limit - shown));
    if (!options.state.empty()) target += "&state=" + percent_encode(options.state);
    if (!options.reference.empty()) target += "&reference=" + percent_encode(options.reference);
    if (!cursor.empty()) target += "&after=" + cursor;
    const Reply reply = context.client.request("GET", target);
    if (reply.status != 200) return refused(reply);
    const json::object page = context.shown(reply.body);
    if (heading) context.out.line(session_heading());
    heading = false;
    for (const json::value& session : page.at("sessions").as_array()) {
      context.out.line(context.json ? json::serialize(session) : session_line(session.as_object()));
      ++shown;
    }
    cursor = text_at(page, "next");
    const bool enough = options.limit != 0 && shown >= options.limit;
    if (cursor.empty() || enough || !context.out.works()) return kDone;
  }
}

int show(const Context& context, const std::string& id) {
  const Reply reply = context.client.request("GET", "/v1/sessions/" + percent_encode(id));
  if (reply.status != 200) return refused(reply);
  context.out.put(context.json ? reply.body : session_details(context.shown(reply.body)));
  return kDone;
}

int command(const Context& context, const std::string& what, const std::vector<std::string>& ids, bool sure) {
  constexpr std::size_t kMostUnasked = 10;
  if (what == "forget" && ids.size() > kMostUnasked && !sure) {
    std::cerr << "bankconnectctl: forget erases " << ids.size()
              << " sessions for good; repeat it with --yes\n";
    return kUsage;
  }
  int worst = kDone;
  for (const std::string& id : ids) {
    const std::string target = "/v1/sessions/" + percent_encode(id);
    const Reply reply = what == "forget" ? context.client.request("DELETE", target)
                                         : context.client.request("POST", (target + '/').append(what));
    if (reply.status >= 300) {
      worst = std::max(worst, refused(reply, id));
      if (context.json) context.out.line(refusal_line(id, reply));
    } else if (context.json) {
      context.out.line(what == "forget"
                           ? json::serialize(json::object{{"session_id", id}, {"result", "erased"}})
                           : std::string(trimmed_end(reply.body)));
    } else if (what == "forget") {
      context.out.line(sanitize_for_terminal(id) + "  erased");
    } else {
      context.out.line(session_line(context.shown(reply.body)));
    }
  }
  return worst;
}

int payload(const Context& context, const std::string& id, const std::string& kind) {
  const Reply reply = context.client.request("GET", "/v1/sessions/" + percent_encode(id) + "/" + kind);
  if (reply.status != 200) return refused(reply);
  context.out.put(reply.body);
  return kDone;
}

int events(const Context& context, const std::string& after, bool follow) {
  std::string target = std::string("/v1/events?follow=") + (follow ? "true" : "false");
  if (!after.empty()) target += "&after=" + percent_encode(after);
  std::string log_id;
  Reply overtaken;
  const auto print = [&](std::string_view line) {
    const json::object event = parse_object(line);
    if (event.contains("error")) {
      overtaken = {200, std::string(line), ""};
      return false;
    }
    context.out.line(context.json ? with_log_id(line, log_id) : event_line(context.shown(line)));
    context.out.flush();
    return context.out.works();
  };
  const Reply reply = context.client.stream("GET", target, {}, {}, print,
                                            [&log_id](const Reply& begun) { log_id = begun.log_id; });
  if (reply.status != 200) return refused(reply);
  return overtaken.body.empty() ? kDone : refused(overtaken);
}

}  // namespace bankconnect::ctl
