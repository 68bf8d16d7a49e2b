#include "src/upstream/api_error.hpp"

#include "src/upstream/accounts.hpp"

namespace bankconnect::upstream {

namespace {

constexpr std::size_t kLongestCode = 64;

std::string printable(std::string_view text, std::size_t longest) {
  std::string out;
  for (const char c : text.substr(0, longest))
    out.push_back(c >= 0x20 && c < 0x7f ? c : '?');
  return out;
}

std::string sentence(int http_status, const ApiError& said, const Result<Skimmed>& body) {
  const bool redirects = http_status >= 300 && http_status < 400;
  if (redirects && said.code.empty())
    return "the answer redirects to another address, which is never followed: check upstream.base_url";
  if (!said.message.empty()) return said.message;
  if (http_status == 404 && said.code.empty())
    return "there is nothing at this address: check upstream.base_url";
  return body ? "the answer gives no reason" : body.error().message;
}

}  // namespace

/// Numbers are masked before it is cut, so that none is cut short of being one.
std::string shown(std::string_view text, std::size_t longest) {
  return printable(with_numbers_masked(text), longest);
}

ApiError error_of(const Skimmed& body) {
  ApiError out{printable(body.error_code, kLongestCode), shown(body.error_message, kLongestMessage)};
  if (out.message.empty()) out.message = shown(body.detail, kLongestMessage);
  if (out.message.empty() && out.code.empty()) out.message = shown(body.message, kLongestMessage);
  return out;
}

LastError refusal(int http_status, const ApiError& said, const Result<Skimmed>& body, Wall now) {
  return {said.code.empty() ? "HTTP_" + std::to_string(http_status) : said.code,
          sentence(http_status, said, body), now};
}

}  // namespace bankconnect::upstream
