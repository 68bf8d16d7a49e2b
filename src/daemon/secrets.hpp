// The secrets, read from the files that the configuration names.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/daemon/config_file.hpp"

namespace bankconnect::daemon {

struct Secrets {
  Credentials credentials;
  std::vector<std::string> webhook_secrets;
  std::shared_ptr<net::TlsIdentity> webhook_tls;
  std::vector<KeyError> errors;    ///< never repeat what a file holds
  std::vector<KeyError> warnings;  ///< files that others may read
};

Secrets read_secrets(const Config& config, const WrittenKeys& written, const ConfigSources& sources);

}  // namespace bankconnect::daemon
