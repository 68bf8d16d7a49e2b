// A session's story, told event by event under a clock that moves when the story says so.
#pragma once

#include <boost/test/unit_test.hpp>
#include <optional>

#include "bankconnect/store.hpp"
#include "statemachine/machine.hpp"
#include "tests/support/print.hpp"
#include "tests/support/row_coverage.hpp"

namespace bankconnect::test {

using namespace std::chrono_literals;

/// What a step sends: a call or nothing.
struct Sent {
  std::optional<Call> call;
  friend bool operator==(const Sent& sent, Call expected) { return sent.call == expected; }
  friend bool operator==(const Sent&, const Sent&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Sent& sent) {
    return out << (sent.call ? to_string(*sent.call) : "nothing");
  }
};
inline constexpr Sent nothing{};

/// Proof of a commit, for a test that plays the store.
class TestCommits : public StoreWriter {
 public:
  static Committed commit() { return committed(); }
};

class Story {
 public:
  Policy policy;
  Conditions conditions;
  Moment now{Steady(1'000'000s), Wall(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1))};
  Session session = new_session(*SessionId::parse("136b1aa3-4610-4d0a-89f3-03078a2fce92"), false, now);
  Decision last;

  const Durable& durable() const { return session.durable; }
  State state() const { return session.durable.state; }

  Story& tell(const Event& event) {
    last = step(session, event, now, policy, conditions);
    session = last.next;
    took(last.row);
    return *this;
  }
  Story& tell(Trigger trigger, Call call = Call::upload_status) {
    Event event;
    event.trigger = trigger;
    event.call = call;
    return tell(event);
  }

  Story& submit(bool hold = false) {
    session = new_session(session.id, hold, now);
    return tell(Trigger::submitted);
  }
  /// Time passes until the session is due, and it asks.
  Story& ask() {
    BOOST_TEST_REQUIRE((session.in_memory.due != kNever), "the session is waiting for nothing");
    if (session.in_memory.due > now.steady) pass(session.in_memory.due - now.steady);
    return tell(Trigger::due);
  }
  /// What the last step sends, given that it was committed.
  Sent sends() const {
    const auto proof =
        last.persist.empty() ? Committed::nothing_to_persist(last.persist) : TestCommits::commit();
    return {last.after_commit.actions(proof).ask};
  }
  Duration until_due() const { return session.in_memory.due - now.steady; }

  Story& pass(Duration time) {
    now.steady += time;
    now.wall += time;
    now.elapsed += time;
    return *this;
  }
  /// Somebody sets the wall clock.
  Story& jump(Duration time) {
    now.wall += time;
    return *this;
  }
  /// The daemon ends and starts again `gap` later.
  Story& restart(Duration gap = 1s) {
    pass(gap);
    now.steady = Steady(5s);
    session = restored_session(session.id, session.durable);
    return tell(Trigger::recovered);
  }

  /// An upload-status answer to the question that is in flight; asks first if none is.
  /// When it lists statements, they are of so many accounts.
  Story& reports(UploadStatus status, std::uint32_t statements = 0, std::uint32_t accounts = 1) {
    if (!session.in_memory.in_flight) ask();
    Event event;
    event.upload.status = status;
    event.upload.accounts = statements > 0 ? accounts : 0;
    event.upload.statements = statements;
    event.upload.fingerprint = statements;
    event.upload.expires_at = expires_at;
    event.trigger = trigger_of(status);
    return tell(event);
  }
  Wall expires_at = kNoWall;

  Story& answers(Trigger trigger) {
    if (!session.in_memory.in_flight) ask();
    return tell(trigger, session.in_memory.next_call);
  }
  Story& answers_status(std::uint32_t accounts, std::uint32_t failed,
                        InsightsAvailable available = InsightsAvailable::absent) {
    if (!session.in_memory.in_flight) ask();
    Event event;
    event.trigger = Trigger::session_status_fetched;
    event.call = Call::session_status;
    event.processing = {accounts, failed, available};
    return tell(event);
  }

  Story& answers_insights(bool error_beside_data, bool lists_no_account) {
    if (!session.in_memory.in_flight) ask();
    Event event;
    event.trigger = Trigger::insights_fetched;
    event.call = Call::insights;
    event.error_beside_data = error_beside_data;
    event.lists_no_account = lists_no_account;
    return tell(event);
  }

  // Shortcuts to the middle of a story.
  Story& to_in_progress() { return submit().reports(UploadStatus::in_progress, 1); }
  /// COMPLETED with the intent recorded; initiate is due.
  Story& to_intent() { return submit().reports(UploadStatus::completed, 1); }
  Story& to_processing() {
    to_intent().ask();
    return tell(Trigger::accepted, Call::initiate);
  }
  Story& to_expired_intent() { return submit().reports(UploadStatus::expired, 1); }
  Story& to_expired_final() { return submit().reports(UploadStatus::expired, 0); }
};

}  // namespace bankconnect::test
