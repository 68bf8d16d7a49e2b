// The accounts of an answer, reduced to what people need to see, with numbers masked: the full ones end here.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>

namespace bankconnect::upstream {

struct Accounts {
  /// A JSON array as text, or, where the answer has a `session_date_range`, an object with both; `[]` when
  /// there are none. It shows the first 1,000 accounts, 1,000 statements of them all and 100 ranges of
  /// missing data an account at most, and no more than 256 KiB. Where some are left out, the account says how
  /// many follow: `more_statements`, `more_missing_data`, the last one `more_accounts`.
  std::string summary;
  std::uint32_t accounts = 0;     ///< all of them, shown or not
  std::uint32_t statements = 0;   ///< likewise
  std::uint32_t failed = 0;       ///< `account_status` failed, in any letter case
  std::uint32_t fingerprint = 0;  ///< of the summary; 0 when there are no accounts
};

/// What a progress answer says of each statement.
struct StatementProgress {
  std::string summary;  ///< a JSON array as text, of the first 1,000; empty when the answer has none
  std::uint32_t fingerprint = 0;  ///< of the summary; 0 when it is empty
};

StatementProgress read_statement_progress(const boost::json::object& body);

/// Reads the `accounts` of an upload-status or session-status answer. Whatever is missing or of another type
/// is taken as absent: what BankConnect lists is for people, and new fields must not stop a session.
Accounts read_accounts(const boost::json::object& body);

}  // namespace bankconnect::upstream
