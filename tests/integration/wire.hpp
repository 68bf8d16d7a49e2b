// HTTP as somebody else sends it: BankConnect, a forger, an operator of the stand-in. One connection, kept
// alive.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace bankconnect::test {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct WireReply {
  int status = 0;  ///< 0: the connection broke
  std::string body;
};

class Wire {
 public:
  /// `127.0.0.1:PORT` or `unix:/path`. Connects when it is first needed, and again after it was closed.
  explicit Wire(std::string address) : address_(std::move(address)) {}
  ~Wire() { close(); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  WireReply post(const std::string& path, const Fields& fields, const std::string& body);

 private:
  bool connect();
  void close();
  WireReply receive();

  std::string address_;
  int fd_ = -1;
};

/// A loopback port that stays ours until the program that is told of it listens there.
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

/// A socket that listens already, as systemd hands one over.
int listening_socket(std::string& address);

}  // namespace bankconnect::test
