// Which rows of the transition table the runs took.
#pragma once

#include "statemachine/machine.hpp"

namespace bankconnect::simulation {

/// Counts the row of a decision. The build puts a call to it around the follower's call to `step`.
Decision counted(Decision decision);

/// Prints the rows that were never taken, when `print`; true when there is none.
bool rows_taken(bool print);

}  // namespace bankconnect::simulation
