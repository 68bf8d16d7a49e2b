// Registering the webhook URL with BankConnect. It replaces whatever URL the account had, so it is sent only
// on an operator's command or an explicit setting.
#include <algorithm>
#include <boost/asio/post.hpp>

#include "bankconnect/await_callback.hpp"
#include "src/daemon/application.hpp"

namespace bankconnect::daemon {

using namespace std::chrono_literals;

namespace {

constexpr Duration kMaxRetry = 5min;
constexpr Duration kSaveTimeout = 10s;  // for the outcome to be on disk before it is answered

/// Whether the same registration may be accepted later.
bool is_transient(const Registration& registration) {
  return registration.http_status == 0 || registration.code == "NOT_JSON" ||
         registration.http_status == 408 || registration.http_status == 429 ||
         registration.http_status >= 500;
}

}  // namespace

void Application::register_webhook(Done<RegistrationAnswer> done) {
  if (config_.webhook.public_url.empty()) {
    boost::asio::post(loop_, [done = std::move(done)] {
      done(Error{ErrorCode::webhook_not_configured,
                 "webhook.public_url is not set: there is no URL to register"});
    });
    return;
  }
  registering_.join(std::move(done), [this](auto answered) { send_registration(std::move(answered)); });
}

void Application::send_registration(Done<RegistrationAnswer> done) {
  upstream_->register_webhook(
      config_.webhook.public_url, webhook_mode_json(config_.webhook.mode),
      [this, done = std::move(done)](RegistrationAnswer answer) mutable {
        const Registration& registration = answer.registration;
        const bool accepted = registration.code.empty();
        log_->write(accepted ? LogLevel::info : LogLevel::error, "webhook_registration", registration.message,
                    {{"result", accepted ? "accepted" : "refused"},
                     {"http_status", registration.http_status},
                     {"code", registration.code}});
        Registration stored = registration;
        Done<void> answer_when_saved = [answer = std::move(answer),
                                        done = std::move(done)](const Result<void>& saved) {
          if (saved.has_error()) return done(saved.error());
          done(answer);
        };
        Result<void> late =
            Error{ErrorCode::store_unavailable,
                  "BankConnect has answered; its answer is not on disk yet, and may still be stored"};
        store_->save_registration(std::move(stored),
                                  answered_within<Result<void>>(loop_, kSaveTimeout, std::move(late),
                                                                std::move(answer_when_saved)));
      });
}

/// Retries until BankConnect accepts or refuses.
void Application::register_on_start(Duration retry_after) {
  register_webhook([this, retry_after](const Result<RegistrationAnswer>& answer) {
    const bool retry =
        answer.has_error() || (!answer->registration.code.empty() && is_transient(answer->registration));
    if (!retry || stopping_) return;
    registration_.expires_after(retry_after);
    registration_.async_wait([this, retry_after](boost::system::error_code ec) {
      if (!ec) register_on_start(std::min(retry_after * 2, kMaxRetry));
    });
  });
}

}  // namespace bankconnect::daemon
