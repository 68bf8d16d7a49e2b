// The links to reports in insights, found without building them: they may have tens of megabytes.
#pragma once

#include <string_view>
#include <vector>

#include "bankconnect/records.hpp"

namespace bankconnect::upstream {

/// `xlsx_report_url` and `xml_report_url` of each account, of the formats wanted: at most 200, and none of an
/// account whose `account_id` cannot be part of a file's name (ReportName). A URL that is too long to be one
/// is empty. `insights` is valid JSON.
ReportLinks report_links(std::string_view insights, const std::vector<ReportFormat>& wanted);

}  // namespace bankconnect::upstream
