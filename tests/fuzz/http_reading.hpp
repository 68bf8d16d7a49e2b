// Reads a request as the server does, with its pure parts and without a connection: HeaderScanner, Beast's
// parser, read_header, ChunkedBody.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bankconnect/http_server.hpp"
#include "src/net/chunked_body.hpp"
#include "src/net/header_scanner.hpp"
#include "src/net/http_header.hpp"

namespace bankconnect::fuzz {

/// Small, so that an input of a few hundred bytes can exceed them.
inline constexpr std::uint32_t kMaxHeader = 512;
inline constexpr std::uint64_t kMaxBody = 64;

class Reading {
 public:
  enum class Stage { header, body, complete, refused };

  /// Does nothing once the request is complete or refused.
  void feed(std::string_view bytes);

  Stage stage = Stage::header;
  int status = 200;  ///< of the response that refuses it
  net::Request request;
  net::Framing framing;
  std::size_t header_end = 0;     ///< according to the scanner
  std::size_t header_parsed = 0;  ///< according to the parser
  std::size_t end = 0;            ///< of the request, when it is complete

 private:
  void refuse(int with);
  void read_header();
  void parse_header();
  void read_body();

  std::string bytes_;
  net::HeaderScanner scanner_;
  net::ChunkedBody chunks_{kMaxBody};
};

/// Feeds `bytes` in pieces of `size`, as they come over TCP, or over a Unix socket from a peer of that uid.
Reading read_in_pieces(std::string_view bytes, std::size_t size, std::int64_t peer_uid = -1);

/// Whether two readings of the same bytes have the same result.
bool same(const Reading& a, const Reading& b);

/// The data of the chunked body at the beginning of `bytes`, by a simple parser, and where it ends.
struct Unchunked {
  bool complete = false;
  std::string data;
  std::size_t end = 0;
};
Unchunked unchunk(std::string_view bytes);

}  // namespace bankconnect::fuzz
