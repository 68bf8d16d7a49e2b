#pragma once

#include <string>

#include "src/sandbox/session.hpp"

namespace bankconnect::sandbox {

// The bodies of the successful answers, with the fields of the documents' samples.
std::string session_created_answer(const Session& session);
std::string upload_status_answer(const Session& session, const SessionState& state);
std::string older_upload_status_answer(const Session& session, const SessionState& state);  // format of 2024
std::string initiate_answer(const Session& session);
std::string progress_answer(const Session& session, const SessionState& state);
std::string session_status_answer(const Session& session, const SessionState& state);

// True for an account that fails by its plan, and for every account once processing has failed.
bool fails(const AccountPlan& plan, const SessionState& state);

}  // namespace bankconnect::sandbox
