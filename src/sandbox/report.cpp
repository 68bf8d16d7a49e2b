#include "src/sandbox/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "src/sandbox/accounts.hpp"
#include "src/sandbox/answers.hpp"

namespace bankconnect::sandbox {
namespace {

std::int64_t seconds_since_1970(Instant at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

Reply s3_error(int status, std::string_view code, std::string_view message) {
  Reply reply;
  reply.status = status;
  reply.content_type = "application/xml";
  reply.body = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message></Error>\n",
      code, message);
  return reply;
}

Reply xml_report(const Account& account) {
  Reply reply;
  reply.content_type = "application/xml";
  reply.body = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Report><Account id=\"{}\" bank=\"{}\"/></Report>\n",
      account.id, account.plan->bank);
  return reply;
}

// Not a spreadsheet, but bytes that no text has, as in one.
Reply xlsx_report(const Account& account) {
  Reply reply;
  reply.content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  reply.body = "PK\x03\x04";
  for (int byte = 0; byte < 256; ++byte)
    reply.body += static_cast<char>(byte);
  reply.body += account.id;
  return reply;
}

}  // namespace

ReportLinks report_links(const Session& session, std::string_view origin, Instant now) {
  if (!session.scenario->report_links) return {};
  const Instant expires = now + *session.scenario->report_links;
  return {fmt::format("{}/reports/{}/", origin, session.id),
          fmt::format("?X-Amz-Signature=5a0d&expires={}", seconds_since_1970(expires))};
}

Reply report_answer(const Session& session, const SessionState& state, std::string_view file,
                    std::string_view expires, Instant now) {
  std::int64_t until = 0;
  std::from_chars(expires.data(), expires.data() + expires.size(), until);
  if (until <= seconds_since_1970(now)) return s3_error(403, "AccessDenied", "Request has expired");
  const std::string_view id = file.substr(0, file.rfind('.'));
  const std::vector<Account> accounts = uploaded_accounts(session, state);
  const auto account = std::ranges::find(accounts, id, &Account::id);
  const bool processed = state.processing == Processing::completed;
  if (!processed || account == accounts.end() || fails(*account->plan, state))
    return s3_error(404, "NoSuchKey", "The specified key does not exist.");
  if (file.ends_with(".xml")) return xml_report(*account);
  if (file.ends_with(".xlsx")) return xlsx_report(*account);
  return s3_error(404, "NoSuchKey", "The specified key does not exist.");
}

}  // namespace bankconnect::sandbox
