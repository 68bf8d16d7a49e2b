// The systemd interface: readiness, status, watchdog, activated sockets.
#pragma once

#include <optional>
#include <string>

#include "statemachine/moment.hpp"

namespace bankconnect::daemon {

// Notifications are sent without waiting: one that the receiver does not take at once is dropped.

/// False when it was dropped. Until it is sent, systemd counts the start as unfinished and ends it after a
/// timeout.
bool notify_ready(const std::string& status);
void notify_status(const std::string& status);
void notify_stopping();
void notify_watchdog();

/// Keeps SIGHUP, SIGTERM and SIGINT pending, in this thread and those it starts, until they are released:
/// before there is a handler, they would end the process.
void hold_signals();
void release_signals();

/// How often the watchdog must be notified; nothing when there is none.
std::optional<Duration> watchdog_interval();

/// The listening socket systemd passed under `name`, or -1.
int activated_socket(const std::string& name);

}  // namespace bankconnect::daemon
