// The certificate and key of a TLS server, loaded and checked before they are used.
#pragma once

#include <memory>
#include <string>

#include "bankconnect/error.hpp"
#include "statemachine/moment.hpp"

namespace bankconnect::net {

/// A certificate chain and its key, ready for handshakes.
struct TlsIdentity;

/// Reads PEM files. Errors TLS_CERTIFICATE and TLS_KEY say which file cannot be used, and why.
Result<std::shared_ptr<TlsIdentity>> load_tls_identity(const std::string& certificate_file,
                                                       const std::string& key_file);

/// From when until when its certificate is valid.
struct Validity {
  Wall from = kNoWall;
  Wall until = kNoWall;
};
Validity validity_of(const TlsIdentity& identity);

/// What is wrong with the dates of a certificate, or will be within two weeks; empty when nothing is.
std::string validity_problem(const Validity& validity, Wall now);

}  // namespace bankconnect::net
