#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <functional>
#include <iostream>
#include <sstream>

#include "bankconnect/version.hpp"
#include "src/ctl/commands.hpp"

namespace bankconnect::ctl {
namespace {

/// What was asked for: set by the command that was parsed, run afterwards.
struct Parsed {
  std::string socket = "/run/bankconnectd/control.sock";
  std::uint32_t timeout = 0;  ///< seconds; 0: the command's own
  bool json = false;
  bool local = false;
  bool sure = false;
  std::vector<std::string> ids;
  std::string id;
  AddOptions add;
  ListOptions list;
  WebhooksOptions webhooks;
  ReportOptions report;
  std::string after;
  bool follow = false;
  std::string file;
  std::function<int(const Context&)> run;
};

/// An empty filter is usually a shell variable that is not set; it would mean all sessions.
const CLI::Validator kNotEmpty(
    [](const std::string& text) { return text.empty() ? "must not be empty" : ""; }, "", "not empty");

const CLI::Validator kAtLeastOne(
    [](const std::string& text) {
      return text.empty() || text == "0" || text.front() == '-' ? "must be 1 or more" : "";
    },
    "", "at least one");

CLI::App* with_id(CLI::App& app, Parsed& p, const char* name, const char* what) {
  CLI::App* command = app.add_subcommand(name, what);
  command->add_option("ID", p.id, "Session id")->required();
  return command;
}

void define_readers(CLI::App& app, Parsed& p) {
  auto* list_command = app.add_subcommand("list", "List sessions in the order in which they were added");
  list_command->add_option("--state", p.list.state, "Only those in this state, e.g. PROCESSING")
      ->check(kNotEmpty);
  list_command->add_option("--reference", p.list.reference, "Only those with this reference")
      ->check(kNotEmpty);
  list_command->add_option("--limit", p.list.limit, "At most so many")->check(kAtLeastOne);
  list_command->callback([&p] { p.run = [&p](const Context& c) { return list(c, p.list); }; });

  with_id(app, p, "show", "Show everything about a session")->callback([&p] {
    p.run = [&p](const Context& c) { return show(c, p.id); };
  });
  with_id(app, p, "session-status", "Print the stored session status, byte for byte")->callback([&p] {
    p.run = [&p](const Context& c) { return payload(c, p.id, "session_status"); };
  });
  with_id(app, p, "insights", "Print the stored insights, byte for byte")->callback([&p] {
    p.run = [&p](const Context& c) { return payload(c, p.id, "insights"); };
  });

  auto* report_command =
      with_id(app, p, "report", "Print a stored report, or write it to a file, byte for byte");
  report_command->add_option("--account", p.report.account, "Which account's, where there are several")
      ->check(kNotEmpty);
  report_command->add_option("--format", p.report.format, "xlsx or xml, where there are both")
      ->check(CLI::IsMember({"xlsx", "xml"}));
  report_command->add_option("--output", p.report.output, "The file to write it to")
      ->option_text("FILE")
      ->check(kNotEmpty);
  report_command->callback([&p] { p.run = [&p](const Context& c) { return report(c, p.id, p.report); }; });

  auto* watch_command =
      app.add_subcommand("watch", "Watch sessions until they are final; without ids, the open ones");
  watch_command->add_option("ID", p.ids, "Session ids");
  watch_command->callback([&p] { p.run = [&p](const Context& c) { return watch(c, p.ids); }; });

  auto* events_command = app.add_subcommand("events", "Print the event log");
  events_command->add_option("--after", p.after, "Begin after this event")
      ->option_text("SEQ")
      ->check(kNotEmpty);
  events_command->add_flag("--follow", p.follow, "Go on as events happen");
  events_command->callback([&p] { p.run = [&p](const Context& c) { return events(c, p.after, p.follow); }; });

  auto* webhooks_command = app.add_subcommand("webhooks", "List the webhooks that came, newest first");
  webhooks_command->add_option("--session", p.webhooks.session_id, "Only those for this session")
      ->option_text("ID")
      ->check(kNotEmpty);
  webhooks_command->add_option("--result", p.webhooks.result, "Only those accepted, recorded or kept")
      ->check(kNotEmpty);
  webhooks_command->add_option("--limit", p.webhooks.limit, "At most so many")->check(kAtLeastOne);
  webhooks_command->callback([&p] { p.run = [&p](const Context& c) { return webhooks(c, p.webhooks); }; });

  app.add_subcommand("status", "Show how the daemon is doing")->callback([&p] { p.run = status; });
}

void define_changers(CLI::App& app, Parsed& p) {
  auto* add_command =
      app.add_subcommand("add", "Hand in session ids; `-` reads them, or JSON lines, from standard input");
  add_command->add_option("ID", p.add.ids, "Session ids, or -")->required();
  add_command->add_option("--reference", p.add.reference, "Your own reference, kept with each of them");
  add_command->add_flag("--hold", p.add.hold, "Do not initiate processing until released");
  add_command->callback([&p] { p.run = [&p](const Context& c) { return add(c, p.add); }; });

  const std::pair<const char*, const char*> commands[] = {
      {"process", "Initiate processing now"},
      {"hold", "Do not initiate processing until released"},
      {"release", "Undo hold"},
      {"poll", "Ask BankConnect now"},
      {"retry", "Reopen a failed or expired session where it failed"},
      {"refresh", "Fetch the data of an enriched session anew, with report links that are valid again"},
      {"forget", "Erase sessions and everything stored about them"}};
  for (const auto& [name, what] : commands) {
    CLI::App* command_app = app.add_subcommand(name, what);
    command_app->add_option("ID", p.ids, "Session ids")->required();
    if (std::string_view(name) == "forget")
      command_app->add_flag("--yes", p.sure, "Erase more than ten sessions in one command");
    command_app->callback([&p, name = std::string(name)] {
      p.run = [&p, name](const Context& c) { return command(c, name, p.ids, p.sure); };
    });
  }

  app.add_subcommand("register-webhook", "Have BankConnect send its webhooks to webhook.public_url")
      ->callback([&p] { p.run = register_webhook; });

  app.add_subcommand("resume", "Let sessions be initiated again, after a copy of the database was put back")
      ->callback([&p] { p.run = resume; });

  auto* backup_command = app.add_subcommand("backup", "Copy the database while the daemon runs");
  backup_command->add_option("FILE", p.file, "Where to; must not exist")->required();
  backup_command->callback([&p] { p.run = [&p](const Context& c) { return backup(c, p.file); }; });
}

/// Seconds to wait for the daemon. Long: a batch, a copy of the database, and what BankConnect is asked for.
std::uint32_t timeout_of(const CLI::App& app) {
  for (const char* command : {"add", "backup", "events", "watch", "register-webhook"})
    if (app.got_subcommand(command)) return 600;
  return 5;
}

/// The exit code: `code`, unless standard output could not take what belongs there.
int ended(Output& out, int code) {
  const int fault = out.end();
  if (fault == 0) return code;
  std::cerr << "bankconnectctl: standard output: " << std::strerror(fault) << "\n";
  return kRefused;
}

int run(int argc, char** argv) {
  try {
    std::signal(SIGPIPE, SIG_IGN);
    Output out(stdout);
    Parsed p;
    CLI::App app{"Speaks to a running bankconnectd.", "bankconnectctl"};
    app.add_option("--socket", p.socket, "The daemon's socket")->option_text("PATH")->capture_default_str();
    app.add_option("--timeout", p.timeout, "How long to wait for the daemon, in seconds")
        ->option_text("SECONDS")
        ->check(kAtLeastOne);
    app.add_flag("--json", p.json, "Print JSON instead of tables");
    app.add_flag("--local", p.local, "Show times by the local clock, with its offset, instead of UTC");
    app.set_version_flag("--version", std::string("bankconnectctl ") + kVersion);
    app.require_subcommand(1);
    app.fallthrough();
    define_changers(app, p);
    define_readers(app, p);
    try {
      app.parse(argc, argv);
    } catch (const CLI::Success& success) {
      std::ostringstream text;
      const int code = app.exit(success, text);
      out.put(text.str());
      return ended(out, code);
    } catch (const CLI::ParseError& error) {
      app.exit(error);
      return kUsage;
    }
    const Client client(p.socket, std::chrono::seconds(p.timeout != 0 ? p.timeout : timeout_of(app)));
    const int code = p.run({client, out, p.json, ::isatty(STDOUT_FILENO) == 1, p.local});
    return ended(out, code);
  } catch (const NoAnswer& error) {
    std::cerr << "bankconnectctl: the daemon at " << error.what() << " is there and does not answer\n";
    return kNoConnection;
  } catch (const NoPermission& error) {
    std::cerr << "bankconnectctl: no permission to use " << error.what() << "\n";
    return kNoPermission;
  } catch (const NoConnection& error) {
    std::cerr << "bankconnectctl: no daemon answers at " << error.what() << "\n";
    return kNoConnection;
  } catch (const std::exception& error) {
    std::cerr << "bankconnectctl: unexpected error: " << error.what() << "\n";
    return kRefused;
  }
}

}  // namespace
}  // namespace bankconnect::ctl

int main(int argc, char** argv) {
  return bankconnect::ctl::run(argc, argv);
}
