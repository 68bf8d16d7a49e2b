// The client's TLS: version 1.2 at least, and a certificate with the right name, signed by a trusted root.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <optional>
#include <string>

#include "bankconnect/base_url.hpp"

namespace bankconnect::upstream {

/// Certificates are verified against `ca_file`, or the system's roots when it is empty. Throws
/// std::runtime_error when the roots cannot be loaded.
boost::asio::ssl::context make_tls_context(const std::string& ca_file);

/// Another owner of the same context.
boost::asio::ssl::context shared(boost::asio::ssl::context& tls);

/// Before the handshake: sets SNI and the host name that the certificate has to have. False when OpenSSL
/// cannot.
bool expect_host(SSL* tls, const BaseUrl& base);

/// After a handshake that failed: what is wrong with the certificate, if that is why.
std::optional<std::string> certificate_fault(const SSL* tls, const BaseUrl& base);

}  // namespace bankconnect::upstream
