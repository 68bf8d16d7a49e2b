// What can go wrong on purpose, and when.
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
  chunked
};

inline constexpr NameTable<FaultKind, 16> kFaultKindNames{{{"status", FaultKind::status},
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
                                                           {"chunked", FaultKind::chunked}}};

// The shapes error bodies come in.
enum class BodyShape { error, error_with_ids, detail, message, html, empty };

inline constexpr NameTable<BodyShape, 6> kBodyShapeNames{{{"error", BodyShape::error},
                                                          {"error_with_ids", BodyShape::error_with_ids},
                                                          {"detail", BodyShape::detail},
                                                          {"message", BodyShape::message},
                                                          {"html", BodyShape::html},
                                                          {"empty", BodyShape::empty}}};

// "Retry-After: 2" or, as a date, the moment of the answer plus two seconds.
struct RetryAfter {
  Duration wait{};
  bool as_date = false;
};

// Which calls a fault strikes. Without nth, first or every it strikes each one between `from` and `until`.
struct FaultTrigger {
  std::optional<Call> call;  // nothing: any
  std::vector<int> nth;
  int first = 0;
  int every = 0;
  Duration from{};
  std::optional<Duration> until;
};

struct Fault {
  FaultTrigger trigger;
  FaultKind kind = FaultKind::status;
  bool takes_effect = false;  // whether the call still does what it does before its answer is spoilt
  int status = 503;
  BodyShape shape = BodyShape::error;
  std::string code;
  std::string message;
  std::optional<RetryAfter> retry_after;
  Duration delay{};
  std::uint64_t size = 0;
  std::string location;
};

// True for kinds that spoil the answer only; false for those that keep the call from being heard at all.
bool takes_effect_by_default(FaultKind kind);

// `count` is the number of this call (from 1), `age` the time since the session began or the sandbox started.
bool matches(const FaultTrigger& trigger, Call call, int count, int count_of_all, Duration age);

}  // namespace bankconnect::sandbox
