// The commands about the daemon as a whole.
#include <boost/json.hpp>
#include <filesystem>

#include "src/ctl/commands.hpp"
#include "src/ctl/format.hpp"
#include "src/ctl/sanitize.hpp"

namespace bankconnect::ctl {

namespace json = boost::json;

json::object Context::shown(std::string_view text) const {
  return shown(parse_object(text));
}

json::object Context::shown(json::object object) const {
  return local && !json ? with_local_times(std::move(object)) : object;
}

int backup(const Context& context, const std::string& file) {
  // The daemon's working directory is not the caller's.
  const std::string path = std::filesystem::absolute(file).string();
  const Reply reply = context.client.request("POST", "/v1/backup", "application/json",
                                             json::serialize(json::object{{"path", path}}));
  if (reply.status != 200) return refused(reply);
  context.out.put(context.json ? reply.body : sanitize_for_terminal(path) + "  written\n");
  return kDone;
}

int resume(const Context& context) {
  const Reply reply = context.client.request("POST", "/v1/resume");
  if (reply.status != 200) return refused(reply);
  context.out.put(context.json ? reply.body : std::string("resumed\n"));
  return kDone;
}

int status(const Context& context) {
  const Reply reply = context.client.request("GET", "/v1/status");
  if (reply.status != 200) return refused(reply);
  context.out.put(context.json ? reply.body : status_details(context.shown(reply.body)));
  return kDone;
}

}  // namespace bankconnect::ctl
