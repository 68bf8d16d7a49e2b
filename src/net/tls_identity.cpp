#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>

#include "src/net/stream.hpp"

namespace bankconnect::net {

namespace {

std::string reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  return text == nullptr ? "unusable" : text;
}

/// Why the file cannot be read, which OpenSSL does not say; nothing when it can.
std::optional<std::string> read_failure(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return file + ": cannot be read: " + std::strerror(errno);
  ::close(fd);
  return std::nullopt;
}

/// kNoWall for a date that cannot be read.
Wall wall_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return kNoWall;
  return Wall(std::chrono::seconds(::timegm(&parts)));
}

}  // namespace

Result<std::shared_ptr<TlsIdentity>> load_tls_identity(const std::string& certificate_file,
                                                       const std::string& key_file) {
  auto identity = std::make_shared<TlsIdentity>();
  SSL_CTX* const context = identity->context.native_handle();
  ERR_clear_error();
  // By default OpenSSL asks for a pass phrase on the terminal.
  SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return 0; });
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // With forward secrecy, and authenticated as a whole (no CBC). Those of TLS 1.3 all are.
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // An idle connection keeps no record buffers.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  if (const auto why = read_failure(certificate_file)) return Error{ErrorCode::tls_certificate, *why};
  if (const auto why = read_failure(key_file)) return Error{ErrorCode::tls_key, *why};
  if (SSL_CTX_use_certificate_chain_file(context, certificate_file.c_str()) != 1)
    return Error{ErrorCode::tls_certificate, certificate_file + ": not a PEM certificate chain: " + reason()};
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return Error{ErrorCode::tls_key,
                 key_file + ": not a PEM private key that fits the certificate: " + reason()};
  if (SSL_CTX_check_private_key(context) != 1)
    return Error{ErrorCode::tls_key, key_file + ": does not fit the certificate in " + certificate_file};
  return identity;
}

Validity validity_of(const TlsIdentity& identity) {
  auto& context = const_cast<boost::asio::ssl::context&>(identity.context);  // its handle is never const
  const X509* const certificate = SSL_CTX_get0_certificate(context.native_handle());
  if (certificate == nullptr) return {};
  return {wall_of(X509_get0_notBefore(certificate)), wall_of(X509_get0_notAfter(certificate))};
}

std::string validity_problem(const Validity& validity, Wall now) {
  constexpr auto kSoon = std::chrono::days(14);
  if (validity.until == kNoWall || validity.from == kNoWall) return "";
  if (now < validity.from) return "is not valid yet";
  if (now > validity.until) return "is over";
  if (now > validity.until - kSoon) {
    const auto days = std::chrono::floor<std::chrono::days>(validity.until - now);
    return "is over in " + std::to_string(days.count()) + " days";
  }
  return "";
}

}  // namespace bankconnect::net
