// Certificates made at run time: a root, and server certificates signed by it.
#pragma once

#include <openssl/x509.h>

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

namespace bankconnect::test {

struct CertificateSpec {
  std::string subject_alt_name = "DNS:localhost";
  long valid_from = -3600;  ///< seconds from now
  long valid_to = 3600;
  std::string common_name = "Test server";
};

class Authority {
 public:
  Authority();

  /// The root, as a PEM file that lives as long as this object.
  const std::string& file() const { return file_.path; }

  /// A server's context with a certificate signed by this root.
  boost::asio::ssl::context server_context(const CertificateSpec& spec) const;

 private:
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
  struct File {
    std::string path;
    File();
    ~File();
    File(const File&) = delete;
    File& operator=(const File&) = delete;
  };

  static Certificate sign(const CertificateSpec& spec, EVP_PKEY* key, const char* constraints, X509* issuer,
                          EVP_PKEY* issuer_key);

  Key key_;
  Certificate root_;
  File file_;
};

}  // namespace bankconnect::test
