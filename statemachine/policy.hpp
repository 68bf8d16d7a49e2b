// The configured numbers that the rules depend on; the defaults are those of docs/configuration.md.
#pragma once

#include <cstdint>

#include "statemachine/moment.hpp"

namespace bankconnect {

/// What to do with a session that expired with statements in it.
enum class ExpiredSessions : std::uint8_t { process, stop };

struct Policy {
  Duration progress_interval = std::chrono::seconds(2);
  Duration upload_interval_min = std::chrono::seconds(5);
  Duration upload_interval_max = std::chrono::minutes(5);
  Duration safety_interval = std::chrono::seconds(60);
  Duration not_found_grace = std::chrono::hours(1);
  Duration follow_for = std::chrono::days(31);
  Duration stalled_after = std::chrono::minutes(30);
  Duration stalled_interval = std::chrono::seconds(30);
  Duration processing_timeout = std::chrono::hours(24);

  bool auto_process = true;
  Duration settle = Duration::zero();
  ExpiredSessions expired_sessions = ExpiredSessions::process;

  /// How long a hint and the notification it stands for may lie apart: BankConnect's answers may show the
  /// change a little later, and a poll may find it a little earlier.
  Duration webhook_grace = std::chrono::seconds(15);

  /// initiate_processing cannot be undone: the COMPLETED or EXPIRED answer it rests on may be no older than
  /// this.
  Duration evidence_max_age = std::chrono::seconds(10);
  Duration backoff_first = std::chrono::seconds(1);
  Duration backoff_max = std::chrono::seconds(30);
  /// How long a session waits after its call was refused for the account's sake while others are served.
  Duration refused_interval = std::chrono::seconds(60);
  /// The shortest time between two questions of a session that hints cause.
  Duration hint_spacing = std::chrono::seconds(1);
  /// How long after the expiry timestamp the question follows that should find EXPIRED.
  Duration after_expiry = std::chrono::seconds(1);
  /// How often an answer with an undocumented code is asked again before the session fails.
  std::uint8_t refusal_retries = 3;
  /// How often insights that list no account, although one completed, are asked for again: BankConnect may
  /// show its results a little later than their status. The pauses double: a minute or so in all.
  std::uint8_t empty_fetches = 7;
  /// How often processing is asked for again, at least, after PROCESSING_NOT_REQUESTED; and the longest pause
  /// between two of the later times.
  std::uint8_t reinitiate_limit = 3;
  Duration reinitiate_pause_max = std::chrono::minutes(5);
  /// An end that contradicts what else is known counts once the answers have said so for so long, so many
  /// times in a row; and how often it is asked for again.
  Duration doubt_for = std::chrono::minutes(10);
  std::uint8_t doubts_needed = 10;
  Duration recheck_interval = std::chrono::seconds(30);
  /// How long a refresh, or the question that a late webhook causes, is tried; and the shortest time between
  /// two such questions of a session.
  Duration after_end_for = std::chrono::hours(1);
  /// How long a session whose insights are stored waits for its reports.
  Duration reports_patience = std::chrono::minutes(10);
};

/// How far webhooks can be relied on; see statemachine/webhook_health.hpp.
enum class WebhookHealth : std::uint8_t { off, unproven, healthy, degraded };

/// What the rules depend on that changes while the daemon runs.
struct Conditions {
  WebhookHealth webhooks = WebhookHealth::off;
  /// The database was put back from a copy: nothing is initiated until an operator says so, because what was
  /// held or forgotten after the copy was made is in it as it was before.
  bool initiate_paused = false;
};

}  // namespace bankconnect
