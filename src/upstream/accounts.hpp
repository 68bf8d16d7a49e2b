// The accounts of an answer, reduced to what people need to see, with numbers masked: the full ones end here.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>

namespace bankconnect::upstream {

struct Accounts {
  /// A JSON array as text; `[]` when there are none. It shows the first 1,000 accounts, 1,000 statements of
  /// them all and 100 ranges of missing data an account at most, and no more than 256 KiB. Where some are
  /// left out, the account says how many follow: `more_statements`, `more_missing_data`, the last one
  /// `more_accounts`.
  std::string summary;
  std::uint32_t accounts = 0;     ///< all of them, shown or not
  std::uint32_t statements = 0;   ///< likewise
  std::uint32_t failed = 0;       ///< `account_status` failed, in any letter case
  std::uint32_t fingerprint = 0;  ///< of the summary; 0 when there are no accounts
};

/// Reads the `accounts` of an upload-status or session-status answer. Whatever is missing or of another type
/// is taken as absent: what BankConnect lists is for people, and new fields must not stop a session.
Accounts read_accounts(const boost::json::object& body);

/// `924010040573135` → `XXXX3135`; four characters or fewer are masked whole.
std::string masked(std::string_view account_number);

/// The text with every run of nine or more digits masked: BankConnect's sentences may name an account.
std::string with_numbers_masked(std::string_view text);

}  // namespace bankconnect::upstream
