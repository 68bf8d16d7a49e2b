// The accounts of a session as they are shown: what the answers to three calls said of them, put together.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "bankconnect/records.hpp"

namespace bankconnect::view {

struct ShownAccounts {
  /// As session_status lists them, else as upload_status does. Fields that only the other answer has are
  /// added by account id and statement id, and what progress said by statement id.
  boost::json::array accounts;
  boost::json::value session_date_range;  ///< of the upload status; null when it has none
};

ShownAccounts accounts_of(const SessionRecord& record);

}  // namespace bankconnect::view
