// What has to hold at each step of the explored session.
#pragma once

#include <optional>
#include <string>

#include "statemachine/machine.hpp"
#include "tests/explore/alphabet.hpp"

namespace bankconnect::explore {

/// The promise that the step from `before` by `event` breaks; empty: none. `asks`: the call that leaves now.
std::string broken_promise(const Policy& policy, const Situation& before, const Event& event,
                           const Decision& decision, const std::optional<Call>& asks);

}  // namespace bankconnect::explore
