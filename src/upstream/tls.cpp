#include "src/upstream/tls.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <stdexcept>

#include "bankconnect/upstream.hpp"

namespace bankconnect::upstream {

namespace ssl = boost::asio::ssl;

namespace {

/// With forward secrecy, and authenticated as a whole (no CBC). Those of TLS 1.3 all are.
constexpr const char* kTls12Ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20";

}  // namespace

ssl::context make_tls_context(const std::string& ca_file) {
  ssl::context context(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context.native_handle(), kTls12Ciphers);
  context.set_verify_mode(ssl::verify_peer);
  boost::system::error_code ec;
  if (ca_file.empty()) {
    context.set_default_verify_paths(ec);
  } else {
    context.load_verify_file(ca_file, ec);
  }
  if (ec)
    throw std::runtime_error((ca_file.empty() ? "the system's certificates" : ca_file) + ": " + ec.message());
  return context;
}

boost::asio::ssl::context shared(boost::asio::ssl::context& tls) {
  SSL_CTX* const native = tls.native_handle();
  SSL_CTX_up_ref(native);
  return boost::asio::ssl::context(native);
}

bool expect_host(SSL* tls, const BaseUrl& base) {
  if (base.host_is_address) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), base.host.c_str()) == 1;
  // RFC 9110, 4.3.4: a name in the certificate's subject is none. OpenSSL takes it unless told not to.
  SSL_set_hostflags(tls, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(tls, base.host.c_str()) == 1 && SSL_set_tlsext_host_name(tls, base.host.c_str()) == 1;
}

std::optional<std::string> certificate_fault(const SSL* tls, const BaseUrl& base) {
  const long verified = SSL_get_verify_result(tls);
  if (verified == X509_V_OK) return std::nullopt;
  return "the certificate of " + base.host + " is not accepted: " + X509_verify_cert_error_string(verified);
}

}  // namespace bankconnect::upstream

namespace bankconnect {

std::optional<std::string> check_ca_file(const std::string& ca_file) {
  try {
    static_cast<void>(upstream::make_tls_context(ca_file));
    return std::nullopt;
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

}  // namespace bankconnect
