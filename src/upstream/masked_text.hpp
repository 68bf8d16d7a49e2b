// The texts of an answer as people may see them: cut to a length, with account numbers masked.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "src/upstream/keys.hpp"

namespace bankconnect::upstream {

/// At most 300 bytes of it, not through the middle of a UTF-8 sequence; null for none.
boost::json::value cut(std::string_view text);

/// `924010040573135` → `XXXX3135`; four characters or fewer are masked whole.
std::string masked(std::string_view account_number);

/// The text with every run of nine or more digits masked: BankConnect's sentences may name an account.
std::string with_numbers_masked(std::string_view text);

/// The texts of one account, with its number masked wherever it occurs. Refers to the account.
class MaskedText {
 public:
  explicit MaskedText(const boost::json::object& account);

  /// The masked number; null when there is none.
  boost::json::value number() const;
  /// A member that names something.
  boost::json::value name(const boost::json::object& object, Key key) const;
  /// A member that is a sentence: whatever looks like an account number is masked in it.
  boost::json::value sentence(const boost::json::object& object, Key key) const;

 private:
  std::string masked_beginning(std::string_view text, bool any_number) const;

  std::string_view number_;
  std::string mask_;
  std::string_view sought_;
};

}  // namespace bankconnect::upstream
