#include "src/upstream/api_error.hpp"

#include "bankconnect/text.hpp"
#include "src/upstream/masked_text.hpp"

namespace bankconnect::upstream {

namespace {

constexpr std::size_t kLongestCode = 64;

std::string sentence(int http_status, const ApiError& said, const Result<BodySummary>& body) {
  const bool redirects = http_status >= 300 && http_status < 400;
  if (redirects && said.code.empty())
    return "the answer redirects to another address, which is never followed: check upstream.base_url";
  if (!said.message.empty()) return said.message;
  if (http_status == 404 && said.code.empty())
    return "there is nothing at this address: check upstream.base_url";
  const bool not_by_status = http_status == 400 || (http_status > 403 && http_status < 500);
  if (not_by_status && http_status != 408 && http_status != 425 && http_status != 429 && said.code.empty())
    return "the answer has no error code of BankConnect's: look for a proxy or firewall in between";
  return body ? "the answer gives no reason" : body.error().message;
}

}  // namespace

/// Masked before it is cut, because a number cut short would not be recognised.
std::string displayable(std::string_view text, std::size_t longest) {
  return printable(with_numbers_masked(text), longest);
}

ApiError error_of(const BodySummary& body) {
  ApiError out{printable(body.error_code, kLongestCode), displayable(body.error_message, kLongestMessage)};
  if (out.message.empty()) out.message = displayable(body.detail, kLongestMessage);
  if (out.message.empty() && out.code.empty()) out.message = displayable(body.message, kLongestMessage);
  return out;
}

LastError refusal(int http_status, const ApiError& said, const Result<BodySummary>& body, Wall now) {
  return {said.code.empty() ? "HTTP_" + std::to_string(http_status) : said.code,
          sentence(http_status, said, body), now};
}

}  // namespace bankconnect::upstream
