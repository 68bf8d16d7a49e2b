// The query parameters of the calls that list something.
#include "src/control/query.hpp"

#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/support/print.hpp"

namespace bankconnect::test {
namespace {

namespace data = boost::unit_test::data;
using control::read_events_query;
using control::read_session_id;
using control::read_session_query;
using control::read_webhook_query;
using net::Fields;

const std::string kId = "136b1aa3-4610-4d0a-89f3-03078a2fce92";
const std::string kMaxNumber = "18446744073709551615";

template <class Query>
void expect_error(const Result<Query>& query, ErrorCode code, const std::string& message) {
  BOOST_TEST_REQUIRE(query.has_error());
  BOOST_TEST(query.error().code == code);
  BOOST_TEST(query.error().message == message);
}
template <class Query>
void expect_bad_request(const Result<Query>& query, const std::string& message) {
  expect_error(query, ErrorCode::bad_request, message);
}

/// Values that are no number from 0 to 2⁶⁴ - 1.
const std::vector<std::string> kNotNumbers = {
    "", "x", "-1", "+1", " 1", "1 ", "1.0", "0x1", "1e3", "\xff", "18446744073709551616", "1,2"};

/// Runs `check` on all orders of the fields.
template <class Check>
void in_every_order(Fields fields, Check check) {
  std::ranges::sort(fields);
  do {
    check(fields);
  } while (std::ranges::next_permutation(fields).found);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(session_id)

BOOST_AUTO_TEST_CASE(an_id_is_accepted_in_any_letter_case) {
  BOOST_TEST(read_session_id(kId)->text() == kId);
  BOOST_TEST(read_session_id("136B1AA3-4610-4D0A-89F3-03078A2FCE92")->text() == kId);
}

BOOST_DATA_TEST_CASE(anything_but_a_uuid_is_refused,
                     data::make({std::string(), std::string("7"), " " + kId, kId + " ", "{" + kId + "}",
                                 kId.substr(1), kId + "0", std::string("136b1aa346104d0a89f303078a2fce92")}),
                     text) {
  expect_error(read_session_id(text), ErrorCode::invalid_session_id,
               "a session id is a UUID: 8-4-4-4-12 hexadecimal digits");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(session_query)

BOOST_AUTO_TEST_CASE(without_parameters_it_is_the_first_hundred_sessions) {
  const auto query = read_session_query({});
  BOOST_TEST(!query->state.has_value());
  BOOST_TEST(!query->reference.has_value());
  BOOST_TEST(query->limit == 100U);
  BOOST_TEST(query->after == 0U);
}

BOOST_AUTO_TEST_CASE(every_state_is_read_by_its_name) {
  for (const State state : kAllStates) {
    const auto query = read_session_query({{"state", std::string(to_string(state))}});
    BOOST_TEST((query->state == state), to_string(state));
  }
}

BOOST_DATA_TEST_CASE(an_unknown_state_is_refused, data::make({"", "failed", "FAILED ", "NO"}), name) {
  expect_bad_request(read_session_query({{"state", name}}),
                     "there is no state \"" + std::string(name) + "\"");
}

BOOST_AUTO_TEST_CASE(an_empty_reference_is_refused) {
  expect_bad_request(read_session_query({{"reference", ""}}), "\"reference\" must not be empty");
}

BOOST_DATA_TEST_CASE(a_reference_is_any_text,
                     data::make({std::string("loan 7"), std::string("\xff\0\n", 3), std::string(5000, 'x')}),
                     reference) {
  BOOST_TEST((read_session_query({{"reference", reference}})->reference == reference));
}

BOOST_AUTO_TEST_CASE(limit_is_1_to_1000) {
  BOOST_TEST(read_session_query({{"limit", "1"}})->limit == 1U);
  BOOST_TEST(read_session_query({{"limit", "1000"}})->limit == 1000U);
  for (const std::string& limit : {std::string("0"), std::string("1001"), kMaxNumber})
    expect_bad_request(read_session_query({{"limit", limit}}), "\"limit\" must be 1 to 1000");
}

BOOST_AUTO_TEST_CASE(after_is_any_number) {
  BOOST_TEST(read_session_query({{"after", "0"}})->after == 0U);
  BOOST_TEST(read_session_query({{"after", kMaxNumber}})->after == UINT64_MAX);
}

BOOST_DATA_TEST_CASE(limit_and_after_are_numbers, data::make(kNotNumbers), value) {
  expect_bad_request(read_session_query({{"limit", value}}), "\"limit\" must be a number");
  expect_bad_request(read_session_query({{"after", value}}), "\"after\" must be a number");
}

BOOST_DATA_TEST_CASE(an_unknown_parameter_is_refused,
                     data::make({"", "colour", "State", "LIMIT", "limit ", "session_id", "follow"}), key) {
  expect_bad_request(read_session_query({{key, "1"}}), "there is no parameter \"" + std::string(key) +
                                                           "\"; known are state, reference, limit, after");
}

BOOST_AUTO_TEST_CASE(parameters_are_combined_in_any_order) {
  const Fields fields = {{"state", "FAILED"}, {"reference", "r"}, {"limit", "7"}, {"after", "9"}};
  in_every_order(fields, [](const Fields& order) {
    const auto query = read_session_query(order);
    BOOST_TEST((query->state == State::failed));
    BOOST_TEST((query->reference == "r"));
    BOOST_TEST(query->limit == 7U);
    BOOST_TEST(query->after == 9U);
  });
}

BOOST_AUTO_TEST_CASE(of_a_repeated_parameter_the_last_one_holds) {
  BOOST_TEST(read_session_query({{"limit", "7"}, {"limit", "8"}})->limit == 8U);
  BOOST_TEST((read_session_query({{"reference", "a"}, {"reference", "b"}})->reference == "b"));
}

BOOST_AUTO_TEST_CASE(of_several_errors_the_first_is_reported) {
  expect_bad_request(read_session_query({{"limit", "0"}, {"state", "x"}}), "\"limit\" must be 1 to 1000");
  expect_bad_request(read_session_query({{"state", "x"}, {"limit", "0"}}), "there is no state \"x\"");
}

BOOST_AUTO_TEST_CASE(what_the_client_sent_is_repeated_printable_and_shortened) {
  expect_bad_request(read_session_query({{"state", "\xff\n\"" + std::string(100, 'x')}}),
                     "there is no state \"??\"" + std::string(37, 'x') + "\"");
  expect_bad_request(
      read_session_query({{std::string(41, '\x7f'), ""}}),
      "there is no parameter \"" + std::string(40, '?') + "\"; known are state, reference, limit, after");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(webhook_query)

BOOST_AUTO_TEST_CASE(without_parameters_it_is_the_newest_hundred_webhooks) {
  const auto query = read_webhook_query({});
  BOOST_TEST(!query->id.has_value());
  BOOST_TEST(!query->result.has_value());
  BOOST_TEST(query->limit == 100U);
  BOOST_TEST(query->before == 0U);
}

BOOST_AUTO_TEST_CASE(session_id_is_accepted_in_any_letter_case) {
  BOOST_TEST(read_webhook_query({{"session_id", "136B1AA3-4610-4D0A-89F3-03078A2FCE92"}})->id->text() == kId);
}

BOOST_DATA_TEST_CASE(a_malformed_session_id_is_refused, data::make({"", "7", "136b1aa3"}), id) {
  expect_error(read_webhook_query({{"session_id", id}}), ErrorCode::invalid_session_id,
               "a session id is a UUID: 8-4-4-4-12 hexadecimal digits");
}

BOOST_AUTO_TEST_CASE(result_is_one_of_those_that_are_stored) {
  for (const WebhookResult result : {WebhookResult::accepted, WebhookResult::recorded, WebhookResult::kept}) {
    const auto query = read_webhook_query({{"result", std::string(to_string(result))}});
    BOOST_TEST((query->result == result), to_string(result));
  }
}

BOOST_DATA_TEST_CASE(another_result_is_refused, data::make({"", "ACCEPTED", "ignored", "duplicate"}),
                     result) {
  expect_bad_request(read_webhook_query({{"result", result}}), "there is no result \"" + std::string(result) +
                                                                   "\"; known are accepted, recorded, kept");
}

BOOST_AUTO_TEST_CASE(limit_is_1_to_1000) {
  BOOST_TEST(read_webhook_query({{"limit", "1"}})->limit == 1U);
  BOOST_TEST(read_webhook_query({{"limit", "1000"}})->limit == 1000U);
  for (const std::string& limit : {std::string("0"), std::string("1001"), kMaxNumber})
    expect_bad_request(read_webhook_query({{"limit", limit}}), "\"limit\" must be 1 to 1000");
}

BOOST_AUTO_TEST_CASE(after_is_any_number) {
  BOOST_TEST(read_webhook_query({{"after", "0"}})->before == 0U);
  BOOST_TEST(read_webhook_query({{"after", kMaxNumber}})->before == UINT64_MAX);
}

BOOST_DATA_TEST_CASE(limit_and_after_are_numbers, data::make(kNotNumbers), value) {
  expect_bad_request(read_webhook_query({{"limit", value}}), "\"limit\" must be a number");
  expect_bad_request(read_webhook_query({{"after", value}}), "\"after\" must be a number");
}

BOOST_DATA_TEST_CASE(an_unknown_parameter_is_refused,
                     data::make({"", "colour", "Result", "before", "state", "follow"}), key) {
  expect_bad_request(read_webhook_query({{key, "1"}}), "there is no parameter \"" + std::string(key) +
                                                           "\"; known are session_id, result, limit, after");
}

BOOST_AUTO_TEST_CASE(parameters_are_combined_in_any_order) {
  const Fields fields = {{"session_id", kId}, {"result", "kept"}, {"limit", "7"}, {"after", "9"}};
  in_every_order(fields, [](const Fields& order) {
    const auto query = read_webhook_query(order);
    BOOST_TEST(query->id->text() == kId);
    BOOST_TEST((query->result == WebhookResult::kept));
    BOOST_TEST(query->limit == 7U);
    BOOST_TEST(query->before == 9U);
  });
}

BOOST_AUTO_TEST_CASE(of_several_errors_the_first_is_reported) {
  expect_bad_request(read_webhook_query({{"limit", "x"}, {"session_id", "7"}}), "\"limit\" must be a number");
  expect_error(read_webhook_query({{"session_id", "7"}, {"limit", "x"}}), ErrorCode::invalid_session_id,
               "a session id is a UUID: 8-4-4-4-12 hexadecimal digits");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(events_query)

BOOST_AUTO_TEST_CASE(without_parameters_it_is_every_event_and_no_stream) {
  const auto query = read_events_query({});
  BOOST_TEST(!query->after.has_value());
  BOOST_TEST(query->limit == UINT64_MAX);
  BOOST_TEST(!query->follow);
}

BOOST_AUTO_TEST_CASE(after_is_any_number) {
  BOOST_TEST((read_events_query({{"after", "0"}})->after == 0U));
  BOOST_TEST((read_events_query({{"after", kMaxNumber}})->after == UINT64_MAX));
}

BOOST_AUTO_TEST_CASE(limit_is_any_number_but_0) {
  BOOST_TEST(read_events_query({{"limit", "1"}})->limit == 1U);
  BOOST_TEST(read_events_query({{"limit", kMaxNumber}})->limit == UINT64_MAX);
  expect_bad_request(
      read_events_query({{"limit", "0"}}),
      "expected after=SEQ, after_log=ID, limit=COUNT, session_id=ID or follow=true, not limit=0");
}

BOOST_DATA_TEST_CASE(limit_and_after_are_numbers, data::make(kNotNumbers), value) {
  for (const std::string key : {"limit", "after"}) {
    const auto query = read_events_query({{key, value}});
    BOOST_TEST_REQUIRE(query.has_error());
    BOOST_TEST(query.error().code == ErrorCode::bad_request);
    BOOST_TEST(query.error().message.starts_with(
        "expected after=SEQ, after_log=ID, limit=COUNT, session_id=ID or follow=true, not " + key + "="));
  }
}

BOOST_AUTO_TEST_CASE(follow_is_true_or_false) {
  BOOST_TEST(read_events_query({{"follow", "true"}})->follow);
  BOOST_TEST(!read_events_query({{"follow", "false"}})->follow);
  for (const char* value : {"", "yes", "1", "TRUE", "true "})
    expect_bad_request(read_events_query({{"follow", value}}), "\"follow\" must be true or false");
}

BOOST_DATA_TEST_CASE(an_unknown_parameter_is_refused,
                     data::make({"", "colour", "After", "before", "state", "session"}), key) {
  expect_bad_request(read_events_query({{key, "1"}}),
                     "expected after=SEQ, after_log=ID, limit=COUNT, session_id=ID or follow=true, not " +
                         std::string(key) + "=1");
}

BOOST_AUTO_TEST_CASE(parameters_are_combined_in_any_order) {
  const Fields fields = {{"after", "9"}, {"limit", "7"}, {"follow", "true"}};
  in_every_order(fields, [](const Fields& order) {
    const auto query = read_events_query(order);
    BOOST_TEST((query->after == 9U));
    BOOST_TEST(query->limit == 7U);
    BOOST_TEST(query->follow);
  });
}

BOOST_AUTO_TEST_CASE(of_several_errors_the_first_is_reported) {
  expect_bad_request(read_events_query({{"follow", "x"}, {"limit", "0"}}),
                     "\"follow\" must be true or false");
  expect_bad_request(
      read_events_query({{"limit", "0"}, {"follow", "x"}}),
      "expected after=SEQ, after_log=ID, limit=COUNT, session_id=ID or follow=true, not limit=0");
}

BOOST_AUTO_TEST_CASE(what_the_client_sent_is_repeated_printable_and_shortened) {
  expect_bad_request(read_events_query({{std::string(41, '\xff'), std::string(41, '\n')}}),
                     "expected after=SEQ, after_log=ID, limit=COUNT, session_id=ID or follow=true, not " +
                         std::string(40, '?') + "=" + std::string(40, '?'));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
