// One question at a time: who asks while it is under way gets the answer to it. Event-loop thread only.
#pragma once

#include <functional>
#include <utility>
#include <vector>

namespace bankconnect::daemon {

template <class Answer>
class Joined {
 public:
  using Done = std::function<void(Answer)>;

  /// `done` is called with the answer to the question under way; if there is none, `begin` asks it and calls
  /// back once.
  void ask(Done done, const std::function<void(Done)>& begin) {
    waiting_.push_back(std::move(done));
    if (waiting_.size() > 1) return;
    begin([this](const Answer& answer) {
      // Who is answered may ask again.
      for (const Done& each : std::exchange(waiting_, {}))
        each(answer);
    });
  }

 private:
  std::vector<Done> waiting_;
};

}  // namespace bankconnect::daemon
