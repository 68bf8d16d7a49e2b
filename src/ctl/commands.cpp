#include "src/ctl/commands.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <iterator>

#include "src/ctl/show.hpp"

namespace bankconnect::ctl {

namespace json = boost::json;

namespace {

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void print_line(std::string_view text) {
  print(text);
  print("\n");
}

json::object parsed(std::string_view text) {
  return json::parse(json::string_view(text.data(), text.size())).as_object();
}

/// What `add` sends: plain ids, or objects when a reference or hold goes with them.
struct Batch {
  std::string content_type;
  std::string body;
};

Batch batch_of(const AddOptions& options) {
  std::string input;
  if (options.ids.size() == 1 && options.ids.front() == "-") {
    input.assign(std::istreambuf_iterator<char>(std::cin), {});
    const auto first = input.find_first_not_of(" \t\r\n");
    if (first != std::string::npos && input[first] == '{') return {"application/x-ndjson", input};
  } else {
    for (const std::string& id : options.ids)
      input += id + "\n";
  }
  if (options.reference.empty() && !options.hold) return {"text/plain", input};
  std::string objects;
  std::size_t begin = 0;
  while (begin < input.size()) {
    const auto end = std::min(input.find('\n', begin), input.size());
    json::object object{{"session_id", input.substr(begin, end - begin)}, {"hold", options.hold}};
    if (!options.reference.empty()) object["reference"] = options.reference;
    objects += json::serialize(object) + "\n";
    begin = end + 1;
  }
  return {"application/x-ndjson", objects};
}

/// Prints one line of the answer to a batch; false when it was refused.
bool print_result(const Context& context, std::string_view line) {
  const json::object result = parsed(line);
  const bool rejected = text_at(result, "result") == "rejected";
  if (context.json) {
    print_line(line);
  } else if (rejected) {
    const json::object& error = result.at("error").as_object();
    std::fflush(stdout);
    std::cerr << text_at(result, "session_id") << ": " << text_at(error, "code") << ": "
              << text_at(error, "message") << "\n";
  } else {
    print_line(fmt::format("{}  {}", text_at(result, "session_id"), text_at(result, "result")));
  }
  return !rejected;
}

}  // namespace

int refused(const Reply& reply) {
  std::string code = "HTTP " + std::to_string(reply.status);
  std::string message = reply.body;
  boost::system::error_code ec;
  const json::value body = json::parse(reply.body, ec);
  if (!ec && body.is_object() && body.get_object().contains("error")) {
    const json::object& error = body.get_object().at("error").as_object();
    code = text_at(error, "code");
    message = text_at(error, "message");
  }
  std::cerr << "bankconnectctl: " << code << ": " << message << "\n";
  return code == "SESSION_NOT_FOLLOWED" ? kNoSuchSession : kRefused;
}

int add(const Context& context, const AddOptions& options) {
  Batch batch = batch_of(options);
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
    if (!options.state.empty()) target += "&state=" + encoded(options.state);
    if (!options.reference.empty()) target += "&reference=" + encoded(options.reference);
    if (!cursor.empty()) target += "&after=" + cursor;
    const Reply reply = context.client.request("GET", target);
    if (reply.status != 200) return refused(reply);
    const json::object page = parsed(reply.body);
    if (heading) print_line(session_heading());
    heading = false;
    for (const json::value& session : page.at("sessions").as_array()) {
      print_line(context.json ? json::serialize(session) : session_line(session.as_object()));
      ++shown;
    }
    cursor = text_at(page, "next");
    if (cursor.empty() || (options.limit != 0 && shown >= options.limit)) return kDone;
  }
}

int show(const Context& context, const std::string& id) {
  const Reply reply = context.client.request("GET", "/v1/sessions/" + encoded(id));
  if (reply.status != 200) return refused(reply);
  print(context.json ? reply.body : session_page(parsed(reply.body)));
  return kDone;
}

int command(const Context& context, const std::string& what, const std::vector<std::string>& ids) {
  int worst = kDone;
  for (const std::string& id : ids) {
    const std::string target = "/v1/sessions/" + encoded(id);
    const Reply reply = what == "forget" ? context.client.request("DELETE", target)
                                         : context.client.request("POST", target + "/" + what);
    if (reply.status >= 300) {
      worst = std::max(worst, refused(reply));
    } else if (context.json) {
      print(reply.body);
    } else if (what == "forget") {
      print_line(id + "  erased");
    } else {
      print_line(session_line(parsed(reply.body)));
    }
  }
  return worst;
}

int payload(const Context& context, const std::string& id, const std::string& kind) {
  const Reply reply = context.client.request("GET", "/v1/sessions/" + encoded(id) + "/" + kind);
  if (reply.status != 200) return refused(reply);
  print(reply.body);
  return kDone;
}

int events(const Context& context, const std::string& after, bool follow) {
  std::string target = std::string("/v1/events?follow=") + (follow ? "true" : "false");
  if (!after.empty()) target += "&after=" + encoded(after);
  const Reply reply = context.client.stream("GET", target, {}, {}, [&](std::string_view line) {
    print_line(context.json ? std::string(line) : event_line(parsed(line)));
    std::fflush(stdout);
    return std::ferror(stdout) == 0;
  });
  return reply.status == 200 ? kDone : refused(reply);
}

int backup(const Context& context, const std::string& file) {
  // The daemon's working directory is not the caller's.
  const std::string path = std::filesystem::absolute(file).string();
  const Reply reply = context.client.request("POST", "/v1/backup", "application/json",
                                             json::serialize(json::object{{"path", path}}));
  if (reply.status != 200) return refused(reply);
  print(context.json ? reply.body : path + "  written\n");
  return kDone;
}

int status(const Context& context) {
  const Reply reply = context.client.request("GET", "/v1/status");
  if (reply.status != 200) return refused(reply);
  print(context.json ? reply.body : status_page(parsed(reply.body)));
  return kDone;
}

}  // namespace bankconnect::ctl
