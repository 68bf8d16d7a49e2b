// What systemd wants to hear and hands over: readiness, status, watchdog, sockets.
#pragma once

#include <optional>
#include <string>

#include "statemachine/moment.hpp"

namespace bankconnect::daemon {

/// False when systemd could not be told; it has to be, or it ends the daemon.
bool notify_ready(const std::string& status);
void notify_status(const std::string& status);
void notify_stopping();
void notify_watchdog();

/// How often the watchdog wants to be fed; nothing when there is none.
std::optional<Duration> watchdog_interval();

/// The listening socket systemd passed under `name`, or -1.
int activated_socket(const std::string& name);

}  // namespace bankconnect::daemon
