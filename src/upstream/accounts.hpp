// The accounts of an answer, reduced to what people need to see, with numbers masked: the full ones end here.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>

namespace bankconnect::upstream {

struct Accounts {
  std::string summary;  ///< a JSON array as text; `[]` when there are none
  std::uint32_t accounts = 0;
  std::uint32_t statements = 0;
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
