#include "src/daemon/descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace bankconnect::daemon {
namespace {

constexpr std::uint32_t kLeast = 4;

/// Of `from`, as `wanted` is of `all`.
std::uint32_t share(std::uint64_t from, std::uint32_t wanted, std::uint64_t all) {
  const auto part = static_cast<std::uint32_t>(from * wanted / all);
  return std::min(wanted, std::max(kLeast, part));
}

void add_lowered(std::string& text, const char* what, std::uint32_t wanted, std::uint32_t allowed) {
  if (wanted == allowed) return;
  if (!text.empty()) text += ", ";
  text.append(what).append(" ").append(std::to_string(wanted)).append(" to ").append(std::to_string(allowed));
}

}  // namespace

Connections connections_within(std::uint64_t limit, const Connections& wanted) {
  const std::uint64_t all = std::uint64_t{wanted.control} + wanted.webhook + wanted.upstream;
  const std::uint64_t left = limit - kOtherDescriptors;
  if (all <= left) return wanted;
  Connections allowed;
  allowed.webhook = wanted.webhook > 0 ? share(left, wanted.webhook, all) : 0;
  allowed.upstream = share(left, wanted.upstream, all);
  allowed.control = share(left, wanted.control, all);
  // Where four are more than a part's share, the part that has most gives them.
  const auto sum = [&allowed] { return std::uint64_t{allowed.control} + allowed.webhook + allowed.upstream; };
  while (sum() > left) {
    std::uint32_t& most = allowed.webhook > allowed.control ? allowed.webhook : allowed.control;
    --(most > allowed.upstream ? most : allowed.upstream);
  }
  return allowed;
}

std::string lowered_text(std::uint64_t limit, const Connections& wanted, const Connections& allowed) {
  std::string lowered;
  add_lowered(lowered, "connections to the control socket from", wanted.control, allowed.control);
  add_lowered(lowered, "webhook.max_connections from", wanted.webhook, allowed.webhook);
  add_lowered(lowered, "upstream.max_connections from", wanted.upstream, allowed.upstream);
  if (lowered.empty()) return lowered;
  const std::uint64_t needed = kOtherDescriptors + wanted.control + wanted.webhook + wanted.upstream;
  return "the limit of open files (RLIMIT_NOFILE) is " + std::to_string(limit) + " and " +
         std::to_string(needed) + " may be needed; lowered: " + lowered + " (systemd: LimitNOFILE=)";
}

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kLeastDescriptors;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
}

}  // namespace bankconnect::daemon
