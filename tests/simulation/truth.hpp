// A session as it is at BankConnect, independent of any calls about it.
#pragma once

#include "bankconnect/records.hpp"
#include "tests/simulation/chance.hpp"
#include "tests/simulation/plan.hpp"

namespace bankconnect::simulation {

struct Truth {
  SessionId id;
  Steady exists_from = kNoSteady;  ///< SESSION_NOT_FOUND before
  Steady begins = kNever;          ///< the first upload
  Steady completes = kNever;
  Steady reopens = kNever;  ///< the user adds another bank
  Steady completes_again = kNever;
  Steady expires = kNever;
  bool tells_expiry = false;  ///< answers name the expiry timestamp
  Steady deleted = kNever;
  Steady requested_elsewhere = kNever;  ///< when another client initiates
  bool unparsable = false;
  bool unserved = false;  ///< neither its session status nor its insights can be fetched, ever
  Duration processing{0};
  std::uint32_t accounts = 1;
  std::uint32_t failed = 0;
  InsightsAvailable insights = InsightsAvailable::absent;

  // Effects of calls.
  bool requested = false;
  Steady finished = kNever;     ///< processing
  std::uint32_t accepted = 0;   ///< initiates that took effect since the last one was forgotten
  std::uint32_t forgotten = 0;  ///< accepted requests that were lost
  bool told = false;            ///< its insights were delivered
  Steady vanished_until = kNoSteady;
  Steady odd_until = kNoSteady;  ///< progress answers are undocumented values
  /// How the fetches of a session are answered that was told already; nothing: as they are.
  std::optional<Trigger> refuses;
  Steady empty_until = kNoSteady;   ///< insights list no account
  Steady behind_until = kNoSteady;  ///< a host that is asked knows of no request

  bool found(Steady now) const { return now >= exists_from && now >= vanished_until; }
  bool gone(Steady now) const { return now >= deleted; }
  UploadStatus status(Steady now) const;
  /// Whether it expired with its uploads incomplete.
  bool expired_incomplete(Steady now) const { return completes == kNever && now >= expires; }
  std::uint32_t statements(Steady now) const { return now >= begins ? accounts : 0; }
  /// Makes an initiate take effect.
  void accept(Steady now);
  /// Applies another client's initiate when it is due.
  void let_others_request(Steady now);
};

Truth truth_of(std::uint32_t number, Steady from, const Plan& plan, Chance& chance);

}  // namespace bankconnect::simulation
