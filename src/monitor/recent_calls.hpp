// How the latest calls to BankConnect ended, of all sessions together.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "statemachine/moment.hpp"

namespace bankconnect::monitor {

class RecentCalls {
 public:
  static constexpr std::size_t kMost = 60;
  static constexpr Duration kLately = std::chrono::minutes(5);

  struct Summary {
    std::uint32_t calls = 0;
    std::uint32_t failed = 0;
    std::string code;  ///< of the latest failure

    /// Half of them failed, and there were enough to say so.
    bool mostly_failed() const { return calls >= 5 && failed * 2 >= calls; }
  };

  /// `code`: empty for a call that succeeded.
  void add(Steady at, std::string_view code) {
    calls_.push_back({at, std::string(code)});
    if (calls_.size() > kMost) calls_.pop_front();
  }

  /// Of the last kMost calls, those that ended within kLately.
  Summary lately(Steady now) const {
    Summary summary;
    for (const Ended& call : calls_) {
      if (now - call.at > kLately) continue;
      ++summary.calls;
      if (call.code.empty()) continue;
      ++summary.failed;
      summary.code = call.code;
    }
    return summary;
  }

 private:
  struct Ended {
    Steady at;
    std::string code;
  };
  std::deque<Ended> calls_;
};

}  // namespace bankconnect::monitor
