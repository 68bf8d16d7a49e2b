// A session as BankConnect itself knows it: what happens to it, whether anybody asks or not.
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
  Steady reopens = kNever;  ///< the user comes back for another bank …
  Steady completes_again = kNever;
  Steady expires = kNever;
  bool tells_expiry = false;  ///< answers name the expiry timestamp
  Steady deleted = kNever;
  Steady requested_elsewhere = kNever;  ///< somebody else initiates
  bool unparsable = false;
  bool unserved = false;  ///< neither its session status nor its insights can be fetched, ever
  Duration processing{0};
  std::uint32_t accounts = 1;
  std::uint32_t failed = 0;
  InsightsAvailable insights = InsightsAvailable::absent;

  // What came of it.
  bool requested = false;
  Steady finished = kNever;     ///< processing
  std::uint32_t accepted = 0;   ///< initiates that took effect since the last one was forgotten
  std::uint32_t forgotten = 0;  ///< requests that were lost again
  bool told = false;            ///< its insights were handed out
  Steady vanished_until = kNoSteady;
  Steady odd_until = kNoSteady;  ///< progress makes no sense

  bool found(Steady now) const { return now >= exists_from && now >= vanished_until; }
  bool gone(Steady now) const { return now >= deleted; }
  UploadStatus status(Steady now) const;
  std::uint32_t statements(Steady now) const { return now >= begins ? accounts : 0; }
  /// initiate takes effect.
  void accept(Steady now);
  /// Somebody else's initiate, when its time has come.
  void let_others_request(Steady now);
};

Truth truth_of(std::uint32_t number, Steady from, const Plan& plan, Chance& chance);

}  // namespace bankconnect::simulation
