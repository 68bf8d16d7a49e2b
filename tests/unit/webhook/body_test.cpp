// What is read from a webhook's body, and which bodies are refused.
#include "src/webhook/body.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/webhook/repeated.hpp"

namespace bankconnect::test {
namespace {

namespace data = boost::unit_test::data;
using webhook::read_body;

const std::string kId = "136b1aa3-4610-4d0a-89f3-03078a2fce92";
const std::string kMember = "\"session_id\":\"" + kId + "\"";

/// What is wrong with a body; empty when nothing is.
std::string fault_of(const std::string& text) {
  const auto body = read_body(text);
  return body.has_error() ? body.error().message : "";
}
std::string fault_with(const std::string& member) {
  return fault_of("{" + kMember + ",\"x\":" + member + "}");
}
std::string event_name_of(const std::string& value) {
  const auto body = read_body("{" + kMember + ",\"event_name\":" + value + "}");
  return body.has_error() ? "refused: " + body.error().message : body->event_name;
}

const std::vector<std::string> kWithoutAnId = {"{}",
                                               "{\"event_name\":\"x\"}",
                                               "{\"SESSION_ID\":\"" + kId + "\"}",
                                               "{\"session_id \":\"" + kId + "\"}",
                                               "{\"session_id\\u0000\":\"" + kId + "\"}",
                                               "{\"a\":{" + kMember + "}}",
                                               "{\"a\":[{" + kMember + "}]}",
                                               "{\"a\":\"session_id\",\"b\":\"" + kId + "\"}"};

const std::vector<std::string> kMalformedIds = {"null",
                                                "true",
                                                "5",
                                                "\"\"",
                                                "\"x\"",
                                                "[]",
                                                "{}",
                                                "[\"" + kId + "\"]",
                                                "{" + kMember + "}",
                                                "{\"x\":\"" + kId + "\"}",
                                                "\" " + kId + "\"",
                                                "\"" + kId + " \"",
                                                "\"" + kId + "\\u0000\"",
                                                "\"" + kId + kId + "\"",
                                                "\"{" + kId + "}\"",
                                                "\"136b1aa346104d0a89f303078a2fce92\"",
                                                "\"136b1aa3-4610-4d0a-89f3-03078a2fce9g\"",
                                                "\"136b1aa3-4610-4d0a-89f3-03078a2fce9\""};

const std::vector<std::string> kNotObjects = {"[]",   "[{" + kMember + "}]", "\"" + kId + "\"", "5", "null",
                                              "true", " \"session_id\" "};

const std::vector<std::string> kNotJson = {"",
                                           " ",
                                           "{",
                                           "{" + kMember,
                                           kMember,
                                           "{" + kMember + ",}",
                                           "{" + kMember + "}}",
                                           "{" + kMember + "}{}",
                                           "{" + kMember + "}\x01",
                                           std::string("{") + kMember + std::string("}\0", 2),
                                           "{session_id:\"" + kId + "\"}",
                                           "{'session_id':'" + kId + "'}",
                                           "{" + kMember + " \"a\":1}",
                                           "{\"session_id\" \"" + kId + "\"}",
                                           "{" + kMember + "} // comment",
                                           "{/* c */" + kMember + "}",
                                           "\xef\xbb{" + kMember + "}",
                                           "session_id=" + kId,
                                           "<xml/>",
                                           "{\"session_id\":\"" + kId + "}"};

}  // namespace

BOOST_AUTO_TEST_SUITE(body)

BOOST_AUTO_TEST_CASE(session_id_and_event_name_are_read) {
  const auto body =
      read_body("{\"event_name\":\"enrichment_completed\"," + kMember + ",\"more\":[1,{\"a\":null}]}");
  BOOST_TEST(body->id.text() == kId);
  BOOST_TEST(body->event_name == "enrichment_completed");
}

BOOST_AUTO_TEST_CASE(whitespace_around_the_object_is_ignored) {
  BOOST_TEST(fault_of(" \t\r\n{ " + kMember + " }\r\n ").empty());
}

BOOST_AUTO_TEST_CASE(an_id_is_accepted_in_any_letter_case) {
  BOOST_TEST(read_body("{\"session_id\":\"136B1AA3-4610-4D0A-89F3-03078A2FCE92\"}")->id.text() == kId);
}

BOOST_DATA_TEST_CASE(a_body_without_a_session_id_is_refused, data::make(kWithoutAnId), text) {
  BOOST_TEST(fault_of(text) == "the body has no \"session_id\"");
}

BOOST_DATA_TEST_CASE(a_malformed_session_id_is_refused, data::make(kMalformedIds), value) {
  BOOST_TEST(fault_of("{\"session_id\":" + value + ",\"x\":\"" + kId + "\"}") ==
             "\"session_id\" is not a session id (a UUID)");
}

BOOST_DATA_TEST_CASE(json_that_is_not_an_object_is_refused, data::make(kNotObjects), text) {
  BOOST_TEST(fault_of(text) == "the body is not a JSON object");
}

BOOST_DATA_TEST_CASE(text_that_is_not_json_is_refused, data::make(kNotJson), text) {
  BOOST_TEST(fault_of(text) == "the body is not JSON");
}

BOOST_AUTO_TEST_CASE(a_second_session_id_is_refused_even_if_it_is_equal) {
  for (const std::string& second :
       {kMember, std::string("\"session_id\":null"), "\"session\\u005fid\":\"" + kId + "\"",
        std::string("\"\\u0073ession_id\":\"other\"")}) {
    BOOST_TEST(fault_of("{" + kMember + "," + second + "}") == "the body has more than one \"session_id\"",
               second);
  }
}

BOOST_AUTO_TEST_CASE(a_session_id_inside_another_member_is_ignored) {
  const auto body = read_body("{\"a\":{\"session_id\":\"x\"}," + kMember + ",\"b\":[{\"session_id\":5}]}");
  BOOST_TEST(body->id.text() == kId);
}

BOOST_AUTO_TEST_CASE(escapes_in_key_and_id_are_decoded) {
  BOOST_TEST(read_body("{\"session\\u005Fid\":\"" + kId + "\"}")->id.text() == kId);
  BOOST_TEST(read_body("{\"session_id\":\"\\u0031" + kId.substr(1) + "\"}")->id.text() == kId);
}

BOOST_AUTO_TEST_CASE(a_body_nested_100_000_deep_is_refused_with_that_reason) {
  for (const char* opening : {"[", "{\"a\":", "[{\"\":"}) {
    BOOST_TEST(fault_with(repeated(opening, 100'000)) == "the body is nested too deeply");
    BOOST_TEST(fault_of(repeated(opening, 100'000)) == "the body is nested too deeply");
  }
  BOOST_TEST(fault_with(repeated("[", 100'000) + repeated("]", 100'000)) == "the body is nested too deeply");
}

BOOST_AUTO_TEST_CASE(five_hundred_levels_of_nesting_are_accepted) {
  BOOST_TEST(fault_with(repeated("[", 500) + repeated("]", 500)).empty());
}

BOOST_DATA_TEST_CASE(text_that_is_not_utf_8_is_refused,
                     data::make({"\xff", "\xc0\xaf", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80",
                                 "\xe0\x80\xaf"}),
                     bytes) {
  BOOST_TEST(fault_with("\"" + std::string(bytes) + "\"") == "the body is not JSON");
}

BOOST_AUTO_TEST_CASE(utf_8_outside_ascii_is_accepted) {
  BOOST_TEST(fault_with("\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \\ud83d\\ude00\"").empty());
}

BOOST_AUTO_TEST_CASE(a_nul_is_accepted_escaped_and_refused_bare) {
  BOOST_TEST(fault_with("\"\\u0000\"").empty());
  BOOST_TEST(fault_with(std::string("\"\0\"", 3)) == "the body is not JSON");
}

BOOST_AUTO_TEST_CASE(a_string_of_one_mebibyte_is_accepted) {
  const std::string text(1 << 20, 'x');
  BOOST_TEST(fault_with("\"" + text + "\"").empty());
  BOOST_TEST(fault_of("{\"" + text + "\":1," + kMember + "}").empty());
}

BOOST_DATA_TEST_CASE(a_number_at_the_limits_of_its_type_is_accepted,
                     data::make({"9223372036854775807", "9223372036854775808", "18446744073709551615",
                                 "18446744073709551616", "-9223372036854775808", "-9223372036854775809", "-0",
                                 "0.0", "-0.0e-0", "1E400", "-1e400", "1e-400", "2.2250738585072014E-308",
                                 "123456789012345678901234567890123456789012345678901234567890"}),
                     number) {
  BOOST_TEST(fault_with(number) == "");
}

BOOST_AUTO_TEST_CASE(a_number_of_a_hundred_thousand_digits_is_accepted) {
  BOOST_TEST(fault_with(std::string(100'000, '9')).empty());
}

BOOST_AUTO_TEST_CASE(an_event_name_is_optional) {
  BOOST_TEST(read_body("{" + kMember + "}")->event_name.empty());
  BOOST_TEST(event_name_of("\"\"").empty());
}

BOOST_DATA_TEST_CASE(an_event_name_that_is_not_a_string_is_ignored,
                     data::make({"5", "null", "[\"a\"]", "{\"event_name\":\"a\"}"}), value) {
  BOOST_TEST(event_name_of(value).empty());
}

BOOST_AUTO_TEST_CASE(an_unknown_event_name_is_returned) {
  BOOST_TEST(event_name_of("\"something_new\"") == "something_new");
}

BOOST_AUTO_TEST_CASE(of_several_event_names_one_is_returned) {
  const std::string name = event_name_of("\"first\",\"event_name\":\"second\"");
  BOOST_TEST((name == "first" || name == "second"), name);
}

BOOST_AUTO_TEST_CASE(an_event_name_is_shortened_to_a_hundred_characters) {
  BOOST_TEST(event_name_of("\"" + std::string(100, 'a') + "\"") == std::string(100, 'a'));
  BOOST_TEST(event_name_of("\"" + std::string(1 << 20, 'a') + "\"") == std::string(100, 'a'));
}

BOOST_AUTO_TEST_CASE(unprintable_bytes_of_an_event_name_are_replaced) {
  BOOST_TEST(event_name_of("\"a\\u0000b\\n\\u001bc\\u007fd\\u00e9\"") == "a?b??c?d??");
  BOOST_TEST(event_name_of("\"caf\xc3\xa9\"") == "caf??");
}

BOOST_DATA_TEST_CASE(an_error_message_repeats_nothing_of_the_body,
                     data::make({"{\"session_id\":\"marker\"}", "{\"marker\":1}", "marker", "\"marker\"",
                                 "[\"marker\"]", "{\"a\":\"marker"}),
                     text) {
  const std::string fault = fault_of(text);
  BOOST_TEST(!fault.empty());
  BOOST_TEST(fault.find("marker") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_before_a_body_is_skipped) {
  BOOST_TEST(fault_of("\xEF\xBB\xBF{" + kMember + "}").empty());
}

BOOST_AUTO_TEST_CASE(an_event_name_with_half_a_surrogate_pair_is_read) {
  BOOST_TEST(event_name_of(R"("a\uD800b")").starts_with("a"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
