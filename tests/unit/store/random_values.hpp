// Sessions as no test author would think them up.
#pragma once

#include <random>
#include <string>

#include "bankconnect/ports.hpp"

namespace bankconnect::test {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t number() { return engine_(); }
  std::uint64_t below(std::uint64_t end) { return engine_() % end; }
  bool chance() { return (engine_() & 1) != 0; }

  /// Random bytes: nothing can compress them.
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

  Kept kept() {
    Kept kept;
    kept.state = any(State::failed);
    kept.failed_from = any(State::failed);
    kept.upload_status = any(UploadStatus::unknown);
    kept.outcome = any(Outcome::partial);
    kept.reason = any(Reason::refused);
    kept.why = any(Why::reopened);
    kept.final = chance();
    kept.hold = chance();
    kept.process_wanted = chance();
    kept.stalled = chance();
    kept.requested_elsewhere = chance();
    kept.anomalies = static_cast<std::uint8_t>(number());
    kept.reinitiates = static_cast<std::uint8_t>(number());
    kept.accounts = static_cast<std::uint32_t>(number());
    kept.statements = static_cast<std::uint32_t>(number());
    kept.fingerprint = static_cast<std::uint32_t>(number());
    kept.submitted_at = wall();
    kept.followed_from = as_reckoned(wall());
    kept.since = wall();
    kept.state_since = as_reckoned(wall());
    kept.expires_at = wall();
    kept.requested_at = wall();
    kept.accepted_at = wall();
    kept.not_found_since = as_reckoned(wall());
    kept.final_at = as_reckoned(wall());
    return kept;
  }

  Transition transition() {
    Transition t;
    if (chance()) t.from = any(State::failed);
    t.to = any(State::failed);
    t.cause = any(Cause::operator_);
    t.trigger = any(Trigger::retry);
    t.final = chance();
    t.outcome = any(Outcome::partial);
    t.reason = any(Reason::refused);
    t.at = Wall(Duration(1'700'000'000'000 + static_cast<std::int64_t>(below(1'000'000))));
    return t;
  }

  NewSession session() { return {id(), letters(below(40)), kept(), transition()}; }

 private:
  std::mt19937_64 engine_;
};

/// A session just submitted, at a time long after 1970.
inline NewSession new_session(const SessionId& id, const std::string& reference = "") {
  NewSession session{id, reference, {}, {}};
  session.kept.submitted_at = session.kept.since = Wall(std::chrono::hours(480'000));
  session.transition.at = session.kept.submitted_at;
  return session;
}

/// A step of that session to `to`.
inline SessionWrite step_to(const NewSession& session, State to, bool final = false) {
  SessionWrite write;
  write.id = session.id;
  write.kept = session.kept;
  write.kept.state = to;
  write.kept.final = final;
  write.kept.final_at = final ? as_reckoned(session.kept.since) : kNoReckoned;
  Transition transition;
  transition.from = session.kept.state;
  transition.to = to;
  transition.final = final;
  transition.at = session.kept.since;
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
