// Values that are null where there is nothing to show.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "bankconnect/view.hpp"

namespace bankconnect::view {

inline boost::json::value or_null(std::string_view text) {
  if (text.empty()) return nullptr;
  return boost::json::string(text);
}

inline boost::json::value time_or_null(Wall wall) {
  return or_null(rfc3339(wall));
}

}  // namespace bankconnect::view
