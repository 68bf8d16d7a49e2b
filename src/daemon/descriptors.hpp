// How many file descriptors the parts of the daemon may use, within the limit of the process.
#pragma once

#include <cstdint>
#include <string>

namespace bankconnect::daemon {

/// Connections that each part may have at once.
struct Connections {
  std::uint32_t control = 0;
  std::uint32_t webhook = 0;
  std::uint32_t upstream = 0;
  bool operator==(const Connections&) const = default;
};

/// What is not for connections: the database, its backup, status files, the log, listening sockets, look-ups,
/// fetches of reports.
inline constexpr std::uint64_t kOtherDescriptors = 64;
/// With fewer the daemon does not start.
inline constexpr std::uint64_t kLeastDescriptors = kOtherDescriptors + 3 * 4;

/// `wanted`, or, where the limit is too low for it, what each part may have of that: its share of what is
/// left, four at least. `limit` is kLeastDescriptors at least.
Connections connections_within(std::uint64_t limit, const Connections& wanted);

/// What was lowered, for people; empty when nothing was.
std::string lowered_text(std::uint64_t limit, const Connections& wanted, const Connections& allowed);

/// Raises the limit of the process to the highest it may set, and returns it.
std::uint64_t raise_descriptor_limit();

}  // namespace bankconnect::daemon
