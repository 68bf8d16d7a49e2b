// What came by webhook, and having webhooks sent here.
#include <boost/json.hpp>

#include "bankconnect/awaited.hpp"
#include "bankconnect/view.hpp"
#include "src/control/control_impl.hpp"

namespace bankconnect {

namespace json = boost::json;
using Task = ControlServer::Impl::Task;

namespace {

constexpr int kBadGateway = 502;

Result<HintQuery> query_of(const net::Request& request) {
  HintQuery query;
  for (const auto& [key, value] : request.query) {
    if (key == "session_id") {
      query.id = SessionId::parse(value);
      if (!query.id)
        return Error{"INVALID_SESSION_ID", "a session id is a UUID: 8-4-4-4-12 hexadecimal digits"};
    } else if (key == "result") {
      query.result = hint_result_named(value);
      if (!query.result || *query.result == HintResult::ignored)
        return Error{"BAD_REQUEST", "there is no result \"" + control::shown(value, 40) +
                                        "\"; known are accepted, recorded, kept"};
    } else if (key == "limit" || key == "after") {
      const auto number = control::number(value);
      if (!number) return Error{"BAD_REQUEST", "\"" + key + "\" must be a number"};
      if (key == "after") query.before = *number;
      if (key == "limit" && (*number < 1 || *number > kMaxHintsPage))
        return Error{"BAD_REQUEST", "\"limit\" must be 1 to " + std::to_string(kMaxHintsPage)};
      if (key == "limit") query.limit = static_cast<std::uint32_t>(*number);
    } else {
      return Error{"BAD_REQUEST", "there is no parameter \"" + control::shown(key, 40) +
                                      "\"; known are session_id, result, limit, after"};
    }
  }
  return query;
}

/// BankConnect's own words, where it refused: as JSON when they are, else as text.
std::string refused_json(const RegistrationAnswer& answer) {
  const Registration& said = answer.registration;
  json::value upstream;
  if (said.http_status != 0) {
    boost::system::error_code ec;
    json::value body = json::parse(answer.body, ec);
    if (ec) body = json::string(control::shown(answer.body, answer.body.size()));
    upstream = json::object{{"http_status", said.http_status}, {"body", std::move(body)}};
  }
  json::object out;
  out["error"] = json::object{{"code", said.code}, {"message", said.message}};
  out["upstream"] = std::move(upstream);
  return json::serialize(out) + "\n";
}

}  // namespace

Task ControlServer::Impl::list_webhooks(const Request& request, Responder& responder) {
  const Result<HintQuery> query = query_of(request);
  if (query.has_error()) {
    co_await refuse(responder, query.error());
    co_return;
  }
  const auto ask = [this, query = *query](auto done) { world.archive.hints(query, done); };
  auto page = co_await awaited<Result<HintPage>>(ask);
  if (page.has_error()) {
    co_await refuse(responder, page.error());
    co_return;
  }
  std::string body = "{\"webhooks\":[";
  for (std::size_t i = 0; i < page->hints.size(); ++i)
    body += (i == 0 ? "" : ",") + hint_json(page->hints[i]);
  body += "],\"next\":" + (page->next == 0 ? std::string("null") : "\"" + std::to_string(page->next) + "\"") +
          "}\n";
  std::string type = "application/json";
  co_await responder.send(200, std::move(type), std::move(body));
}

Task ControlServer::Impl::register_webhook(const Request& request, Responder& responder) {
  const auto act = [this](auto done) { world.register_webhook(done); };
  auto answer = co_await awaited<Result<RegistrationAnswer>>(act);
  if (answer.has_error()) {
    co_await refuse(responder, answer.error());
    co_return;
  }
  log_change(request.peer_uid, "register_webhook", "");
  const bool accepted = answer->registration.code.empty();
  std::string body = accepted ? answer->body : refused_json(*answer);
  boost::system::error_code ec;
  if (accepted) static_cast<void>(json::parse(body, ec));
  if (accepted && (body.empty() || ec)) body = "{}\n";
  std::string type = "application/json";
  co_await responder.send(accepted ? 200 : kBadGateway, std::move(type), std::move(body));
}

}  // namespace bankconnect
