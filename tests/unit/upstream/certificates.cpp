#include "tests/unit/upstream/certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace bankconnect::test {
namespace {

void require(bool fine, const char* what) {
  if (!fine) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

void add_extension(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  require(extension != nullptr, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

Authority::File::File() {
  char name[] = "/tmp/bankconnect-root-XXXXXX";
  const int fd = ::mkstemp(name);
  require(fd >= 0, "no temporary file");
  ::close(fd);
  path = name;
}

Authority::File::~File() {
  ::unlink(path.c_str());
}

Authority::Authority() : key_(EVP_EC_gen("P-256"), &EVP_PKEY_free), root_(nullptr, &X509_free) {
  root_ = sign({"", -3600, 3600, "Test root"}, key_.get(), "critical,CA:TRUE", nullptr, key_.get());
  std::FILE* out = std::fopen(file_.path.c_str(), "w");
  require(out != nullptr && PEM_write_X509(out, root_.get()) == 1, "the root cannot be written");
  std::fclose(out);
}

Authority::Certificate Authority::sign(const CertificateSpec& spec, EVP_PKEY* key, const char* constraints,
                                       X509* issuer, EVP_PKEY* issuer_key) {
  static std::atomic<long> serial{1};
  Certificate certificate(X509_new(), &X509_free);
  X509* const x = certificate.get();
  X509_set_version(x, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
  X509_gmtime_adj(X509_getm_notBefore(x), spec.valid_from);
  X509_gmtime_adj(X509_getm_notAfter(x), spec.valid_to);
  X509_set_pubkey(x, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(spec.common_name.c_str()), -1, -1, 0);
  X509* const by = issuer != nullptr ? issuer : x;
  X509_set_issuer_name(x, X509_get_subject_name(by));
  add_extension(x, by, NID_basic_constraints, constraints);
  if (!spec.subject_alt_name.empty())
    add_extension(x, by, NID_subject_alt_name, spec.subject_alt_name.c_str());
  require(X509_sign(x, issuer_key, EVP_sha256()) > 0, "signing");
  return certificate;
}

boost::asio::ssl::context Authority::server_context(const CertificateSpec& spec) const {
  const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const Certificate certificate = sign(spec, key.get(), "CA:FALSE", root_.get(), key_.get());
  boost::asio::ssl::context context(boost::asio::ssl::context::tls_server);
  require(SSL_CTX_use_certificate(context.native_handle(), certificate.get()) == 1, "certificate");
  require(SSL_CTX_use_PrivateKey(context.native_handle(), key.get()) == 1, "key");
  return context;
}

}  // namespace bankconnect::test
