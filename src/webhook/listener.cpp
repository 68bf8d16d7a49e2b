// One POST, one hint: checked by its header, read, made durable, answered.
#include <boost/asio/awaitable.hpp>

#include "bankconnect/awaited.hpp"
#include "bankconnect/view.hpp"
#include "bankconnect/webhook.hpp"
#include "src/webhook/body.hpp"
#include "src/webhook/digest.hpp"
#include "src/webhook/secrets.hpp"

namespace bankconnect {

namespace {

using namespace std::chrono_literals;
using net::Rejection;
using net::Request;
using net::Responder;
using Task = boost::asio::awaitable<void>;

constexpr std::string_view kSecretField = "x-secret-key";
constexpr const char* kMethods = "OPTIONS, POST";

net::ServerLimits limits_of(const WebhookOptions& options) {
  net::ServerLimits limits;
  limits.max_connections = options.max_connections;
  limits.max_header = 8 * 1024;
  limits.max_body = options.max_body_size;
  limits.max_bodies = std::max<std::uint64_t>(64 << 20, 4 * options.max_body_size);
  // A sender that needs longer than this for a webhook is none. Proxies keep their connections open for a
  // minute.
  limits.idle_timeout = 75s;
  limits.header_timeout = 8s;
  limits.body_timeout = 8s;
  limits.request_timeout = 8s;
  limits.write_timeout = 8s;
  return limits;
}

std::string answer_of(const Rejection& rejection) {
  return error_json({rejection.code, rejection.message});
}

/// BankConnect says `application/json`; a body without a type is read as what it should be.
bool says_json(const std::string& content_type) {
  return content_type.empty() || content_type == "application/json" || content_type == "text/json" ||
         content_type.ends_with("+json");
}

}  // namespace

class WebhookListener::Impl {
 public:
  Impl(World world, WebhookOptions options)
      : world_(world),
        path_(std::move(options.path)),
        secrets_(std::move(options.secrets)),
        server_(
            world_.loop, limits_of(options),
            [this](const Request& request, Responder& responder) { return take(request, responder); },
            [this](const Rejection& rejection) {
              seen(rejection.status, rejection.code);
              return answer_of(rejection);
            },
            [this](const Request& request) { return check(request); }) {}

  net::HttpServer& server() { return server_; }
  void set_secrets(std::vector<std::string> secrets) { secrets_ = webhook::Secrets(std::move(secrets)); }
  void stop() { server_.stop(); }

 private:
  std::optional<Rejection> check(const Request& request) const;
  Task take(const Request& request, Responder& responder);
  void seen(int status, const std::string& code);

  World world_;
  const std::string path_;
  webhook::Secrets secrets_;
  net::HttpServer server_;
};

/// What the header alone decides. Who does not know the secret learns nothing but that.
std::optional<Rejection> WebhookListener::Impl::check(const Request& request) const {
  if (request.path == "*") return std::nullopt;
  if (request.path != path_) return Rejection{404, "NO_SUCH_ENDPOINT", "there is nothing here", {}};
  if (request.method == "OPTIONS") return std::nullopt;
  if (request.method != "POST")
    return Rejection{405, "METHOD_NOT_ALLOWED", "webhooks are sent by POST", {{"Allow", kMethods}}};
  if (secrets_.required()) {
    const auto given = request.values(kSecretField);
    const bool right = given.size() == 1 && secrets_.accept(given.front());
    if (!right) {
      return Rejection{
          401, "UNAUTHORIZED", "x-secret-key is missing or wrong", {{"WWW-Authenticate", "x-secret-key"}}};
    }
  }
  const auto encodings = request.values("content-encoding");
  const bool plain = encodings.empty() || (encodings.size() == 1 && encodings.front() == "identity");
  if (!says_json(request.content_type) || !plain)
    return Rejection{415, "UNSUPPORTED_MEDIA_TYPE", "send application/json, not encoded", {}};
  return std::nullopt;
}

Task WebhookListener::Impl::take(const Request& request, Responder& responder) {
  std::string type = "application/json";
  if (request.method == "OPTIONS") {
    responder.header("Allow", kMethods);
    std::string none;
    co_await responder.send(204, none, none);
    co_return;
  }
  WebhookSeen note;
  note.at = world_.clock.now().wall;
  note.bytes = request.body.size();
  note.sha256 = webhook::digest(request.body);
  note.status = 200;
  const auto body = webhook::read_body(request.body);
  if (body.has_error()) {
    note.status = 400;
    note.result = body.error().code;
    world_.observer.webhook(note);
    std::string rejection = error_json(body.error());
    co_await responder.send(400, std::move(type), std::move(rejection));
    co_return;
  }
  note.id = body->id;
  note.event_name = body->event_name;
  Hint hint{body->id, body->event_name, request.body, note.sha256, note.at};
  const auto make_durable = [this, &hint](auto done) { world_.follower.hint(std::move(hint), done); };
  auto taken = co_await awaited<Result<HintTaken>>(make_durable);
  if (taken.has_error()) {
    note.status = 503;
    note.result = taken.error().code;
    world_.observer.webhook(note);
    std::string rejection = error_json(taken.error());
    co_await responder.send(503, std::move(type), std::move(rejection));
    co_return;
  }
  note.result = taken->duplicate ? "duplicate" : std::string(name(taken->result));
  world_.observer.webhook(note);
  std::string accepted = "{\"status\":\"accepted\"}";
  co_await responder.send(200, std::move(type), std::move(accepted));
}

/// A request that was refused before its body was read.
void WebhookListener::Impl::seen(int status, const std::string& code) {
  WebhookSeen note;
  note.at = world_.clock.now().wall;
  note.status = status;
  note.result = code;
  world_.observer.webhook(note);
}

WebhookListener::WebhookListener(World world, WebhookOptions options)
    : impl_(std::make_unique<Impl>(world, std::move(options))) {}
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
  impl_->stop();
}
std::uint32_t WebhookListener::connections() const {
  return impl_->server().connections();
}

}  // namespace bankconnect
