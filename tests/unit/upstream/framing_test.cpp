// Answers whose end, or whose meaning, rests on a transfer coding.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "tests/unit/upstream/asking.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(framing, Asking)

const std::string kInChunks = "1f\r\n{\"session_progress\":\"completed\"\r\n1\r\n}\r\n0\r\n\r\n";
const std::string kPlainly = R"({"session_progress":"completed"})";

std::string coded(const std::string& fields, const std::string& body,
                  const std::string& version = "HTTP/1.1") {
  return version + " 200 OK\r\nContent-Type: application/json\r\n" + fields + "\r\n" + body;
}

const std::vector<std::string> kNotUnderstood = {
    coded("Transfer-Encoding: gzip\r\n", kPlainly),
    coded("Transfer-Encoding: gzip\r\nContent-Length: 32\r\n", kPlainly),
    coded("Content-Length: 32\r\nTransfer-Encoding: identity\r\n", kPlainly),
    coded("Transfer-Encoding: xchunked\r\n", kPlainly),
    coded("Transfer-Encoding:\r\n", kPlainly),
    coded("Transfer-Encoding: gzip, chunked\r\n", kInChunks),
    coded("Transfer-Encoding: chunked, gzip\r\n", kInChunks),
    coded("Transfer-Encoding: chunked, chunked\r\n", kInChunks),
    coded("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", kInChunks),
    coded("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", kInChunks),
    coded("Content-Length: 32\r\nTransfer-Encoding: chunked\r\n", kInChunks),
    coded("Transfer-Encoding: chunked\r\nContent-Length: 32\r\n", kInChunks),
    coded("Transfer-Encoding: chunked\r\n", kInChunks, "HTTP/1.0"),
};

BOOST_AUTO_TEST_CASE(a_coding_that_is_not_chunked_alone_is_a_fault) {
  for (const std::string& bytes : kNotUnderstood) {
    BOOST_TEST_CONTEXT(bytes) {
      against({{Reply{bytes, Reply::Then::close}}});
      const Answer answer = ask(Call::progress);
      BOOST_TEST(trigger(answer) == "passing_fault");
      BOOST_TEST(error_code(answer) == "FRAMING");
    }
  }
}

BOOST_AUTO_TEST_CASE(so_it_is_of_a_registration) {
  for (const std::string& bytes : kNotUnderstood) {
    BOOST_TEST_CONTEXT(bytes) {
      against({{Reply{bytes, Reply::Then::close}}});
      BOOST_TEST(register_webhook("https://lender.example/").registration.code == "FRAMING");
    }
  }
}

BOOST_AUTO_TEST_CASE(the_fault_says_what_is_wrong) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {coded("Transfer-Encoding: gzip\r\n", kPlainly),
       "the answer's Transfer-Encoding is not `chunked` alone"},
      {coded("Transfer-Encoding: chunked\r\n", kInChunks, "HTTP/1.0"),
       "the answer has a Transfer-Encoding on HTTP/1.0"},
      {coded("Transfer-Encoding: identity\r\nContent-Length: 32\r\n", kPlainly),
       "the answer's Transfer-Encoding is not `chunked` alone"},
  };
  for (const auto& [bytes, message] : rows) {
    against({{Reply{bytes, Reply::Then::close}}});
    BOOST_TEST(ask(Call::progress).error->message == message);
  }
}

BOOST_AUTO_TEST_CASE(the_connection_of_such_an_answer_is_left) {
  against({{Reply{coded("Transfer-Encoding: identity\r\nContent-Length: 32\r\n", kPlainly)},
            Reply{http(200, kProcessing)}},
           {Reply{http(200, kProcessing)}}});
  ask(Call::progress);
  ask(Call::progress);
  BOOST_TEST(server->connections == 2u);
}

BOOST_AUTO_TEST_CASE(an_interim_answer_may_not_be_coded_either) {
  against({{Reply{"HTTP/1.1 103 Early Hints\r\nTransfer-Encoding: gzip\r\n\r\n" + http(200, kProcessing)}}});
  BOOST_TEST(error_code(ask(Call::progress)) == "FRAMING");
}

BOOST_AUTO_TEST_CASE(lengths_and_chunks_that_cannot_be_read_are_the_same_fault) {
  for (const std::string& bytes :
       {coded("Content-Length: 32\r\nContent-Length: 31\r\n", kPlainly),
        coded("Content-Length: -1\r\n", kPlainly), coded("Transfer-Encoding: chunked\r\n", "zz\r\n")}) {
    BOOST_TEST_CONTEXT(bytes) {
      against({{Reply{bytes, Reply::Then::close}}});
      BOOST_TEST(error_code(ask(Call::progress)) == "FRAMING");
    }
  }
}

BOOST_AUTO_TEST_CASE(the_letter_case_of_chunked_does_not_matter) {
  against({{Reply{coded("transfer-encoding: Chunked\r\n", kInChunks)}}});
  BOOST_TEST(trigger(ask(Call::progress)) == "progress_finished");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
