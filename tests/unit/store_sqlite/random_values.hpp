// Random sessions, and plain ones with their writes.
#pragma once

#include <random>
#include <string>

#include "bankconnect/store.hpp"

namespace bankconnect::test {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t number() { return engine_(); }
  std::uint64_t below(std::uint64_t end) { return engine_() % end; }
  bool chance() { return (engine_() & 1) != 0; }

  /// Incompressible.
  std::string bytes(std::size_t size) {
    std::string out(size, '\0');
    for (char& c : out)
      c = static_cast<char>(engine_());
    return out;
  }
  std::string letters(std::size_t size) {
    std::string out(size, 'a');
    for (char& c : out)
      c = static_cast<char>('a' + engine_() % 26);
    return out;
  }
  SessionId id() {
    SessionId id;
    for (auto& byte : id.bytes)
      byte = static_cast<std::uint8_t>(engine_());
    return id;
  }
  Wall wall() {
    if (below(4) == 0) return kNoWall;
    return Wall(Duration(1'600'000'000'000 + static_cast<std::int64_t>(below(400'000'000'000))));
  }
  template <class E>
  E any(E last) {
    return static_cast<E>(below(static_cast<std::uint64_t>(last) + 1));
  }

  Durable durable() {
    Durable durable;
    durable.state = any(State::failed);
    durable.failed_from = any(State::failed);
    durable.upload_status = any(UploadStatus::unknown);
    durable.outcome = any(Outcome::partial);
    durable.reason = any(Reason::refused);
    durable.why = any(kLastWhy);
    durable.final = chance();
    durable.hold = chance();
    durable.process_wanted = chance();
    durable.stalled = chance();
    durable.requested_elsewhere = chance();
    durable.anomalies = static_cast<std::uint16_t>(number());
    durable.reinitiates = static_cast<std::uint8_t>(number());
    durable.accounts = static_cast<std::uint32_t>(number());
    durable.statements = static_cast<std::uint32_t>(number());
    durable.fingerprint = static_cast<std::uint32_t>(number());
    durable.submitted_at = wall();
    durable.followed_from = as_elapsed(wall());
    durable.since = wall();
    durable.state_since = as_elapsed(wall());
    durable.expires_at = wall();
    durable.requested_at = wall();
    durable.accepted_at = wall();
    durable.not_found_since = as_elapsed(wall());
    durable.not_requested_since = as_elapsed(wall());
    durable.doubted_since = as_elapsed(wall());
    durable.final_at = as_elapsed(wall());
    durable.after_end = any(AfterEnd::reports);
    durable.after_end_since = as_elapsed(wall());
    durable.enriched_as = any(kLastWhy);
    durable.restored = chance();
    durable.requester_unknown = chance();
    durable.progress_fingerprint = static_cast<std::uint32_t>(number());
    return durable;
  }

  Transition transition() {
    Transition t;
    if (chance()) t.from = any(State::failed);
    t.to = any(State::failed);
    t.cause = any(Cause::command);
    t.trigger = any(Trigger::refresh_refused);
    t.final = chance();
    t.outcome = any(Outcome::partial);
    t.reason = any(Reason::refused);
    t.at = Wall(Duration(1'700'000'000'000 + static_cast<std::int64_t>(below(1'000'000))));
    return t;
  }

  NewSession session() { return {id(), letters(below(40)), durable(), transition()}; }
  /// A step of this submission.
  SessionWrite write_for(const NewSession& session) {
    SessionWrite write;
    write.id = session.id;
    write.durable = durable();
    write.durable.submitted_at = session.durable.submitted_at;
    return write;
  }

 private:
  std::mt19937_64 engine_;
};

/// A session as submitted in 2024.
inline NewSession new_session(const SessionId& id, const std::string& reference = "") {
  NewSession session{id, reference, {}, {}};
  session.durable.submitted_at = session.durable.since = Wall(std::chrono::hours(480'000));
  session.transition.at = session.durable.submitted_at;
  return session;
}

/// The write of a transition of that session to `to`.
inline SessionWrite step_to(const NewSession& session, State to, bool final = false) {
  SessionWrite write;
  write.id = session.id;
  write.durable = session.durable;
  write.durable.state = to;
  write.durable.final = final;
  write.durable.final_at = final ? as_elapsed(session.durable.since) : kNoElapsed;
  Transition transition;
  transition.from = session.durable.state;
  transition.to = to;
  transition.final = final;
  transition.at = session.durable.since;
  write.transition = transition;
  return write;
}

inline std::shared_ptr<const Payload> payload_of(std::string compressed, Wall fetched_at = kNoWall) {
  Payload payload;
  payload.bytes = compressed.size() * 3;
  payload.sha256.fill(static_cast<std::uint8_t>(compressed.size()));
  payload.compressed = std::move(compressed);
  payload.fetched_at = fetched_at == kNoWall ? Wall(std::chrono::hours(480'001)) : fetched_at;
  return std::make_shared<const Payload>(std::move(payload));
}

}  // namespace bankconnect::test
