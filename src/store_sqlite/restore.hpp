// What an interrupted `--restore` left.
#pragma once

#include <string>

namespace bankconnect::store_sqlite {

/// Puts a copy in place that was whole when the switch was interrupted; removes what was only begun. With the
/// instance's first lock held, so that no restore is under way.
void finish_restore(const std::string& path);

}  // namespace bankconnect::store_sqlite
