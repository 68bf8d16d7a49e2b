// A request read as the server reads it, from its pure parts and without a connection: HeaderScanner, Beast's
// parser, take_header, ChunkedBody.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bankconnect/http_server.hpp"
#include "src/net/chunked.hpp"
#include "src/net/framing.hpp"
#include "src/net/http_session.hpp"

namespace bankconnect::fuzz {

/// Small, so that an input of a few hundred bytes can exceed them.
inline constexpr std::uint32_t kMaxHeader = 512;
inline constexpr std::uint64_t kMaxBody = 64;

class Reading {
 public:
  enum class Stage { header, body, whole, refused };

  /// Takes what arrived; does nothing once the request is whole or refused.
  void feed(std::string_view bytes);

  Stage stage = Stage::header;
  int status = 200;  ///< of the refusal
  net::Request request;
  net::Framing framing;
  std::size_t header_end = 0;    ///< where the scanner saw the header end
  std::size_t header_taken = 0;  ///< how much of it the parser took
  std::size_t end = 0;           ///< of the request, when it is whole

 private:
  void refuse(int with);
  void look_at_header();
  void parse_header();
  void look_at_body();

  std::string bytes_;
  net::HeaderScanner scanner_;
  net::ChunkedBody chunks_{kMaxBody};
};

/// Feeds `bytes` in pieces of `size`.
Reading read_in_pieces(std::string_view bytes, std::size_t size);

/// Whether two readings of the same bytes came to the same.
bool same(const Reading& a, const Reading& b);

/// The data of a whole chunked body at the beginning of `bytes`, read the plain way, and where it ends.
struct Unchunked {
  bool whole = false;
  std::string data;
  std::size_t end = 0;
};
Unchunked unchunk(std::string_view bytes);

}  // namespace bankconnect::fuzz
