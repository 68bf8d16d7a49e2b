// `bankconnectd --restore FILE`.
#pragma once

#include <string>

namespace bankconnect::daemon {

/// Puts the copy in the place of the database, says on standard output what was replaced, and returns the
/// exit code.
int restore(const std::string& copy, const std::string& database);

}  // namespace bankconnect::daemon
