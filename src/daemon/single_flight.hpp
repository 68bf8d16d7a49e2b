// Coalesces equal operations: a caller that comes while one is under way gets its result. Event-loop thread
// only.
#pragma once

#include <functional>
#include <utility>
#include <vector>

namespace bankconnect::daemon {

template <class Value>
class SingleFlight {
 public:
  using Done = std::function<void(Value)>;

  /// Calls `begin` unless an operation is under way; `done` gets the result of the one that is.
  void join(Done done, const std::function<void(Done)>& begin) {
    waiting_.push_back(std::move(done));
    if (waiting_.size() > 1) return;
    begin([this](const Value& value) {
      // A callback may join again, which begins a new operation.
      for (const Done& each : std::exchange(waiting_, {}))
        each(value);
    });
  }

 private:
  std::vector<Done> waiting_;
};

}  // namespace bankconnect::daemon
