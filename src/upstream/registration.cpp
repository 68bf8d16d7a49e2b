#include "src/upstream/registration.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>

#include "src/upstream/content_coding.hpp"

namespace bankconnect::upstream {

namespace {
constexpr std::size_t kLongest = 64 * 1024;  // no answer of BankConnect's to this call is longer
}

boost::asio::awaitable<RegistrationAnswer> register_webhook(Exchanger& exchanger, const Clock& clock,
                                                            const UpstreamConfig& config, std::string url,
                                                            std::string mode) {
  HttpRequest request;
  request.post = true;
  request.target = exchanger.base().path + "/session_data/update_webhook/";
  request.body = "{\"webhook_url\":" + boost::json::serialize(boost::json::string(url)) +
                 ",\"webhook_mode\":" + mode + "}";
  ExchangeLimits limits;
  limits.answer.max_body = config.max_response_size;
  limits.answer.min_throughput = config.min_throughput;
  limits.answer.grace = config.answer_grace;
  limits.answer.deadline = std::chrono::steady_clock::now() + config.request_timeout;
  limits.fresh_connection = true;
  Exchange exchange = co_await exchanger.exchange(request, limits);
  RegistrationAnswer answer;
  answer.registration = {std::move(url), std::move(mode), clock.now().wall, 0, "", ""};
  if (const auto* error = std::get_if<TransportError>(&exchange.outcome)) {
    answer.registration.code = error->code;
    answer.registration.message = error->message;
    co_return answer;
  }
  auto& http = std::get<HttpAnswer>(exchange.outcome);
  answer = read_registration(std::move(answer.registration), std::move(http));
  if (answer.registration.code.empty()) exchanger.keep(std::move(exchange));
  co_return answer;
}

RegistrationAnswer read_registration(Registration registration, HttpAnswer http) {
  const Wall at = registration.at;
  std::optional<LastError> unreadable;
  if (http.body.size() > kLongest) {
    unreadable = LastError{"RESPONSE_TOO_LARGE", "the answer is larger than any to this call", at};
    http.body.clear();
  }
  auto plain = decoded(http.content_encoding, std::move(http.body), kLongest);
  if (plain.has_error()) unreadable = LastError{plain.error().code, plain.error().message, at};
  http.body = plain ? std::move(*plain) : std::string();
  std::optional<LastError> error = error_in(http, at);
  if (unreadable) {
    // Of a refusal the status says enough.
    if (error) unreadable->code = error->code;
    error = unreadable;
  }

  RegistrationAnswer answer;
  answer.registration = std::move(registration);
  answer.registration.http_status = http.status;
  if (error) {
    answer.registration.code = error->code;
    answer.registration.message = error->message;
  }
  answer.body = std::move(http.body);
  return answer;
}

}  // namespace bankconnect::upstream
