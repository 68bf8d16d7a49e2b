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

// The options, or the exit code: 0 after --help, 2 after an error, which was printed.
struct CommandLine {
  std::optional<Options> options;
  int exit_code = 0;
};

CommandLine read_command_line(int argc, char** argv);

// "127.0.0.1:8900" or "[::1]:0". Throws std::invalid_argument with the expected format.
boost::asio::ip::tcp::endpoint parse_listen(const std::string& text);

}  // namespace bankconnect::sandbox
