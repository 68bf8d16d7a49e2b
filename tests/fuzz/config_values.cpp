// Values of the configuration: what is read can be shown, and is read again as the same.
#include "bankconnect/listen.hpp"
#include "src/daemon/config_value.hpp"
#include "tests/fuzz/target.hpp"

namespace bankconnect::fuzz {
namespace {

void check_address(const std::string& text) {
  const auto address = net::parse_listen_address(text);
  if (address.has_error()) {
    must(address.error().message.find("expected 127.0.0.1:8080") != std::string::npos,
         "a refusal says what would be right");
    return;
  }
  must(text.find('\0') == std::string::npos, "an address has no NUL in it");
  must(address->host.empty() != address->unix_path.empty(), "an address is one thing or the other");
  const auto again = net::parse_listen_address(net::to_string(*address));
  must(again.has_value(), "an address shown can be read");
  must(*again == *address, "an address shown is the same address");
}

void check(std::string_view text) {
  if (const auto duration = daemon::parse_duration(text)) {
    must(duration->count() >= 0, "a duration is not negative");
    must(daemon::parse_duration(daemon::show_duration(*duration)) == duration,
         "a duration is shown as it is");
    must(daemon::show_duration(*duration).size() <= text.size() + 1, "a duration is shown shortly");
  }
  if (const auto size = daemon::parse_size(text)) {
    must(*size >= 0, "a size is not negative");
    must(daemon::parse_size(daemon::show_size(*size)) == size, "a size is shown as it is");
  }
  check_address(std::string(text));
  const std::string_view first = text.substr(0, 40);
  const auto there = daemon::edit_distance(first, "webhook.listen");
  must(there == daemon::edit_distance("webhook.listen", first), "the edit distance is symmetric");
  must((there == 0) == (first == "webhook.listen"), "only equal words have edit distance zero");
}

}  // namespace
}  // namespace bankconnect::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bankconnect::fuzz::check(bankconnect::fuzz::text_of(data, size));
  return 0;
}
