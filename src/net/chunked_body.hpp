// Parses a chunked body byte by byte, as strictly as the header: whatever two parsers may read differently is
// refused. Pure: no I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bankconnect::net {

class ChunkedBody {
 public:
  /// Bytes of all chunk extensions, and of all trailers; both are checked and dropped.
  static constexpr std::size_t kMostExtension = 256;
  static constexpr std::size_t kMostTrailer = 4096;

  /// `most`: bytes of data.
  explicit ChunkedBody(std::uint64_t most) : left_(most) {}

  enum class Progress { incomplete, complete, malformed, too_large };

  /// Parses `bytes` up to the end of the body and appends the data in them to `body`; `used`: how many bytes
  /// belonged to the body.
  Progress feed(std::string_view bytes, std::string& body, std::size_t& used);
  /// What is wrong, after `malformed`.
  const char* fault() const { return fault_; }

 private:
  enum class State : std::uint8_t {
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer,
    trailer_lf,
    last_lf
  };

  Progress malformed(const char* what) {
    fault_ = what;
    return Progress::malformed;
  }
  Progress take_line_byte(char c);
  Progress take_size(char c);
  Progress take_trailer_byte(char c);
  Progress end_size_line();

  State state_ = State::size;
  std::uint64_t left_;
  std::uint64_t chunk_ = 0;
  unsigned digits_ = 0;
  std::size_t extension_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::string line_;  ///< of the extension or trailer being read
  const char* fault_ = "";
};

/// Whether `text` is a well-formed list of chunk extensions (`;name`, `;name=token`, `;name="text"`), without
/// the blanks that the grammar tolerates.
bool well_formed_extensions(std::string_view text);

/// What is wrong with a trailer line, or nothing. A field that frames, routes, authenticates or describes the
/// request comes in the header or not at all.
const char* fault_in_trailer(std::string_view line);

}  // namespace bankconnect::net
