// Which rows of the transition table the runs took: `step` is counted where the follower calls it.
#pragma once

namespace bankconnect::simulation {

/// Prints the rows that were never taken, when `print`; true when there is none.
bool rows_taken(bool print);

}  // namespace bankconnect::simulation
