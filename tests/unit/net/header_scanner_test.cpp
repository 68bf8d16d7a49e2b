// Requests that two parsers may read differently are refused, and the connection is closed.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "src/net/header_scanner.hpp"
#include "tests/unit/net/running_server.hpp"

namespace bankconnect::test {
namespace {

struct Attack {
  const char* name;
  const char* bytes;
};
std::ostream& operator<<(std::ostream& out, const Attack& attack) {
  return out << attack.name;
}

const Attack kAttacks[] = {
    {"gzip, chunked", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
    {"identity", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n"},
    {"chunked twice in a line",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"},
    {"chunked in two lines",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
     "chunked\r\n\r\n0\r\n\r\n"},
    {"chunked, then identity",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
     "identity\r\n\r\n0\r\n\r\n"},
    {"xchunked", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"},
    {"empty encoding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n\r\n"},
    {"length and chunked",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"chunked and length",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
    {"two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
    {"the same length twice",
     "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na"},
    {"a list of lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\na"},
    {"a signed length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na"},
    {"a negative length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\na"},
    {"an endless length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\na"},
    {"a folded line", "GET / HTTP/1.1\r\nHost: x\r\nX-Long: a\r\n b\r\n\r\n"},
    {"a folded encoding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"},
    {"no host", "GET / HTTP/1.1\r\n\r\n"},
    {"two hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"},
    {"two hosts on 1.0", "GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n"},
    {"chunked on 1.0", "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"bare line feeds", "GET / HTTP/1.1\nHost: x\n\n"},
    {"one bare line feed", "GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n"},
    {"a bare carriage return", "GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n"},
    {"a blank before the colon", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 1\r\n\r\na"},
    {"a line without a colon", "GET / HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n"},
    {"an empty name", "GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n"},
    {"a control character", "GET / HTTP/1.1\r\nHost: x\r\nX: \x01\r\n\r\n"},
    {"two empty first lines", "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"},
    {"an absolute target of another host", "GET http://y/ HTTP/1.1\r\nHost: x\r\n\r\n"},
    {"a blank in the target", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n"},
    {"a broken escape", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n"},
    {"version 0.9", "GET /\r\n\r\n"},
    {"a lower-case protocol", "GET / http/1.1\r\nHost: x\r\n\r\n"},
    {"TLS", "\x16\x03\x01\x02\x01\x01"},
    {"a chunk size that is no number",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"},
    {"a signed chunk size",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n"},
    {"a chunk size with a prefix",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n"},
    {"an overflowing chunk size",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000001\r\na\r\n0\r\n\r\n"},
    {"a chunk longer than its size",
     "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(header_scanner)

BOOST_DATA_TEST_CASE(an_ambiguous_request_is_refused_and_the_connection_closed,
                     boost::unit_test::data::make(kAttacks), attack) {
  bool reached = false;
  RunningServer server([&](const net::Request&) -> boost::asio::awaitable<net::Response> {
    net::Response response;
    reached = true;
    co_return response;
  });
  Client client(server.port);
  client.send(attack.bytes);
  client.send("GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answer = client.read_all();
  BOOST_TEST(answer.starts_with("HTTP/1.1 400 "), answer);
  BOOST_TEST(answer.find("HTTP/1.1 200") == std::string::npos, "more than one response: " << answer);
  BOOST_TEST(client.closed());
  server.stop();
  BOOST_TEST(!reached);
}

BOOST_DATA_TEST_CASE(chunk_lines_that_end_with_bare_line_feeds_are_refused,
                     boost::unit_test::data::make({"1\na\n0\n\n", "1\r\na\n0\r\n\r\n", "1\r\na\r\n0\r\n\n"}),
                     body) {
  RunningServer server(echo());
  const std::string answer =
      server.exchange(std::string("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n") + body);
  BOOST_TEST(!answer.starts_with("HTTP/1.1 200"), answer);
}

BOOST_AUTO_TEST_CASE(a_header_that_arrives_byte_by_byte_is_complete_with_its_last_byte) {
  const std::string header = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  net::HeaderScanner scanner;
  for (std::size_t size = 1; size < header.size(); ++size) {
    BOOST_REQUIRE(
        (scanner.scan(std::string_view(header).substr(0, size)) == net::HeaderScanner::Progress::incomplete));
  }
  BOOST_TEST((scanner.scan(header) == net::HeaderScanner::Progress::complete));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
