// The keys that are read in BankConnect's answers, and how. An object with one of them twice is ambiguous:
// JSON does not say which of the two counts.
#pragma once

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <cstddef>
#include <string_view>

namespace bankconnect::upstream {

inline constexpr std::array<std::string_view, 36> kKeysRead = {"session_id",
                                                               "upload_status",
                                                               "session_progress",
                                                               "session_expiry_timestamp",
                                                               "accounts",
                                                               "error",
                                                               "code",
                                                               "message",
                                                               "detail",
                                                               "account_id",
                                                               "account_number",
                                                               "bank_name",
                                                               "statements",
                                                               "account_status",
                                                               "error_code",
                                                               "error_message",
                                                               "statement_id",
                                                               "statement_status",
                                                               "source",
                                                               "insights_available",
                                                               "missing_data",
                                                               "from_date",
                                                               "to_date",
                                                               "session_date_range",
                                                               "statement_date_range",
                                                               "months",
                                                               "created_at",
                                                               "last_updated_at",
                                                               "full_bank_name",
                                                               "account_type",
                                                               "upload_file_name",
                                                               "progress",
                                                               "identity_status",
                                                               "transaction_status",
                                                               "processing_status",
                                                               "fraud_status"};
inline constexpr std::size_t kNoKey = kKeysRead.size();

/// The index in the list; kNoKey for a key that is not read.
constexpr std::size_t place_of(std::string_view name) {
  return static_cast<std::size_t>(std::find(kKeysRead.begin(), kKeysRead.end(), name) - kKeysRead.begin());
}

/// One of the list. Any other does not compile, so that every key that is read is checked for duplicates.
class Key {
 public:
  consteval Key(const char* name) : place_(place_of(name)) {  // NOLINT(google-explicit-constructor)
    if (place_ == kNoKey) throw "not in kKeysRead";
  }
  constexpr std::size_t place() const { return place_; }
  std::string_view name() const { return kKeysRead[place_]; }

 private:
  std::size_t place_;
};

/// A string member; empty for null, "", absent and any other type, which all mean the same: none.
inline std::string_view text_at(const boost::json::object& object, Key key) {
  const boost::json::value* value = object.if_contains(key.name());
  if (value == nullptr || !value->is_string()) return {};
  return value->get_string();
}

/// Null when it is no array, or absent.
inline const boost::json::array* array_at(const boost::json::object& object, Key key) {
  const boost::json::value* value = object.if_contains(key.name());
  return value != nullptr ? value->if_array() : nullptr;
}

}  // namespace bankconnect::upstream
