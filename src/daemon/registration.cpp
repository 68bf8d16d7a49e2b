// Telling BankConnect where to send webhooks. It replaces whatever URL the account had, so it is done on an
// operator's word or an explicit setting only.
#include <algorithm>
#include <boost/asio/post.hpp>

#include "src/daemon/application.hpp"

namespace bankconnect::daemon {

using namespace std::chrono_literals;

namespace {

constexpr Duration kSlowestRetry = 5min;

/// Whether trying again, with nothing changed, may go better.
bool passes(const Registration& registration) {
  return registration.http_status == 0 || registration.code == "NOT_JSON" ||
         registration.http_status == 408 || registration.http_status == 429 ||
         registration.http_status >= 500;
}

}  // namespace

void Application::register_webhook(std::function<void(Result<RegistrationAnswer>)> done) {
  if (config_.webhook.public_url.empty()) {
    boost::asio::post(loop_, [done = std::move(done)] {
      done(Error{"WEBHOOK_NOT_CONFIGURED", "webhook.public_url is not set: there is no URL to register"});
    });
    return;
  }
  // However many ask for it, it is one call to BankConnect.
  registering_.ask(std::move(done), [this](auto answered) { send_registration(std::move(answered)); });
}

void Application::send_registration(std::function<void(Result<RegistrationAnswer>)> done) {
  upstream_->register_webhook(
      config_.webhook.public_url, webhook_mode_json(config_),
      [this, done = std::move(done)](RegistrationAnswer answer) mutable {
        const Registration& came = answer.registration;
        log_->write(came.code.empty() ? LogLevel::info : LogLevel::error, "webhook_registration",
                    came.message,
                    {{"result", came.code.empty() ? "accepted" : "refused"},
                     {"http_status", came.http_status},
                     {"code", came.code}});
        Registration kept = came;
        store_->keep(std::move(kept),
                     [answer = std::move(answer), done = std::move(done)](const Result<void>& stored) {
                       if (stored.has_error()) return done(stored.error());
                       done(answer);
                     });
      });
}

/// Tried until BankConnect says yes or no.
void Application::register_on_start(Duration patience) {
  register_webhook([this, patience](const Result<RegistrationAnswer>& answer) {
    const bool again =
        answer.has_error() || (!answer->registration.code.empty() && passes(answer->registration));
    if (!again || stopping_) return;
    registration_.expires_after(patience);
    registration_.async_wait([this, patience](boost::system::error_code ec) {
      if (!ec) register_on_start(std::min(patience * 2, kSlowestRetry));
    });
  });
}

}  // namespace bankconnect::daemon
