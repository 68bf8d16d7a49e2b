#pragma once

#include <string_view>

#include "src/sandbox/insights.hpp"
#include "src/sandbox/message.hpp"

namespace bankconnect::sandbox {

// The links of a session whose scenario has `report_links`: to this server, with the time they end in them.
ReportLinks report_links(const Session& session, std::string_view origin, Instant now);

// Answers as S3 does: 403 after the end of the link, 404 for a report that there is none of.
Reply report_answer(const Session& session, const SessionState& state, std::string_view file,
                    std::string_view expires, Instant now);

}  // namespace bankconnect::sandbox
