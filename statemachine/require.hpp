// Assertions that also hold in release builds.
#pragma once

namespace bankconnect {

/// Writes the broken invariant's text to standard error and aborts, unless `holds`. For invariants whose
/// violation would initiate wrongly or lose data.
void require(bool holds, const char* invariant);

}  // namespace bankconnect
