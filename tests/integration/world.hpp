// A daemon and a stand-in for BankConnect in a temporary folder.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/ctl/client.hpp"
#include "tests/integration/processes.hpp"

namespace bankconnect::test {

/// A session id that ends in this number.
std::string session_id(int number);

/// One line of the stand-in's request log.
struct Logged {
  std::string call;
  std::string session_id;
  std::string effect;
  std::int64_t steady_us = 0;
  int http_status = 0;
};

class World {
 public:
  /// `scenarios`: the stand-in's scenario file. Sessions it lists exist from the start.
  explicit World(const std::string& scenarios);

  /// Adds lines to a section of the daemon's configuration file, which by default only polls fast.
  void configure(const std::string& section, const std::string& lines) { extra_[section] += lines + "\n"; }
  /// `webhook_socket`: a listening socket that is passed as systemd does (LISTEN_FDS).
  void start_daemon(const std::map<std::string, std::string>& environment = {}, int webhook_socket = -1);
  /// Starts the daemon and checks that it exits with this code; returns its log.
  std::string start_and_expect_exit(int code);
  void kill_daemon();
  int stop_daemon();
  void stop_sandbox() { sandbox_.reset(); }
  /// Starts the stand-in, again at the same address, with the current scenario file.
  void start_sandbox();
  Process& daemon() { return *daemon_; }
  const std::string& sandbox_address() const { return address_; }

  /// Submits a session; returns the HTTP status.
  int submit(const std::string& id, const std::string& more = "");
  boost::json::object session(const std::string& id) const;
  std::string state(const std::string& id) const;
  bool reaches(const std::string& id, const std::string& state,
               std::chrono::milliseconds timeout = 20s) const;
  /// Waits for the session to be final and returns `STATE reason-or-outcome`.
  std::string ending(const std::string& id, std::chrono::milliseconds timeout = 30s) const;
  boost::json::object status() const;
  ctl::Reply request(const std::string& method, const std::string& target, const std::string& type = "",
                     const std::string& body = "") const;

  std::vector<Logged> requests() const;
  /// How many initiate calls of a session had this effect.
  int initiates(const std::string& id, const std::string& effect) const;
  std::string daemon_log() const { return read_file(folder / "daemon.log"); }

  Folder folder;

 private:
  void write_configuration();

  std::map<std::string, std::string> extra_;
  std::string base_url_;
  std::string address_ = "127.0.0.1:0";
  std::unique_ptr<Process> sandbox_;
  std::unique_ptr<Process> daemon_;
};

/// `[[session]]` for the stand-in's scenario file.
std::string session_entry(const std::string& id, const std::string& scenario);

}  // namespace bankconnect::test
