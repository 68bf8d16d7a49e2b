// A chunked body, byte by byte: what is taken, what is refused, and that it does not matter how it arrives.
#include "src/net/chunked.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <random>

namespace bankconnect::test {
namespace {

using net::ChunkedBody;
using Found = ChunkedBody::Found;

struct Outcome {
  Found found = Found::more;
  std::string body;
  std::size_t used = 0;
  std::string fault;
  bool operator==(const Outcome&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  return out << static_cast<int>(outcome.found) << " \"" << outcome.body << "\" after " << outcome.used << ' '
             << outcome.fault;
}

/// `sizes`: of the parts in which the bytes arrive, in turn.
Outcome fed(std::string_view bytes, const std::vector<std::size_t>& sizes, std::uint64_t most = 1000) {
  ChunkedBody chunks(most);
  Outcome outcome;
  for (std::size_t turn = 0; outcome.used < bytes.size() && outcome.found == Found::more; ++turn) {
    std::size_t used = 0;
    const std::string_view part = bytes.substr(outcome.used, sizes[turn % sizes.size()]);
    outcome.found = chunks.take(part, outcome.body, used);
    outcome.used += used;
    if (outcome.found == Found::more) BOOST_REQUIRE(used == part.size());
  }
  outcome.fault = chunks.fault();
  return outcome;
}
Outcome fed_whole(std::string_view bytes, std::uint64_t most = 1000) {
  return fed(bytes, {std::string_view::npos}, most);
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
    {"nothing", "0\r\n\r\n"},
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
    {"no hexadecimal digit", "g\r\n"},
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
    {"no name of an extension", "1;" + kEnd},
    {"a second extension without a name", "1;a;" + kEnd},
    {"a blank around an extension", "1; a" + kEnd},
    {"a bad character in an extension's name", "1;a[=b" + kEnd},
    {"an extension without its value", "1;a=" + kEnd},
    {"a quotation that does not end", "1;a=\"b" + kEnd},
    {"something behind a quotation", "1;a=\"b\"c" + kEnd},
    {"a NUL in an extension", std::string("1;a\0b", 5) + kEnd},
    {"a line feed in an extension", "1;a\nb" + kEnd},
    {"a carriage return in an extension", "1;a\rb" + kEnd},
    {"a control character in a quotation", "1;a=\"\x01\"" + kEnd},
    {"an endless extension", "1;" + std::string(300, 'a') + kEnd},
    {"data longer than said", "1\r\nab\r\n0\r\n\r\n"},
    {"data shorter than said", "3\r\na\r\n0\r\n\r\n"},
    {"a bare line feed after the data", "1\r\na\n0\r\n\r\n"},
    {"a bare carriage return after the data", "1\r\na\r0\r\n\r\n"},
    {"no line end after the data", "1\r\na0\r\n\r\n"},
    {"a bare line feed at the end", "0\r\n\n"},
    {"a bare carriage return at the end", "0\r\n\rX"},
    {"a trailer that is no field", "0\r\nnonsense\r\n\r\n"},
    {"a trailer without a name", "0\r\n: x\r\n\r\n"},
    {"a blank before a trailer's colon", "0\r\nX-A : x\r\n\r\n"},
    {"a folded trailer", "0\r\nX-A: x\r\n y\r\n\r\n"},
    {"a trailer that ends with a bare line feed", "0\r\nX-A: x\n\r\n"},
    {"a trailer that ends with a bare carriage return", "0\r\nX-A: x\rX-B: y\r\n\r\n"},
    {"a control character in a trailer", "0\r\nX-A: \x07\r\n\r\n"},
    {"endless trailers", "0\r\nX-A: " + std::string(5000, 'a') + "\r\n\r\n"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(chunked)

BOOST_DATA_TEST_CASE(is_taken, boost::unit_test::data::make(kGood), good) {
  const Outcome outcome = fed_whole(good.bytes);
  BOOST_TEST((outcome.found == Found::whole), outcome);
  BOOST_TEST(outcome.used == good.bytes.size());
}

BOOST_DATA_TEST_CASE(is_refused, boost::unit_test::data::make(kBad), bad) {
  const Outcome outcome = fed_whole(bad.bytes);
  BOOST_TEST((outcome.found == Found::fault), outcome);
  BOOST_TEST(!outcome.fault.empty());
}

BOOST_DATA_TEST_CASE(arrives_byte_by_byte_to_the_same_end,
                     boost::unit_test::data::make(kGood) + boost::unit_test::data::make(kBad), one) {
  BOOST_TEST(fed(one.bytes, {1}) == fed_whole(one.bytes));
}

BOOST_DATA_TEST_CASE(arrives_in_parts_to_the_same_end,
                     boost::unit_test::data::make(kGood) + boost::unit_test::data::make(kBad), one) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::size_t> sizes;
    for (int i = 0; i < 16; ++i)
      sizes.push_back(1 + random() % 7);
    BOOST_TEST(fed(one.bytes, sizes) == fed_whole(one.bytes));
  }
}

BOOST_AUTO_TEST_CASE(the_data_is_joined) {
  BOOST_TEST(fed_whole("3\r\nabc\r\n2;x\r\nde\r\n0\r\nX: y\r\n\r\n").body == "abcde");
}

BOOST_AUTO_TEST_CASE(data_of_any_bytes_is_taken) {
  std::string data;
  for (int c = 0; c < 256; ++c)
    data += static_cast<char>(c);
  BOOST_TEST(fed_whole("100\r\n" + data + "\r\n0\r\n\r\n").body == data);
}

BOOST_AUTO_TEST_CASE(what_follows_is_left) {
  const std::string whole = "1\r\na\r\n0\r\n\r\n";
  const Outcome outcome = fed_whole(whole + "GET / HTTP/1.1\r\n");
  BOOST_TEST((outcome.found == Found::whole));
  BOOST_TEST(outcome.used == whole.size());
}

BOOST_AUTO_TEST_CASE(a_body_as_large_as_allowed_is_whole_and_one_byte_more_is_too_large) {
  BOOST_TEST((fed_whole("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 5).found == Found::whole));
  BOOST_TEST((fed_whole("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 4).found == Found::too_large));
}

BOOST_AUTO_TEST_CASE(a_chunk_too_large_is_refused_by_its_size_alone) {
  const Outcome outcome = fed_whole("FFFFFFFF\r\n");
  BOOST_TEST((outcome.found == Found::too_large));
  BOOST_TEST(outcome.body.empty());
}

BOOST_AUTO_TEST_CASE(extensions_are_limited_all_together) {
  std::string bytes;
  for (int i = 0; i < 10; ++i)
    bytes += "1;" + std::string(30, 'a') + "\r\na\r\n";
  BOOST_TEST((fed_whole(bytes).found == Found::fault));
}

BOOST_AUTO_TEST_CASE(trailers_are_limited_all_together) {
  std::string bytes = "0\r\n";
  for (int i = 0; i < 50; ++i)
    bytes += "X-A: " + std::string(100, 'a') + "\r\n";
  BOOST_TEST((fed_whole(bytes + "\r\n").found == Found::fault));
}

BOOST_DATA_TEST_CASE(
    a_trailer_that_would_change_the_request_is_refused,
    boost::unit_test::data::make({"Content-Length", "TRANSFER-ENCODING", "Host", "authorization",
                                  "Content-Type", "Content-Encoding", "X-Secret-Key", "Connection", "Cookie",
                                  "Expect", "Trailer", "X-Forwarded-For", "If-Match", "Proxy-Authenticate"}),
    name) {
  const Outcome outcome = fed_whole("0\r\n" + std::string(name) + ": 1\r\n\r\n");
  BOOST_TEST(outcome.fault == "a trailer names a field that belongs in the header");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
