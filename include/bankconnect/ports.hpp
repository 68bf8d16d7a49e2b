// What the follower needs besides a store: BankConnect, a timer, and a listener to what happens. The shell
// implements these; tests and simulations put their own in place. Every callback comes on the event-loop
// thread, later, never from inside the call it was given to.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bankconnect/error.hpp"
#include "bankconnect/records.hpp"

namespace bankconnect {

/// One call to be made.
struct Question {
  SessionId id;
  Call call = Call::upload_status;
  Steady due = kNoSteady;  ///< when it was to leave
  /// Checked right before the request's first byte: later than this Trigger::not_sent is the answer. On the
  /// clock that counts suspension, because evidence ages through it.
  Elapsed not_after = kNoLimit;
  bool new_connection = false;                    ///< maybe to another host of BankConnect
  Duration time_limit{0};                         ///< given up after that; zero: when every call is
  std::vector<ReportFormat> report_formats = {};  ///< for insights: which links are wanted
};

/// What came of it.
struct Answer {
  Event event;
  int http_status = 0;         ///< 0 without an HTTP answer
  bool names_session = false;  ///< its body names the session that was asked about
  std::optional<LastError> error;
  /// What decided: the field as BankConnect spells it, its value, and the statement that an error names.
  const char* field = "";
  std::string value;
  std::string statement;
  /// What the answer said of accounts and statements; see SessionRecord.
  std::optional<std::string> accounts;
  std::shared_ptr<const Payload> payload;
  ReportLinks report_links = {};  ///< of insights
  Duration took{0};
};

/// What came of fetching a report.
struct ReportAnswer {
  enum class Result : std::uint8_t {
    fetched,
    try_again,     ///< the host cannot be reached, or cannot answer now
    link_expired,  ///< the link is refused: fresh insights may have one that is not
    impossible     ///< the same link would give nothing another time either
  } result = Result::fetched;
  std::shared_ptr<const Payload> report;  ///< when it was fetched
  LastError error;                        ///< otherwise
  int http_status = 0;                    ///< 0 without an HTTP answer
  Duration took{0};
};

class UpstreamPort {
 public:
  virtual ~UpstreamPort() = default;
  virtual void ask(const Question& question, std::function<void(Answer)> done) = 0;
  /// Whether there is memory for the answer of one more call whose answer is stored.
  virtual bool has_memory() const { return true; }
  /// From the host that the link names, which is not BankConnect.
  virtual void fetch_report(const ReportLink& link, std::function<void(ReportAnswer)> done) = 0;
};

/// `Follower::run` is to be called at the time set last, or soon after.
class Alarm {
 public:
  virtual ~Alarm() = default;
  virtual void set(Steady at) = 0;
};

/// Whether BankConnect may be called.
struct UpstreamCondition {
  enum class Kind : std::uint8_t { flowing, broken, paused } kind = Kind::flowing;
  std::string code;  ///< of the answer that changed it
  Wall since = kNoWall;
  bool operator==(const UpstreamCondition&) const = default;
};

/// A webhook that was answered.
struct WebhookSeen {
  /// `accepted`, `duplicate`, `recorded`, `kept`, `ignored`, or the code it was refused with.
  std::string result;
  int status = 200;  ///< HTTP
  std::string event_name;
  std::optional<SessionId> id;
  std::uint64_t bytes = 0;  ///< of the body; 0 when the request was refused before it was read
  Sha256 sha256{};
  Wall at = kNoWall;
};

/// Called with what happened; decides nothing.
class Observer {
 public:
  virtual ~Observer() = default;
  /// A transition that is on disk.
  virtual void transitioned(const EventRecord& event) = 0;
  /// The session as it is on disk after a write.
  virtual void stored(const SessionRecord& record) = 0;
  /// Something shown of the session changed in memory only.
  virtual void changed(const SessionId& id) = 0;
  virtual void erased(const SessionId& id, State last) = 0;
  /// `late`: how long after it was due the call was made.
  virtual void asked(const Question& question, Duration late) = 0;
  virtual void answered(const Question& question, const Answer& answer) = 0;
  virtual void report(const SessionId& id, const ReportName& name, const ReportAnswer& answer) = 0;
  virtual void anomaly(const SessionId& id, Anomaly anomaly, std::optional<UploadStatus> rules_say) = 0;
  virtual void upstream_condition(const UpstreamCondition& condition) = 0;
  virtual void webhook(const WebhookSeen& seen) = 0;
  /// Polling found a change, and its webhook did not come within the grace period.
  virtual void webhook_missed(const SessionId& id, Notification kind) = 0;
  virtual void webhook_health(WebhookHealth health) = 0;
};

}  // namespace bankconnect
