// How far webhooks can be relied on, as a value. BankConnect promises no retry, order or signature for them,
// so their health is judged by the answers to our own calls: a change that a webhook had announced counts for
// it, a change that polling found and no webhook announced counts against it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "statemachine/policy.hpp"

namespace bankconnect {

/// What BankConnect sends a webhook about. Source: docs/upstream.md, "Webhooks".
enum class Notification : std::uint8_t {
  completion,  ///< the upload status became COMPLETED
  expiry,      ///< the upload status became EXPIRED
  enrichment   ///< processing ended, well or badly
};
inline constexpr std::array kAllNotifications = {Notification::completion, Notification::expiry,
                                                 Notification::enrichment};

/// Some kinds of notification, a bit each.
using NotificationSet = std::uint8_t;
constexpr NotificationSet bit(Notification kind) {
  return static_cast<NotificationSet>(1u << static_cast<unsigned>(kind));
}
inline constexpr NotificationSet kAnyNotification =
    bit(Notification::completion) | bit(Notification::expiry) | bit(Notification::enrichment);

/// The kinds a webhook of this name may be about; every kind for an undocumented name.
NotificationSet notifications_named(std::string_view event_name);

std::string_view to_string(Notification);
std::string_view to_string(WebhookHealth);

/// A change found in an answer, of the kind that BankConnect sends webhooks about.
struct Discovery {
  Notification kind = Notification::completion;
  bool announced = false;  ///< a webhook for this session came before
};

//   off        there is no listener
//   unproven   no change was announced yet
//   healthy    webhooks announce changes: polling is a safety net only
//   degraded   a change happened and its webhook did not come
//
// Each kind of notification is judged by itself, because an account may be registered for some of them only:
// the whole is healthy when at least one kind has proved itself and no kind is missing.
class WebhookHealthMonitor {
 public:
  /// `grace`: `webhook.grace`. Without a listener health is and stays off.
  WebhookHealthMonitor(bool listening, Duration grace) : listening_(listening), grace_(grace) {}

  WebhookHealth health() const;

  /// A webhook announced a change of this kind. After a miss it takes an announcement later than one grace
  /// period after it, so that losing every other webhook does not make the health alternate.
  void announced(Notification kind, Steady now);
  /// The webhook of a change of this kind did not come within the grace period.
  void missed(Notification kind, Steady now);

 private:
  struct Kind {
    bool proven = false;
    Steady missed_at = kNoSteady;  ///< until announced again
  };

  bool listening_;
  Duration grace_;
  std::array<Kind, kAllNotifications.size()> kinds_{};
};

}  // namespace bankconnect
