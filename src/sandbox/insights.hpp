#pragma once

#include <string>

#include "src/sandbox/session.hpp"

namespace bankconnect::sandbox {

// How the links to reports begin and end.
struct ReportLinks {
  std::string before = "https://reports.example/";
  std::string after;
};

// The insights body. Without `links` it depends on the session, its date range and its scenario, not on the
// time of the call. Transactions and trailing blanks fill it to exactly insights_size bytes. If that is too
// small for one transaction an account, the body is longer.
std::string insights_answer(const Session& session, const SessionState& state, const ReportLinks& links = {});

}  // namespace bankconnect::sandbox
