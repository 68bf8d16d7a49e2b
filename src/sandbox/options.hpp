// The command line.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "src/sandbox/sandbox.hpp"

namespace bankconnect::sandbox {

struct Options {
  boost::asio::ip::tcp::endpoint listen;
  std::string scenario_file;
  std::string request_log;
  Credentials credentials;
  std::string webhook_url;
  std::string webhook_secret_file;
  std::string tls_certificate;
  std::string tls_key;
};

// The command line, or the exit code to leave with (help was shown: 0; a mistake was explained: 2).
struct CommandLine {
  std::optional<Options> options;
  int exit_code = 0;
};

CommandLine read_command_line(int argc, char** argv);

// "127.0.0.1:8900" or "[::1]:0". Throws std::invalid_argument saying what would be right.
boost::asio::ip::tcp::endpoint parse_listen(const std::string& text);

}  // namespace bankconnect::sandbox
