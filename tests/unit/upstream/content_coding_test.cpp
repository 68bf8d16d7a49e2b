// Bodies that come compressed, or say that they do.
#include "src/upstream/content_coding.hpp"

#include <zlib.h>

#include <boost/test/unit_test.hpp>
#include <vector>

#include "tests/unit/upstream/reading.hpp"

namespace bankconnect::test {
namespace {

constexpr int kGzip = 31;
constexpr int kZlib = 15;
constexpr int kRaw = -15;

std::string compressed(const std::string& text, int window_bits) {
  z_stream stream{};
  BOOST_REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  BOOST_REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

const std::string kBody = R"({"accounts":[{"a":")" + std::string(300'000, 'x') + "ends here" + R"("}]})";

}  // namespace

BOOST_AUTO_TEST_SUITE(content_coding)

BOOST_AUTO_TEST_CASE(gzip_and_both_forms_of_deflate_are_decompressed) {
  BOOST_TEST(*upstream::decoded("gzip", compressed(kBody, kGzip), 1 << 20) == kBody);
  BOOST_TEST(*upstream::decoded("X-GZIP", compressed(kBody, kGzip), 1 << 20) == kBody);
  BOOST_TEST(*upstream::decoded("deflate", compressed(kBody, kZlib), 1 << 20) == kBody);
  BOOST_TEST(*upstream::decoded("Deflate", compressed(kBody, kRaw), 1 << 20) == kBody);
}

BOOST_AUTO_TEST_CASE(what_names_no_compression_changes_nothing) {
  for (const char* coding : {"", "identity", "utf-8", "binary", "x-unknown"})
    BOOST_TEST(*upstream::decoded(coding, "{}", 10) == "{}", coding);
  BOOST_TEST(upstream::decoded("gzip", "", 10)->empty());
}

BOOST_AUTO_TEST_CASE(other_compressions_and_several_at_once_are_faults) {
  for (const char* coding : {"br", "zstd", "compress", "gzip, gzip", "gzip, identity"})
    BOOST_TEST(upstream::decoded(coding, "x", 10).error().code == "UNEXPECTED_BODY", coding);
}

BOOST_AUTO_TEST_CASE(a_bomb_is_a_fault_as_soon_as_it_exceeds_the_limit) {
  const std::string bomb = compressed(std::string(50'000'000, '0'), kGzip);
  BOOST_TEST(bomb.size() < 100'000u);
  BOOST_TEST(upstream::decoded("gzip", bomb, 1 << 20).error().code == "RESPONSE_TOO_LARGE");
  BOOST_TEST(upstream::decoded("gzip", compressed(kBody, kGzip), kBody.size()).has_value());
  BOOST_TEST(upstream::decoded("gzip", compressed(kBody, kGzip), kBody.size() - 1).has_error());
}

BOOST_AUTO_TEST_CASE(data_that_is_cut_off_damaged_or_followed_by_more_is_a_fault) {
  const std::string whole = compressed(kBody, kGzip);
  for (std::size_t size = 1; size < whole.size(); ++size)
    BOOST_TEST(upstream::decoded("gzip", whole.substr(0, size), 1 << 20).has_error());
  std::string damaged = whole;
  damaged[whole.size() - 6] = static_cast<char>(damaged[whole.size() - 6] ^ 1);  // of the checksum
  BOOST_TEST(upstream::decoded("gzip", damaged, 1 << 20).has_error());
  BOOST_TEST(upstream::decoded("gzip", whole + "x", 1 << 20).has_error());
  BOOST_TEST(upstream::decoded("gzip", kBody, 1 << 20).has_error());
}

BOOST_AUTO_TEST_CASE(a_compressed_payload_is_stored_decompressed) {
  const Answer answer = read(Call::insights, 200, compressed(kBody, kGzip), "", "gzip");
  BOOST_TEST(trigger(answer) == "insights_fetched");
  BOOST_TEST(answer.payload->bytes == kBody.size());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
