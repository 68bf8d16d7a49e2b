// Whom the keys are shown to: TLS 1.2 at least, a certificate that a trusted root vouches for, and the right
// name in it.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <optional>
#include <string>

#include "src/upstream/base_url.hpp"

namespace bankconnect::upstream {

/// Certificates are verified against `ca_file`, or the system's roots when it is empty. Throws
/// std::runtime_error when the roots cannot be loaded.
boost::asio::ssl::context make_tls_context(const std::string& ca_file);

/// Before the handshake: the host asked for, and the only one whose certificate will do. False when OpenSSL
/// cannot take it.
bool expect_host(SSL* tls, const BaseUrl& base);

/// After a handshake that failed: what is wrong with the certificate, if that is why.
std::optional<std::string> certificate_fault(const SSL* tls, const BaseUrl& base);

}  // namespace bankconnect::upstream
