// The rules explored, not sampled: one session, every event and answer, a crash before and after each commit,
// until no new situation appears.
#pragma once

#include <deque>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "statemachine/machine.hpp"
#include "statemachine/table.hpp"
#include "tests/explore/alphabet.hpp"

namespace bankconnect::explore {

class Explorer {
 public:
  explicit Explorer(const World& world) : world_(world) {}

  /// Visits all situations. Empty if every promise held; else which one was broken, and the way there.
  std::string run();

  std::size_t situations() const { return situations_.size(); }
  std::size_t steps() const { return steps_; }
  const std::set<const Row*>& rows_taken() const { return rows_; }

 private:
  using Number = std::uint32_t;
  static constexpr Number kStart = UINT32_MAX;  ///< the way to a situation begins here

  struct Way {
    Number from;
    Trigger trigger;
    const char* how;  ///< empty: by the trigger
  };
  /// What an event makes of a situation.
  struct Outcome {
    Situation after;
    Decision decision;
    bool ignored = false;
    std::string broken;  ///< the promise that is; empty: none is
  };

  void begin();
  void visit(Number number);
  Outcome outcome_of(const Situation& before, const Event& event) const;
  std::optional<Situation> crashed(const Situation& at);
  void take(Number from, const Situation& before, const Event& event);
  void crash(Number from, const Situation& at, const char* how, Trigger trigger);
  Number add(Number from, const Situation& situation, Trigger trigger, const char* how);
  void check_key(Number known, const Situation& situation);
  std::vector<std::string> successors(const Situation& situation);
  void check_that_all_can_end();
  void check_that_all_end();
  void broke(std::string promise, Number at);
  std::string way_to(Number number) const;

  const World& world_;
  std::deque<Situation> situations_;
  std::vector<Way> ways_;
  std::unordered_map<std::string, Number> numbers_;
  std::vector<std::pair<Number, Number>> edges_;  ///< to, from; without an operator's help
  std::set<const Row*> rows_;
  Number next_ = 0;
  std::size_t steps_ = 0;
  std::string broken_;
};

}  // namespace bankconnect::explore
