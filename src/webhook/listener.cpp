// One POST, one webhook: its header is checked, its body read, stored, and answered.
#include <algorithm>
#include <boost/asio/awaitable.hpp>

#include "bankconnect/await_callback.hpp"
#include "bankconnect/http_server.hpp"
#include "bankconnect/view.hpp"
#include "bankconnect/webhook.hpp"
#include "src/webhook/body.hpp"
#include "src/webhook/secrets.hpp"

namespace bankconnect {

namespace {

using namespace std::chrono_literals;
using net::Rejection;
using net::Request;
using net::Response;

constexpr std::string_view kSecretField = "x-secret-key";
constexpr const char* kMethods = "OPTIONS, POST";

net::ServerLimits limits_of(const WebhookConfig& config) {
  net::ServerLimits limits;
  limits.max_connections = config.max_connections;
  limits.max_header = 8 * 1024;
  limits.max_body = config.max_body_size;
  limits.max_bodies = std::max<std::uint64_t>(64 << 20, 4 * config.max_body_size);
  limits.idle_timeout = 75s;  // reverse proxies keep idle connections for a minute
  limits.header_timeout = 8s;
  limits.body_timeout = 8s;
  limits.request_timeout = 8s;
  limits.write_timeout = 8s;
  return limits;
}

/// BankConnect sends `application/json`; a body without a type is read as JSON, too.
bool is_json(const std::string& content_type) {
  return content_type.empty() || content_type == "application/json" || content_type == "text/json" ||
         content_type.ends_with("+json");
}

Response options_response() {
  Response response;
  response.status = 204;
  response.headers.emplace_back("Allow", kMethods);
  return response;
}

}  // namespace

bool same_webhook_path(std::string_view a, std::string_view b) {
  const auto without_slash = [](std::string_view path) {
    if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    return path;
  };
  return without_slash(a) == without_slash(b);
}

class WebhookListener::Impl {
 public:
  Impl(Dependencies dependencies, const WebhookConfig& config, std::vector<std::string> secrets)
      : dependencies_(dependencies),
        path_(config.path),
        secrets_(std::move(secrets)),
        server_(
            dependencies_.loop, limits_of(config),
            [this](const Request& request) { return receive(request); },
            [this](const Rejection& rejection) { return rejected(rejection); },
            [this](const Request& request) { return check(request); }) {}

  net::HttpServer& server() { return server_; }
  void set_secrets(std::vector<std::string> secrets) { secrets_ = webhook::Secrets(std::move(secrets)); }

 private:
  std::optional<Rejection> check(const Request& request) const;
  std::string rejected(const Rejection& rejection);
  boost::asio::awaitable<Response> receive(const Request& request);
  Response refuse(WebhookSeen seen, const Error& error);

  Dependencies dependencies_;
  const std::string path_;
  webhook::Secrets secrets_;
  net::HttpServer server_;
};

/// What the header alone decides. A request without the secret learns nothing else.
std::optional<Rejection> WebhookListener::Impl::check(const Request& request) const {
  if (request.path == "*") return std::nullopt;
  if (!same_webhook_path(request.path, path_))
    return Rejection{404, ErrorCode::no_such_endpoint, "there is nothing here", {}};
  if (request.method == "OPTIONS") return std::nullopt;
  if (request.method != "POST") {
    return Rejection{405, ErrorCode::method_not_allowed, "webhooks are sent by POST", {{"Allow", kMethods}}};
  }
  if (secrets_.required()) {
    const auto given = request.values(kSecretField);
    const bool right = given.size() == 1 && secrets_.accept(given.front());
    if (!right) {
      return Rejection{401,
                       ErrorCode::unauthorized,
                       "x-secret-key is missing or wrong",
                       {{"WWW-Authenticate", "x-secret-key"}}};
    }
  }
  const auto encodings = request.values("content-encoding");
  const bool plain = encodings.empty() || (encodings.size() == 1 && encodings.front() == "identity");
  if (!is_json(request.content_type) || !plain)
    return Rejection{415, ErrorCode::unsupported_media_type, "send application/json, not encoded", {}};
  return std::nullopt;
}

/// A request that the server refuses before its body was read completely.
std::string WebhookListener::Impl::rejected(const Rejection& rejection) {
  WebhookSeen seen;
  seen.at = dependencies_.clock.now().wall;
  seen.status = rejection.status;
  seen.result = to_string(rejection.code);
  dependencies_.observer.webhook(seen);
  return error_json({rejection.code, rejection.message});
}

Response WebhookListener::Impl::refuse(WebhookSeen seen, const Error& error) {
  seen.status = http_status(error.code);
  seen.result = to_string(error.code);
  dependencies_.observer.webhook(seen);
  return net::json_response(seen.status, error_json(error));
}

boost::asio::awaitable<Response> WebhookListener::Impl::receive(const Request& request) {
  if (request.method == "OPTIONS") co_return options_response();
  WebhookSeen seen;
  seen.at = dependencies_.clock.now().wall;
  seen.bytes = request.body.size();
  seen.sha256 = sha256(request.body);
  const auto body = webhook::read_body(request.body);
  if (body.has_error()) co_return refuse(seen, body.error());
  seen.id = body->id;
  seen.event_name = body->event_name;
  Webhook webhook{body->id, body->event_name, request.body, seen.sha256, seen.at};
  const auto store = [this, &webhook](auto done) {
    dependencies_.follower.take_webhook(std::move(webhook), done);
  };
  Result<StoredWebhook> late =
      Error(ErrorCode::store_unavailable, "not on disk yet, it may still be stored; send it again");
  auto stored = co_await await_callback_for<Result<StoredWebhook>>(
      dependencies_.loop, dependencies_.commit_timeout, std::move(late), store);
  if (stored.has_error()) co_return refuse(seen, stored.error());
  seen.result = stored->duplicate ? "duplicate" : std::string(to_string(stored->result));
  dependencies_.observer.webhook(seen);
  co_return net::json_response(200, "{\"status\":\"accepted\"}");
}

WebhookListener::WebhookListener(Dependencies dependencies, const WebhookConfig& config,
                                 std::vector<std::string> secrets)
    : impl_(std::make_unique<Impl>(dependencies, config, std::move(secrets))) {}
WebhookListener::~WebhookListener() = default;

void WebhookListener::serve(int listening_fd) {
  impl_->server().serve(listening_fd);
}
void WebhookListener::set_secrets(std::vector<std::string> secrets) {
  impl_->set_secrets(std::move(secrets));
}
void WebhookListener::use_tls(std::shared_ptr<net::TlsIdentity> identity) {
  impl_->server().use_tls(std::move(identity));
}
void WebhookListener::stop() {
  impl_->server().stop();
}
std::uint32_t WebhookListener::connections() const {
  return impl_->server().connections();
}

}  // namespace bankconnect
