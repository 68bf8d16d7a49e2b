// The JSON objects that answers and webhooks share, with the fields of the documents' samples.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "src/sandbox/accounts.hpp"

namespace bankconnect::sandbox {

boost::json::object range_object(DateRange range);

// An account before processing: in the current format, and in that of 2024.
boost::json::object uploaded_account(const Session& session, const SessionState& state,
                                     const Account& account);
boost::json::object older_account(const Session& session, const SessionState& state, const Account& account);

boost::json::object account_head(const Account& account, Instant changed);
boost::json::array current_statements(const Session& session, const Account& account,
                                      const std::string& created);

// The result of processing an account.
struct Outcome {
  std::string status;
  boost::json::value error_code;  // null: none
  boost::json::value error_message;
};

Outcome outcome_of(const Session& session, const SessionState& state, const AccountPlan& plan);

}  // namespace bankconnect::sandbox
