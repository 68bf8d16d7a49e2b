// Answers whose length or meaning depends on a Transfer-Encoding.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "tests/unit/upstream/client_fixture.hpp"

namespace bankconnect::test {

BOOST_FIXTURE_TEST_SUITE(framing, ClientFixture)

const std::string kChunkedBody = "1f\r\n{\"session_progress\":\"completed\"\r\n1\r\n}\r\n0\r\n\r\n";
const std::string kPlainBody = R"({"session_progress":"completed"})";

std::string answer_with(const std::string& fields, const std::string& body,
                        const std::string& version = "HTTP/1.1") {
  return version + " 200 OK\r\nContent-Type: application/json\r\n" + fields + "\r\n" + body;
}

const std::vector<std::string> kBadFraming = {
    answer_with("Transfer-Encoding: gzip\r\n", kPlainBody),
    answer_with("Transfer-Encoding: gzip\r\nContent-Length: 32\r\n", kPlainBody),
    answer_with("Content-Length: 32\r\nTransfer-Encoding: identity\r\n", kPlainBody),
    answer_with("Transfer-Encoding: xchunked\r\n", kPlainBody),
    answer_with("Transfer-Encoding:\r\n", kPlainBody),
    answer_with("Transfer-Encoding: gzip, chunked\r\n", kChunkedBody),
    answer_with("Transfer-Encoding: chunked, gzip\r\n", kChunkedBody),
    answer_with("Transfer-Encoding: chunked, chunked\r\n", kChunkedBody),
    answer_with("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", kChunkedBody),
    answer_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", kChunkedBody),
    answer_with("Content-Length: 32\r\nTransfer-Encoding: chunked\r\n", kChunkedBody),
    answer_with("Transfer-Encoding: chunked\r\nContent-Length: 32\r\n", kChunkedBody),
    answer_with("Transfer-Encoding: chunked\r\n", kChunkedBody, "HTTP/1.0"),
};

BOOST_AUTO_TEST_CASE(a_transfer_encoding_other_than_chunked_alone_is_a_framing_fault) {
  for (const std::string& bytes : kBadFraming) {
    BOOST_TEST_CONTEXT(bytes) {
      against({{Reply{bytes, Reply::Then::close}}});
      const Answer answer = ask(Call::progress);
      BOOST_TEST(trigger(answer) == "passing_fault");
      BOOST_TEST(error_code(answer) == "FRAMING");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_registration_answer_with_bad_framing_is_a_framing_fault) {
  for (const std::string& bytes : kBadFraming) {
    BOOST_TEST_CONTEXT(bytes) {
      against({{Reply{bytes, Reply::Then::close}}});
      BOOST_TEST(register_webhook("https://lender.example/").registration.code == "FRAMING");
    }
  }
}

BOOST_AUTO_TEST_CASE(the_error_says_what_is_wrong_with_the_framing) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {answer_with("Transfer-Encoding: gzip\r\n", kPlainBody),
       "the answer's Transfer-Encoding is not `chunked` alone"},
      {answer_with("Transfer-Encoding: chunked\r\n", kChunkedBody, "HTTP/1.0"),
       "the answer has a Transfer-Encoding on HTTP/1.0"},
      {answer_with("Transfer-Encoding: identity\r\nContent-Length: 32\r\n", kPlainBody),
       "the answer's Transfer-Encoding is not `chunked` alone"},
  };
  for (const auto& [bytes, message] : rows) {
    against({{Reply{bytes, Reply::Then::close}}});
    BOOST_TEST(ask(Call::progress).error->message == message);
  }
}

BOOST_AUTO_TEST_CASE(a_connection_with_bad_framing_is_not_reused) {
  against({{Reply{answer_with("Transfer-Encoding: identity\r\nContent-Length: 32\r\n", kPlainBody)},
            Reply{http(200, kProcessing)}},
           {Reply{http(200, kProcessing)}}});
  ask(Call::progress);
  ask(Call::progress);
  BOOST_TEST(server->connections == 2u);
}

BOOST_AUTO_TEST_CASE(a_transfer_encoding_on_an_interim_answer_is_a_framing_fault) {
  against({{Reply{"HTTP/1.1 103 Early Hints\r\nTransfer-Encoding: gzip\r\n\r\n" + http(200, kProcessing)}}});
  BOOST_TEST(error_code(ask(Call::progress)) == "FRAMING");
}

BOOST_AUTO_TEST_CASE(invalid_lengths_and_chunks_are_a_framing_fault) {
  for (const std::string& bytes : {answer_with("Content-Length: 32\r\nContent-Length: 31\r\n", kPlainBody),
                                   answer_with("Content-Length: -1\r\n", kPlainBody),
                                   answer_with("Transfer-Encoding: chunked\r\n", "zz\r\n")}) {
    BOOST_TEST_CONTEXT(bytes) {
      against({{Reply{bytes, Reply::Then::close}}});
      BOOST_TEST(error_code(ask(Call::progress)) == "FRAMING");
    }
  }
}

BOOST_AUTO_TEST_CASE(chunked_is_recognised_in_any_letter_case) {
  against({{Reply{answer_with("transfer-encoding: Chunked\r\n", kChunkedBody)}}});
  BOOST_TEST(trigger(ask(Call::progress)) == "progress_finished");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
