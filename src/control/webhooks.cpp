// Listing the webhooks that were received, and registering the URL they are sent to.
#include <boost/json.hpp>

#include "bankconnect/await_callback.hpp"
#include "bankconnect/text.hpp"
#include "bankconnect/view.hpp"
#include "src/control/control_impl.hpp"

namespace bankconnect {

namespace json = boost::json;
using Reply = ControlServer::Impl::Reply;

namespace {

constexpr int kBadGateway = 502;

/// BankConnect's own response to a refused registration, as JSON where it is, else as text.
json::value upstream_response(const RegistrationAnswer& answer) {
  if (answer.registration.http_status == 0) return nullptr;
  boost::system::error_code ec;
  json::value body = json::parse(answer.body, ec);
  if (ec) body = json::string(printable(answer.body, answer.body.size()));
  return json::object{{"http_status", answer.registration.http_status}, {"body", std::move(body)}};
}

net::Response refused_response(const RegistrationAnswer& answer) {
  json::object out;
  out["error"] = json::object{{"code", answer.registration.code}, {"message", answer.registration.message}};
  out["upstream"] = upstream_response(answer);
  return net::json_response(kBadGateway, json::serialize(out) + "\n");
}

net::Response accepted_response(const RegistrationAnswer& answer) {
  boost::system::error_code ec;
  static_cast<void>(json::parse(answer.body, ec));
  return net::json_response(200, answer.body.empty() || ec ? "{}\n" : answer.body);
}

}  // namespace

Reply ControlServer::Impl::list_webhooks(const Request& request) {
  const auto query = control::read_webhook_query(request.query);
  if (query.has_error()) co_return query.error();
  const auto read = [this, query = *query](auto done) { dependencies_.store.webhooks(query, done); };
  auto page = co_await read_in_time<WebhookPage>(read);
  if (page.has_error()) co_return page.error();
  control::PageWriter out("webhooks");
  for (const WebhookRecord& webhook : page->webhooks)
    out.add(webhook_json(webhook));
  co_return net::json_response(200, out.finish(page->next));
}

Reply ControlServer::Impl::register_webhook(const Request& request) {
  const auto act = [this](auto done) { dependencies_.register_webhook(done); };
  auto answer = co_await await_callback<Result<RegistrationAnswer>>(act);
  if (answer.has_error()) co_return answer.error();
  log_change(request.peer_uid, "register_webhook", "");
  co_return answer->registration.code.empty() ? accepted_response(*answer) : refused_response(*answer);
}

}  // namespace bankconnect
