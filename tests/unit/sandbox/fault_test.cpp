#define BOOST_TEST_DYN_LINK
#include "src/sandbox/fault.hpp"

#include <boost/test/unit_test.hpp>

#include "src/sandbox/corrupt.hpp"
#include "src/sandbox/wire.hpp"

using namespace bankconnect::sandbox;
using namespace std::chrono_literals;

namespace {

const std::string kId = "136b1aa3-4610-4d0a-89f3-03078a2fce92";
const Instant kNow{std::chrono::sys_days{std::chrono::year{2025} / 11 / 13}};

Reply corrupt_with(const Fault& fault) {
  return corrupt(json_reply(200, R"({"session_id":")" + kId + R"("})"), fault, kId, kNow);
}

Fault fault_of(FaultKind kind) {
  Fault fault;
  fault.kind = kind;
  return fault;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fault)

BOOST_AUTO_TEST_CASE(a_trigger_selects_calls_by_number) {
  FaultTrigger trigger;
  trigger.call = Call::progress;
  trigger.nth = {1, 3};
  BOOST_TEST(matches(trigger, Call::progress, 1, 9, 0s));
  BOOST_TEST(!matches(trigger, Call::progress, 2, 9, 0s));
  BOOST_TEST(matches(trigger, Call::progress, 3, 9, 0s));
  BOOST_TEST(!matches(trigger, Call::initiate, 1, 9, 0s));
}

BOOST_AUTO_TEST_CASE(a_trigger_for_any_call_counts_all_calls) {
  FaultTrigger trigger;
  trigger.first = 2;
  BOOST_TEST(matches(trigger, Call::insights, 1, 2, 0s));
  BOOST_TEST(!matches(trigger, Call::insights, 1, 3, 0s));
  trigger.first = 0;
  trigger.every = 10;
  BOOST_TEST(matches(trigger, Call::insights, 1, 20, 0s));
}

BOOST_AUTO_TEST_CASE(a_trigger_applies_between_from_and_until_only) {
  FaultTrigger trigger;
  trigger.from = 5s;
  trigger.until = 9s;
  BOOST_TEST(!matches(trigger, Call::progress, 1, 1, 4999ms));
  BOOST_TEST(matches(trigger, Call::progress, 1, 1, 5s));
  BOOST_TEST(!matches(trigger, Call::progress, 1, 1, 9s));
}

BOOST_AUTO_TEST_CASE(status_faults_come_in_every_documented_shape) {
  Fault fault = fault_of(FaultKind::status);
  fault.code = "C";
  fault.message = "M";
  BOOST_TEST(corrupt_with(fault).body == R"({"error":{"code":"C","message":"M"}})");
  fault.shape = BodyShape::error_with_ids;
  BOOST_TEST(corrupt_with(fault).body ==
             R"({"session_id":")" + kId + R"(","statement_id":"","error":{"code":"C","message":"M"}})");
  fault.shape = BodyShape::detail;
  BOOST_TEST(corrupt_with(fault).body == R"({"detail":"M"})");
  fault.shape = BodyShape::message;
  BOOST_TEST(corrupt_with(fault).body == R"({"message":"M"})");
  fault.shape = BodyShape::html;
  BOOST_TEST(corrupt_with(fault).body.starts_with("<!doctype html>"));
  fault.shape = BodyShape::empty;
  BOOST_TEST(corrupt_with(fault).body.empty());
}

BOOST_AUTO_TEST_CASE(retry_after_is_seconds_or_a_date) {
  Fault fault = fault_of(FaultKind::status);
  fault.retry_after = RetryAfter{2s, false};
  BOOST_TEST(corrupt_with(fault).headers.at(0).second == "2");
  fault.retry_after = RetryAfter{2s, true};
  BOOST_TEST(corrupt_with(fault).headers.at(0).second == "Thu, 13 Nov 2025 00:00:02 GMT");
}

BOOST_AUTO_TEST_CASE(wrong_session_bad_json_and_oversize_change_the_body) {
  BOOST_TEST(corrupt_with(fault_of(FaultKind::wrong_session)).body.find(kId) == std::string::npos);
  BOOST_TEST(corrupt_with(fault_of(FaultKind::bad_json)).body.back() != '}');
  Fault large = fault_of(FaultKind::oversize);
  large.size = 5000;
  BOOST_TEST(corrupt_with(large).body.size() == 5000U);
}

BOOST_AUTO_TEST_CASE(answers_can_be_old_incomplete_not_strict_or_compressed) {
  Fault fault = fault_of(FaultKind::cached);
  fault.age = 3600s;
  BOOST_TEST(corrupt_with(fault).headers.at(0).first == "Age");
  BOOST_TEST(corrupt_with(fault).headers.at(0).second == "3600");
  fault = fault_of(FaultKind::beside_data);
  fault.code = "STATEMENT_MISSING";
  BOOST_TEST(corrupt_with(fault).body.starts_with(R"({"error":{"code":"STATEMENT_MISSING")"));
  BOOST_TEST(corrupt_with(fault_of(FaultKind::not_strict)).body.find("NaN") != std::string::npos);
  BOOST_TEST(corrupt_with(fault_of(FaultKind::gzip)).body.starts_with("\x1f\x8b"));
  BOOST_TEST(corrupt_with(fault_of(FaultKind::gzip)).headers.at(0).second == "gzip");
  const Reply with_accounts = json_reply(200, R"({"accounts":[{"a":1}],"b":2})");
  BOOST_TEST(corrupt(with_accounts, fault_of(FaultKind::no_accounts), kId, kNow).body ==
             R"({"accounts":[],"b":2})");
  const Reply open = json_reply(200, R"({"upload_status":"IN_PROGRESS","accounts":[{"a":1}]})");
  BOOST_TEST(corrupt(open, fault_of(FaultKind::expired_early), kId, kNow).body ==
             R"({"upload_status":"EXPIRED","accounts":[]})");
  const Reply available = json_reply(200, R"({"insights_available":true})");
  BOOST_TEST(corrupt(available, fault_of(FaultKind::insights_denied), kId, kNow).body ==
             R"({"insights_available":false})");
}

BOOST_AUTO_TEST_CASE(connection_faults_set_how_the_answer_is_delivered) {
  BOOST_TEST((corrupt_with(fault_of(FaultKind::drop_after)).delivery.mode == DeliveryMode::dropped));
  BOOST_TEST((corrupt_with(fault_of(FaultKind::reset)).delivery.mode == DeliveryMode::reset));
  BOOST_TEST((corrupt_with(fault_of(FaultKind::truncated)).delivery.mode == DeliveryMode::truncated));
  BOOST_TEST((corrupt_with(fault_of(FaultKind::stall)).delivery.mode == DeliveryMode::head_only));
  BOOST_TEST(corrupt_with(fault_of(FaultKind::close)).delivery.close);
}

BOOST_AUTO_TEST_CASE(an_answer_is_written_with_a_length_or_in_chunks) {
  Reply reply = json_reply(202, "{}");
  BOOST_TEST(head_of(reply, true, kNow) ==
             "HTTP/1.1 202 Accepted\r\nServer: bankconnect-sandbox\r\nDate: Thu, 13 Nov 2025 00:00:00 GMT\r\n"
             "Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n");
  reply.delivery.chunked = true;
  BOOST_TEST(head_of(reply, false, kNow).ends_with("Transfer-Encoding: chunked\r\n\r\n"));
  BOOST_TEST(chunked("hello") == "5\r\nhello\r\n0\r\n\r\n");
  BOOST_TEST(chunked("") == "0\r\n\r\n");
}

BOOST_AUTO_TEST_SUITE_END()
