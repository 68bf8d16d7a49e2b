// Chunked bodies: which are accepted, which are refused, and that the result does not depend on how the bytes
// are split.
#include "src/net/chunked_body.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <random>

namespace bankconnect::test {
namespace {

using net::ChunkedBody;
using Progress = ChunkedBody::Progress;

struct Outcome {
  Progress progress = Progress::incomplete;
  std::string body;
  std::size_t used = 0;
  std::string fault;
  bool operator==(const Outcome&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  return out << static_cast<int>(outcome.progress) << " \"" << outcome.body << "\" after " << outcome.used
             << ' ' << outcome.fault;
}

/// Feeds `bytes` in parts of these sizes, used in turn.
Outcome feed(std::string_view bytes, const std::vector<std::size_t>& sizes, std::uint64_t most = 1000) {
  ChunkedBody chunks(most);
  Outcome outcome;
  for (std::size_t turn = 0; outcome.used < bytes.size() && outcome.progress == Progress::incomplete;
       ++turn) {
    std::size_t used = 0;
    const std::string_view part = bytes.substr(outcome.used, sizes[turn % sizes.size()]);
    outcome.progress = chunks.feed(part, outcome.body, used);
    outcome.used += used;
    if (outcome.progress == Progress::incomplete) BOOST_REQUIRE(used == part.size());
  }
  outcome.fault = chunks.fault();
  return outcome;
}
Outcome feed_at_once(std::string_view bytes, std::uint64_t most = 1000) {
  return feed(bytes, {std::string_view::npos}, most);
}

struct Case {
  const char* name;
  std::string bytes;
};
std::ostream& operator<<(std::ostream& out, const Case& one) {
  return out << one.name;
}

const std::string kQuoted = "1;a=\"x;\\\"y \"";
const std::string kEnd = "\r\na\r\n0\r\n\r\n";

const std::vector<Case> kGood = {
    {"an empty body", "0\r\n\r\n"},
    {"one chunk", "3\r\nabc\r\n0\r\n\r\n"},
    {"two chunks", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"},
    {"hexadecimal digits of both cases", "a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n"},
    {"leading zeros", "0003\r\nabc\r\n00\r\n\r\n"},
    {"line ends in the data", "4\r\n\r\n\r\n\r\n0\r\n\r\n"},
    {"an extension", "1;name" + kEnd},
    {"an extension with a value", "1;name=value" + kEnd},
    {"two extensions", "1;a=b;c=d" + kEnd},
    {"a quoted value", kQuoted + kEnd},
    {"an extension of the last chunk", "0;a=b\r\n\r\n"},
    {"a trailer", "0\r\nX-Checksum: abc\r\n\r\n"},
    {"two trailers", "0\r\nX-A: 1\r\nX-B:\r\n\r\n"},
};

const std::vector<Case> kBad = {
    {"no size", "\r\nabc"},
    {"an extension without a size", ";a\r\n"},
    {"a size that is not hexadecimal", "g\r\n"},
    {"a sign", "+1" + kEnd},
    {"a negative size", "-1" + kEnd},
    {"a prefix", "0x1" + kEnd},
    {"an underscore", "1_0" + kEnd},
    {"a blank before the size", " 1" + kEnd},
    {"a blank after the size", "1 " + kEnd},
    {"a tab after the size", "1\t" + kEnd},
    {"nine digits", "000000001" + kEnd},
    {"more than 64 bits", "FFFFFFFFFFFFFFFF0" + kEnd},
    {"a bare line feed after the size", "1\na\r\n0\r\n\r\n"},
    {"a bare carriage return after the size", "1\ra\r\n0\r\n\r\n"},
    {"an extension without a name", "1;" + kEnd},
    {"a second extension without a name", "1;a;" + kEnd},
    {"a blank around an extension", "1; a" + kEnd},
    {"a bad character in an extension's name", "1;a[=b" + kEnd},
    {"an extension without its value", "1;a=" + kEnd},
    {"an unterminated quoted value", "1;a=\"b" + kEnd},
    {"text after a quoted value", "1;a=\"b\"c" + kEnd},
    {"a NUL in an extension", std::string("1;a\0b", 5) + kEnd},
    {"a line feed in an extension", "1;a\nb" + kEnd},
    {"a carriage return in an extension", "1;a\rb" + kEnd},
    {"a control character in a quoted value", "1;a=\"\x01\"" + kEnd},
    {"an extension longer than allowed", "1;" + std::string(300, 'a') + kEnd},
    {"data longer than the size", "1\r\nab\r\n0\r\n\r\n"},
    {"data shorter than the size", "3\r\na\r\n0\r\n\r\n"},
    {"a bare line feed after the data", "1\r\na\n0\r\n\r\n"},
    {"a bare carriage return after the data", "1\r\na\r0\r\n\r\n"},
    {"no line end after the data", "1\r\na0\r\n\r\n"},
    {"a bare line feed at the end", "0\r\n\n"},
    {"a bare carriage return at the end", "0\r\n\rX"},
    {"a trailer without a colon", "0\r\nnonsense\r\n\r\n"},
    {"a trailer without a name", "0\r\n: x\r\n\r\n"},
    {"a blank before a trailer's colon", "0\r\nX-A : x\r\n\r\n"},
    {"a folded trailer", "0\r\nX-A: x\r\n y\r\n\r\n"},
    {"a trailer that ends with a bare line feed", "0\r\nX-A: x\n\r\n"},
    {"a trailer that ends with a bare carriage return", "0\r\nX-A: x\rX-B: y\r\n\r\n"},
    {"a control character in a trailer", "0\r\nX-A: \x07\r\n\r\n"},
    {"a trailer longer than allowed", "0\r\nX-A: " + std::string(5000, 'a') + "\r\n\r\n"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(chunked_body)

BOOST_DATA_TEST_CASE(a_well_formed_body_is_complete, boost::unit_test::data::make(kGood), good) {
  const Outcome outcome = feed_at_once(good.bytes);
  BOOST_TEST((outcome.progress == Progress::complete), outcome);
  BOOST_TEST(outcome.used == good.bytes.size());
}

BOOST_DATA_TEST_CASE(a_malformed_body_is_refused, boost::unit_test::data::make(kBad), bad) {
  const Outcome outcome = feed_at_once(bad.bytes);
  BOOST_TEST((outcome.progress == Progress::malformed), outcome);
  BOOST_TEST(!outcome.fault.empty());
}

BOOST_DATA_TEST_CASE(feeding_byte_by_byte_gives_the_same_result,
                     boost::unit_test::data::make(kGood) + boost::unit_test::data::make(kBad), one) {
  BOOST_TEST(feed(one.bytes, {1}) == feed_at_once(one.bytes));
}

BOOST_DATA_TEST_CASE(feeding_in_random_parts_gives_the_same_result,
                     boost::unit_test::data::make(kGood) + boost::unit_test::data::make(kBad), one) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::size_t> sizes;
    for (int i = 0; i < 16; ++i)
      sizes.push_back(1 + random() % 7);
    BOOST_TEST(feed(one.bytes, sizes) == feed_at_once(one.bytes));
  }
}

BOOST_AUTO_TEST_CASE(the_data_of_all_chunks_is_joined) {
  BOOST_TEST(feed_at_once("3\r\nabc\r\n2;x\r\nde\r\n0\r\nX: y\r\n\r\n").body == "abcde");
}

BOOST_AUTO_TEST_CASE(data_may_hold_any_byte) {
  std::string data;
  for (int c = 0; c < 256; ++c)
    data += static_cast<char>(c);
  BOOST_TEST(feed_at_once("100\r\n" + data + "\r\n0\r\n\r\n").body == data);
}

BOOST_AUTO_TEST_CASE(bytes_after_the_body_are_not_used) {
  const std::string body = "1\r\na\r\n0\r\n\r\n";
  const Outcome outcome = feed_at_once(body + "GET / HTTP/1.1\r\n");
  BOOST_TEST((outcome.progress == Progress::complete));
  BOOST_TEST(outcome.used == body.size());
}

BOOST_AUTO_TEST_CASE(a_body_of_the_largest_size_is_complete_and_one_byte_more_is_too_large) {
  BOOST_TEST((feed_at_once("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 5).progress == Progress::complete));
  BOOST_TEST((feed_at_once("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 4).progress == Progress::too_large));
}

BOOST_AUTO_TEST_CASE(a_chunk_whose_size_exceeds_the_limit_is_refused_before_its_data) {
  const Outcome outcome = feed_at_once("FFFFFFFF\r\n");
  BOOST_TEST((outcome.progress == Progress::too_large));
  BOOST_TEST(outcome.body.empty());
}

BOOST_AUTO_TEST_CASE(all_extensions_share_one_limit) {
  std::string bytes;
  for (int i = 0; i < 10; ++i)
    bytes += "1;" + std::string(30, 'a') + "\r\na\r\n";
  BOOST_TEST((feed_at_once(bytes).progress == Progress::malformed));
}

BOOST_AUTO_TEST_CASE(all_trailers_share_one_limit) {
  std::string bytes = "0\r\n";
  for (int i = 0; i < 50; ++i)
    bytes += "X-A: " + std::string(100, 'a') + "\r\n";
  BOOST_TEST((feed_at_once(bytes + "\r\n").progress == Progress::malformed));
}

BOOST_DATA_TEST_CASE(
    a_trailer_with_a_field_that_belongs_in_the_header_is_refused,
    boost::unit_test::data::make({"Content-Length", "TRANSFER-ENCODING", "Host", "authorization",
                                  "Content-Type", "Content-Encoding", "X-Secret-Key", "Connection", "Cookie",
                                  "Expect", "Trailer", "X-Forwarded-For", "If-Match", "Proxy-Authenticate"}),
    name) {
  const Outcome outcome = feed_at_once("0\r\n" + std::string(name) + ": 1\r\n\r\n");
  BOOST_TEST(outcome.fault == "a trailer names a field that belongs in the header");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
