#include <algorithm>

#include "src/sandbox/number_parsing.hpp"
#include "src/sandbox/scenario_file.hpp"

namespace bankconnect::sandbox {
namespace {

constexpr int kNoLimit = 1'000'000'000;
constexpr std::uint64_t kMaxBodySize = 256 * 1024 * 1024;

FaultTrigger read_trigger(TomlReader& reader) {
  FaultTrigger trigger;
  std::string call = "any";
  reader.read("call", call);
  if (call != "any") {
    Call one = Call::progress;
    reader.read("call", one, kCallNames);
    trigger.call = one;
  }
  reader.read("nth", trigger.nth, 1);
  reader.read("first", trigger.first, 1, kNoLimit);
  reader.read("every", trigger.every, 1, kNoLimit);
  reader.read("from", trigger.from);
  reader.read("until", trigger.until);
  const int selectors = int{!trigger.nth.empty()} + int{trigger.first > 0} + int{trigger.every > 0};
  if (selectors > 1) reader.refuse("nth", "nth, first and every exclude each other; keep one");
  return trigger;
}

std::optional<RetryAfter> read_retry_after(TomlReader& reader) {
  std::string text;
  reader.read("retry_after", text);
  if (text.empty()) return std::nullopt;
  const bool as_date = text.starts_with("date:+");
  const auto wait = as_date ? parse_duration(std::string_view(text).substr(6)) : parse_duration(text + "s");
  if (!wait) reader.refuse("retry_after", "must be seconds (\"2\") or a date from now (\"date:+2s\")");
  return RetryAfter{*wait, as_date};
}

int default_status(FaultKind kind) {
  switch (kind) {
    case FaultKind::redirect: return 302;
    case FaultKind::informational: return 103;
    default: return 503;
  }
}

// Refuses a status that would change the framing of the answer (1xx outside `informational`).
void read_status(TomlReader& reader, Fault& fault) {
  fault.status = default_status(fault.kind);
  switch (fault.kind) {
    case FaultKind::redirect: reader.read("status", fault.status, 300, 399); break;
    case FaultKind::informational: reader.read("status", fault.status, 100, 199); break;
    default: reader.read("status", fault.status, 200, 599); break;
  }
}

}  // namespace

Fault read_fault(TomlReader& reader) {
  Fault fault;
  fault.trigger = read_trigger(reader);
  if (reader.node("kind") == nullptr) reader.refuse("kind", "is missing; use " + one_of(kFaultKindNames));
  reader.read("kind", fault.kind, kFaultKindNames);
  fault.takes_effect = takes_effect_by_default(fault.kind);
  reader.read("effect", fault.takes_effect);
  read_status(reader, fault);
  reader.read("shape", fault.shape, kBodyShapeNames);
  fault.code = "SERVICE_UNAVAILABLE";
  fault.message = "Something went wrong";
  reader.read("code", fault.code);
  reader.read("message", fault.message);
  fault.retry_after = read_retry_after(reader);
  fault.delay = std::chrono::seconds{2};
  reader.read("delay", fault.delay);
  fault.size = 65 * 1024 * 1024;
  reader.read_size("size", fault.size, kMaxBodySize);
  fault.location = "https://elsewhere.example/";
  reader.read("location", fault.location);
  fault.age = std::chrono::hours{1};
  reader.read("age", fault.age);
  reader.finish();
  return fault;
}

}  // namespace bankconnect::sandbox
