// What came by webhook, and having webhooks sent to the daemon.
#include <algorithm>
#include <boost/json.hpp>
#include <sstream>

#include "src/ctl/commands.hpp"
#include "src/ctl/format.hpp"
#include "src/ctl/sanitize.hpp"

namespace bankconnect::ctl {

namespace json = boost::json;

int webhooks(const Context& context, const WebhooksOptions& options) {
  constexpr std::uint64_t kPage = 500;
  std::string cursor;
  std::uint64_t shown = 0;
  if (!context.json) context.out.line(webhook_heading());
  for (;;) {
    const std::uint64_t wanted = options.limit == 0 ? kPage : std::min(kPage, options.limit - shown);
    std::string target = "/v1/webhooks?limit=" + std::to_string(wanted);
    if (!options.session_id.empty()) target += "&session_id=" + percent_encode(options.session_id);
    if (!options.result.empty()) target += "&result=" + percent_encode(options.result);
    if (!cursor.empty()) target += "&after=" + cursor;
    const Reply reply = context.client.request("GET", target);
    if (reply.status != 200) return refused(reply);
    const json::object page = context.shown(reply.body);
    for (const json::value& webhook : page.at("webhooks").as_array()) {
      context.out.line(context.json ? json::serialize(webhook) : webhook_line(webhook.as_object()));
      ++shown;
    }
    cursor = text_at(page, "next");
    const bool enough = options.limit != 0 && shown >= options.limit;
    if (cursor.empty() || enough || !context.out.works()) return kDone;
  }
}

/// BankConnect's answer; as it is, or line by line for a terminal.
int register_webhook(const Context& context) {
  const Reply reply = context.client.request("POST", "/v1/register-webhook");
  if (reply.status != 200) return refused(reply);
  std::istringstream body(reply.body);
  for (std::string line; std::getline(body, line);)
    context.out.line(context.json ? line : sanitize_for_terminal(line));
  return kDone;
}

}  // namespace bankconnect::ctl
