// A blocking TLS client.
#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "tests/unit/net/running_server.hpp"

namespace bankconnect::test {

class TlsClient {
 public:
  /// Offers no version of TLS above `newest`, and of TLS 1.2 these ciphers.
  template <class Where>
  explicit TlsClient(const Where& where, int newest = TLS1_3_VERSION, const char* ciphers = "DEFAULT")
      : connection_(where), context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free) {
    SSL_CTX_set_security_level(context_.get(), 0);  // the server has to refuse old versions
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_.get(), newest);
    SSL_CTX_set_cipher_list(context_.get(), ciphers);
    const timeval timeout{5, 0};
    ::setsockopt(connection_.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), connection_.descriptor());
    shaken = SSL_connect(ssl_.get()) == 1;
  }

  std::string exchange(const std::string& request) {
    SSL_write(ssl_.get(), request.data(), static_cast<int>(request.size()));
    std::string out;
    char bytes[16384];
    for (;;) {
      const int size = SSL_read(ssl_.get(), bytes, sizeof bytes);
      if (size <= 0) break;
      out.append(bytes, static_cast<std::size_t>(size));
      if (out.find(']') != std::string::npos) return out;
    }
    received_close_notify = SSL_get_shutdown(ssl_.get()) == SSL_RECEIVED_SHUTDOWN;
    return out;
  }
  std::string version() const { return SSL_get_version(ssl_.get()); }
  std::string common_name() const {
    const std::unique_ptr<X509, decltype(&X509_free)> peer(SSL_get1_peer_certificate(ssl_.get()), &X509_free);
    char text[100] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(peer.get()), NID_commonName, text, sizeof text);
    return text;
  }

  bool shaken = false;                 ///< the handshake succeeded
  bool received_close_notify = false;  ///< before the connection ended

 private:
  Client connection_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, &SSL_free};
};

}  // namespace bankconnect::test
