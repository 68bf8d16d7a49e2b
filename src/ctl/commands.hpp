// The commands. Each returns the exit code.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "src/ctl/client.hpp"
#include "src/ctl/output.hpp"

namespace bankconnect::ctl {

enum ExitCode : int {
  kDone = 0,
  kRefused = 1,
  kUsage = 2,
  kNoSuchSession = 3,
  kNoConnection = 69,
  kUnreadable = 74,
  kNoPermission = 77
};

struct Context {
  const Client& client;
  Output& out;
  bool json = false;
  bool terminal = false;  ///< standard output is one
  bool local = false;     ///< times by the local clock, for people

  /// What the daemon sent, with times as the person who reads it wants them. With --json it stays as it is.
  boost::json::object shown(std::string_view text) const;
  boost::json::object shown(boost::json::object object) const;
};

struct AddOptions {
  std::vector<std::string> ids;  ///< or one `-` for standard input
  std::string reference;
  bool hold = false;
};
int add(const Context& context, const AddOptions& options);

struct ListOptions {
  std::string state;
  std::string reference;
  std::uint64_t limit = 0;  ///< 0: all
};
int list(const Context& context, const ListOptions& options);

int show(const Context& context, const std::string& id);
int watch(const Context& context, const std::vector<std::string>& ids);
/// process, hold, release, poll, retry, refresh or forget.
/// `sure`: erase any number of sessions.
int command(const Context& context, const std::string& what, const std::vector<std::string>& ids, bool sure);
/// The stored bytes, unchanged.
int payload(const Context& context, const std::string& id, const std::string& kind);
struct ReportOptions {
  std::string account;  ///< empty: whichever there is
  std::string format;
  std::string output;  ///< a file; empty: standard output
};
/// The stored bytes of one report, unchanged.
int report(const Context& context, const std::string& id, const ReportOptions& options);
int events(const Context& context, const std::string& after, bool follow);

struct WebhooksOptions {
  std::string session_id;
  std::string result;
  std::uint64_t limit = 0;  ///< 0: all
};
int webhooks(const Context& context, const WebhooksOptions& options);
int register_webhook(const Context& context);

int backup(const Context& context, const std::string& file);
int resume(const Context& context);
int status(const Context& context);

/// Prints a refusal to standard error and returns the exit code that fits it.
/// With several sessions in a command, `id` says whose it is.
int refused(const Reply& reply, const std::string& id = "");

}  // namespace bankconnect::ctl
