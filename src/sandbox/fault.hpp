// Injected faults of answers: which kinds exist, and which calls they apply to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/sandbox/call.hpp"
#include "src/sandbox/time_format.hpp"

namespace bankconnect::sandbox {

enum class FaultKind {
  status,
  slow,
  drop,
  drop_after,
  reset,
  html,
  truncated,
  bad_json,
  wrong_session,
  redirect,
  stall,
  oversize,
  slow_body,
  informational,
  close,
  chunked,
  cached,
  beside_data,
  no_accounts,
  not_strict,
  gzip,
  expired_early,
  insights_denied
};

inline constexpr NameTable<FaultKind, 23> kFaultKindNames{{{"status", FaultKind::status},
                                                           {"slow", FaultKind::slow},
                                                           {"drop", FaultKind::drop},
                                                           {"drop_after", FaultKind::drop_after},
                                                           {"reset", FaultKind::reset},
                                                           {"html", FaultKind::html},
                                                           {"truncated", FaultKind::truncated},
                                                           {"bad_json", FaultKind::bad_json},
                                                           {"wrong_session", FaultKind::wrong_session},
                                                           {"redirect", FaultKind::redirect},
                                                           {"stall", FaultKind::stall},
                                                           {"oversize", FaultKind::oversize},
                                                           {"slow_body", FaultKind::slow_body},
                                                           {"informational", FaultKind::informational},
                                                           {"close", FaultKind::close},
                                                           {"chunked", FaultKind::chunked},
                                                           {"cached", FaultKind::cached},
                                                           {"beside_data", FaultKind::beside_data},
                                                           {"no_accounts", FaultKind::no_accounts},
                                                           {"not_strict", FaultKind::not_strict},
                                                           {"gzip", FaultKind::gzip},
                                                           {"expired_early", FaultKind::expired_early},
                                                           {"insights_denied", FaultKind::insights_denied}}};

// The formats of error bodies.
enum class BodyShape { error, error_with_ids, detail, message, html, empty };

inline constexpr NameTable<BodyShape, 6> kBodyShapeNames{{{"error", BodyShape::error},
                                                          {"error_with_ids", BodyShape::error_with_ids},
                                                          {"detail", BodyShape::detail},
                                                          {"message", BodyShape::message},
                                                          {"html", BodyShape::html},
                                                          {"empty", BodyShape::empty}}};

// "Retry-After: 2", or the time of the answer plus `wait` as a date.
struct RetryAfter {
  Duration wait{};
  bool as_date = false;
};

// Which calls a fault applies to. Without nth, first and every: all between `from` and `until`.
struct FaultTrigger {
  std::optional<Call> call;  // std::nullopt: any
  std::vector<int> nth;
  int first = 0;
  int every = 0;
  Duration from{};
  std::optional<Duration> until;
};

struct Fault {
  FaultTrigger trigger;
  FaultKind kind = FaultKind::status;
  bool takes_effect = false;  // whether the call is executed before its answer is corrupted
  int status = 503;
  BodyShape shape = BodyShape::error;
  std::string code;
  std::string message;
  std::optional<RetryAfter> retry_after;
  Duration delay{};
  std::uint64_t size = 0;
  std::string location;
  Duration age{};
};

// True for kinds that corrupt the answer only, false for those that prevent the call.
bool takes_effect_by_default(FaultKind kind);

// `count` numbers the calls from 1; `age` is the time since the session was created or the sandbox started.
bool matches(const FaultTrigger& trigger, Call call, int count, int count_of_all, Duration age);

}  // namespace bankconnect::sandbox
