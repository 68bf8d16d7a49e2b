// An HTTP client for tests, which plays BankConnect, a forger or an operator of the stand-in.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace bankconnect::test {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct HttpReply {
  int status = 0;  ///< 0: the connection failed
  std::string body;
};

class HttpClient {
 public:
  /// `address`: `127.0.0.1:PORT` or `unix:/path`. Keeps one connection alive, opened on demand.
  explicit HttpClient(std::string address) : address_(std::move(address)) {}
  ~HttpClient() { close(); }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  HttpReply post(const std::string& path, const Fields& fields, const std::string& body);

 private:
  bool connect();
  void close();
  HttpReply receive();

  std::string address_;
  int fd_ = -1;
};

/// A loopback port that no other program is assigned until the program under test listens on it.
class ReservedPort {
 public:
  ReservedPort();
  ~ReservedPort();
  ReservedPort(const ReservedPort&) = delete;
  ReservedPort& operator=(const ReservedPort&) = delete;
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int fd_ = -1;
  int port_ = 0;
};

/// A listening socket on a free loopback port, as systemd passes one; sets `address`.
int listening_socket(std::string& address);

}  // namespace bankconnect::test
