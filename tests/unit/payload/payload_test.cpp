// Payloads are decompressed to the bytes that were packed, or reported as damaged.
#include "bankconnect/payload.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "tests/support/print.hpp"

namespace bankconnect::test {

BOOST_AUTO_TEST_SUITE(payload)

constexpr Wall kFetched{std::chrono::milliseconds(1763016524007)};

std::string every_byte_many_times() {
  std::string bytes;
  std::uint32_t state = 1;
  while (bytes.size() < 300'000)
    bytes.push_back(static_cast<char>((state = state * 1664525 + 1013904223) >> 24));
  return bytes;
}

void check_damaged(const Payload& packed) {
  const Result<std::string> unpacked = unpack(packed);
  BOOST_REQUIRE(unpacked.has_error());
  BOOST_TEST(unpacked.error().code == ErrorCode::payload_damaged);
  BOOST_TEST(!unpacked.error().message.empty());
}

BOOST_AUTO_TEST_CASE(unpacking_gives_the_bytes_that_were_packed) {
  const std::vector<std::string> samples = {"",
                                            "{}",
                                            std::string("\0a\0", 3),
                                            "{\"balance\": 10890.0, \"n\":1E400}\r\n",
                                            every_byte_many_times(),
                                            std::string(10'000'000, ' ')};
  for (const std::string& bytes : samples) {
    BOOST_TEST_CONTEXT(bytes.size() << " bytes") {
      const Result<std::string> unpacked = unpack(pack(bytes, kFetched));
      BOOST_REQUIRE(unpacked.has_value());
      BOOST_TEST((*unpacked == bytes));
    }
  }
}

BOOST_AUTO_TEST_CASE(size_time_and_digest_are_those_of_the_bytes) {
  const Payload packed = pack("abc", kFetched);
  BOOST_TEST(packed.bytes == 3u);
  BOOST_TEST((packed.fetched_at == kFetched));
  BOOST_TEST(hex(packed.sha256) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_AUTO_TEST_CASE(no_bytes_have_the_digest_of_no_bytes) {
  BOOST_TEST(hex(pack("", kFetched).sha256) ==
             "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

BOOST_AUTO_TEST_CASE(repetitive_bytes_are_compressed) {
  std::string bytes;
  while (bytes.size() < 1'000'000)
    bytes += R"({"transaction_type":"debit","amount":10890.0},)";
  BOOST_TEST(pack(bytes, kFetched).compressed.size() < 10'000u);
}

BOOST_AUTO_TEST_CASE(a_flipped_bit_never_gives_other_bytes) {
  const std::string bytes = "the bytes of an answer, the bytes of an answer";
  const Payload whole = pack(bytes, kFetched);
  for (std::size_t at = 0; at < whole.compressed.size(); ++at) {
    BOOST_TEST_CONTEXT("byte " << at) {
      Payload damaged = whole;
      damaged.compressed[at] = static_cast<char>(damaged.compressed[at] ^ 0x10);
      const Result<std::string> unpacked = unpack(damaged);
      BOOST_TEST((unpacked.has_error() || *unpacked == bytes));
    }
  }
}

BOOST_AUTO_TEST_CASE(truncated_bytes_are_damaged) {
  Payload damaged = pack(every_byte_many_times(), kFetched);
  damaged.compressed.resize(damaged.compressed.size() / 2);
  check_damaged(damaged);
}

BOOST_AUTO_TEST_CASE(appended_bytes_are_damaged) {
  Payload damaged = pack("{}", kFetched);
  damaged.compressed += "x";
  check_damaged(damaged);
}

BOOST_AUTO_TEST_CASE(missing_bytes_are_damaged_and_not_an_empty_payload) {
  Payload damaged = pack("", kFetched);
  damaged.compressed.clear();
  damaged.sha256 = {};
  check_damaged(damaged);
}

BOOST_AUTO_TEST_CASE(a_wrong_digest_is_damaged) {
  Payload damaged = pack("{}", kFetched);
  damaged.sha256[31] ^= 1;
  check_damaged(damaged);
}

BOOST_AUTO_TEST_CASE(a_wrong_size_is_damaged_however_large_it_is) {
  for (const std::uint64_t size :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{3}, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    BOOST_TEST_CONTEXT(size) {
      Payload damaged = pack("{}", kFetched);
      damaged.bytes = size;
      check_damaged(damaged);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
