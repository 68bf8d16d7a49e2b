#include "src/upstream/registration.hpp"

namespace bankconnect::upstream {

namespace {
constexpr std::size_t kLongest = 64 * 1024;  // no answer of BankConnect's to this call is longer
}

RegistrationAnswer read_registration(Registration registration, HttpAnswer http) {
  const Wall at = registration.at;
  std::optional<LastError> unreadable;
  if (!http.content_encoding.empty()) unreadable = LastError{"UNEXPECTED_BODY", "the answer is encoded", at};
  if (http.body.size() > kLongest)
    unreadable = LastError{"RESPONSE_TOO_LARGE", "the answer is larger than any to this call", at};
  if (unreadable) http.body.clear();
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
