// What can happen to the explored session: every event, and every answer that can come to the call in flight.
#pragma once

#include <string_view>
#include <vector>

#include "statemachine/event.hpp"
#include "tests/explore/situation.hpp"

namespace bankconnect::explore {

/// What is configured, and what may happen.
struct World {
  std::string_view name;
  Policy policy;
  Conditions conditions;

  bool webhooks = false;        ///< webhooks come
  bool webhook_health = false;  ///< and can be relied on more at times, and less at others
  bool reports = false;         ///< insights link to reports that are fetched
  bool expires = false;         ///< answers have an expiry timestamp
  bool odd_answers = false;     ///< answers that contradict BankConnect's documents
  /// The answers stay what they are, at once, and the daemon neither dies nor is late: the limits of the
  /// configuration alone have to end every session.
  bool unchanging = false;
  std::vector<Trigger> faults;            ///< refusals and faults, of any call
  std::vector<Trigger> faults_after_end;  ///< only of calls that are made for a final session
  std::vector<Trigger> commands;          ///< of operators
  bool large = false;                     ///< takes minutes: visited only when it is named, or with --all
};

/// The events that may come now, but for answers. Some are ignored in some situations.
std::vector<Event> events_now(const World& world, const Situation& situation);

/// Every answer to the call in flight.
std::vector<Event> answers(const World& world, const Situation& situation);

}  // namespace bankconnect::explore
