// Reading a report: the daemon lists what a session has, and one of them is meant.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
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

int write_failed(const std::string& path) {
  std::cerr << "bankconnectctl: " << path << ": " << std::strerror(errno) << "\n";
  return kUnreadable;
}

bool write_all(int file, const std::string& bytes) {
  for (std::size_t written = 0; written < bytes.size();) {
    const ssize_t size = ::write(file, bytes.data() + written, bytes.size() - written);
    if (size < 0 && errno != EINTR) return false;
    if (size > 0) written += static_cast<std::size_t>(size);
  }
  return true;
}

/// For its owner alone, because it is a person's bank statement: a new file takes the place of one that is
/// there once it is whole. What is no file, such as /dev/null, is written to.
int write_file(const std::string& path, const std::string& bytes) {
  struct stat there {};
  const bool to_device = ::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode);
  std::string name = to_device ? path : path + ".XXXXXX";
  const int file = to_device ? ::open(name.c_str(), O_WRONLY | O_CLOEXEC) : ::mkstemp(name.data());
  if (file < 0) return write_failed(path);
  const bool whole = write_all(file, bytes);
  const bool closed = ::close(file) == 0;
  if (whole && closed && (to_device || ::rename(name.c_str(), path.c_str()) == 0)) return kDone;
  const int code = write_failed(path);
  if (!to_device) ::unlink(name.c_str());
  return code;
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
  if (options.output.empty() && context.terminal) {
    std::cerr << "bankconnectctl: a report is not printed to a terminal; give --output FILE\n";
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
