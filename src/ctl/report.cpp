// Reading a report: the daemon lists what a session has, and one of them is meant.
#include <fcntl.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <vector>

#include "src/ctl/commands.hpp"
#include "src/ctl/format.hpp"
#include "src/ctl/sanitize.hpp"

namespace bankconnect::ctl {

namespace json = boost::json;

namespace {

std::string file_name(const json::object& report) {
  return text_at(report, "account") + "." + text_at(report, "format");
}

/// Those that the options mean, as the daemon lists them.
std::vector<json::object> meant(const json::object& session, const ReportOptions& options) {
  std::vector<json::object> out;
  for (const json::value& one : array_at(session, "reports")) {
    const json::object& report = one.as_object();
    const bool account = options.account.empty() || text_at(report, "account") == options.account;
    const bool format = options.format.empty() || text_at(report, "format") == options.format;
    if (account && format) out.push_back(report);
  }
  return out;
}

int none_to_print(const std::vector<json::object>& reports) {
  if (reports.empty()) {
    std::cerr << "bankconnectctl: no such report is stored; `show` lists those that are\n";
    return kRefused;
  }
  std::cerr << "bankconnectctl: there are several; choose by --account and --format:\n";
  for (const json::object& report : reports)
    std::cerr << "  " << sanitize_for_terminal(file_name(report)) << "\n";
  return kUsage;
}

/// For its owner alone: it is a person's bank statement.
int write_file(const std::string& path, const std::string& bytes) {
  const auto failed = [&path] {
    std::cerr << "bankconnectctl: " << path << ": " << std::strerror(errno) << "\n";
    return kUnreadable;
  };
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return failed();
  for (std::size_t written = 0; written < bytes.size();) {
    const ssize_t size = ::write(file, bytes.data() + written, bytes.size() - written);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) {
      const int code = failed();
      ::close(file);
      return code;
    }
    written += static_cast<std::size_t>(size);
  }
  return ::close(file) == 0 ? kDone : failed();
}

}  // namespace

int report(const Context& context, const std::string& id, const ReportOptions& options) {
  const std::string session = "/v1/sessions/" + percent_encode(id);
  const Reply listed = context.client.request("GET", session);
  if (listed.status != 200) return refused(listed);
  const std::vector<json::object> reports = meant(parse_object(listed.body), options);
  if (reports.size() != 1) return none_to_print(reports);
  const json::object& report = reports.front();
  if (report.contains("error")) {
    const json::object& error = object_at(report, "error");
    std::cerr << sanitize_for_terminal("bankconnectctl: " + file_name(report) + " was not fetched: " +
                                       text_at(error, "code") + ": " + text_at(error, "message"))
              << "\n";
    return kRefused;
  }
  if (options.output.empty() && context.terminal && text_at(report, "format") == "xlsx") {
    std::cerr << "bankconnectctl: a spreadsheet is nothing for a terminal; give --output FILE\n";
    return kUsage;
  }
  const Reply reply =
      context.client.request("GET", session + "/reports/" + percent_encode(file_name(report)));
  if (reply.status != 200) return refused(reply);
  if (!options.output.empty()) return write_file(options.output, reply.body);
  context.out.put(reply.body);
  return kDone;
}

}  // namespace bankconnect::ctl
