// One or more values for each class of case in the public JSON parsing test suite, sent as one member of an
// otherwise valid webhook. tests/conformance/json-suite runs the suite itself.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/unit/webhook/repeated.hpp"

#include "tests/unit/webhook/running_listener.hpp"

namespace bankconnect::test {
namespace {

namespace data = boost::unit_test::data;

struct Case {
  const char* name;
  std::string member;
};
std::ostream& operator<<(std::ostream& out, const Case& one) {
  return out << one.name;
}

std::string with_nul(std::string text) {
  text[text.find('0')] = '\0';
  return text;
}

const std::vector<Case> kValid = {
    {"scalars", "false"},
    {"scalars", "true"},
    {"scalars", "null"},
    {"scalars", "17"},
    {"scalars", "-2.5"},
    {"scalars", "\"a\""},
    {"scalars", "\"\""},
    {"scalars", "\" \""},
    {"arrays", "[]"},
    {"arrays", "[[], [ ]\t]"},
    {"arrays", "[\"\"]"},
    {"arrays", "[false,null,true]"},
    {"arrays", "[1,\"2\",{\"a\":3},[4],null]"},
    {"whitespace", " \r\n\t[ 5 ] \n"},
    {"whitespace", "[6\n]"},
    {"whitespace", " 7 "},
    {"objects", "{}"},
    {"objects", "{\"a\":\"b\",\"c\":{\"d\":[]}}"},
    {"objects", "{\n\"a\"\n:\n1\n}"},
    {"keys", "{\"\":0}"},
    {"keys", "{\"a\":1,\"a\":1}"},
    {"keys", "{\"a\":1,\"a\":2}"},
    {"keys", "{\"a\\u0000b\":1}"},
    {"keys", "{\"session_id\":1}"},
    {"keys", "{\"\\u0434\\u0430\":\"\\u043d\\u0435\\u0442\"}"},
    {"long strings", "{\"a\":\"" + std::string(5000, 'x') + "\"}"},
    {"integers", "[0]"},
    {"integers", "[-0]"},
    {"integers", "[-1]"},
    {"integers", "[4711]"},
    {"integers", "[-4711]"},
    {"fractions", "[3.14159]"},
    {"fractions", "[-0.0000000000000000000000000000000000000000000000000000000000001]"},
    {"exponents", "[7e11]"},
    {"exponents", "[7E11]"},
    {"exponents", "[7e+2]"},
    {"exponents", "[7E-2]"},
    {"exponents", "[0e0]"},
    {"exponents", "[0e+1]"},
    {"exponents", "[12.5e33]"},
    {"exponents", "{\"a\":-1.0e+28}"},
    {"escapes", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""},
    {"escapes", "\"\\u002c\\u012a\\u12aB\""},
    {"escapes", "\"\\\\u0000\""},
    {"escapes", "\"\\\\n\""},
    {"escapes", "\"\\u0000\""},
    {"escapes", "\"\\u0012\""},
    {"escapes", "\"\\u000A\""},
    {"escapes", "\"\\u005C\\u0022\""},
    {"escapes", "\"a/*b*/c//d\""},
    {"surrogate pairs", "\"\\ud83d\\ude39\""},
    {"surrogate pairs", "\"\\uD834\\udd1e\\uDBFF\\uDFFF\""},
    {"noncharacters", "\"\\uFFFF\\uFDD0\\uFFFE\\uD83F\\uDFFE\""},
    {"invisible", "\"\\u200B\\u2064\\u00A0\""},
    {"UTF-8", "\"\xc3\xa9\xe2\x82\xac\xf0\x9d\x84\x9e\""},
    {"UTF-8", "\"\xe2\x80\xa8\xe2\x80\xa9\""},
    {"UTF-8", "\"\xef\xbf\xbf\xf4\x8f\xbf\xbf\xf0\x9b\xbf\xbf\""},
    {"delete", "\"a\x7f\""},
    {"lone surrogates", "\"\\uD800\""},
    {"lone surrogates", "\"\\uDFAA\""},
    {"lone surrogates", "\"\\uD800abc\""},
    {"lone surrogates", "\"\\uD800\\n\""},
    {"lone surrogates", "{\"\\uDFAA\":0}"},
    {"lone surrogates", "\"\\uDd1e\\uD834\""},
    {"lone surrogates", "\"\\uD888\\u1234\""},
    {"no numbers", "[NaN, Infinity,-Infinity]"},
    {"no numbers", "{\"a\":NaN}"},
    {"no numbers", "\"NaN\""},
};

const std::vector<Case> kInvalid = {
    {"nothing", ""},
    {"nothing", " "},
    {"words", "abc"},
    {"words", "True"},
    {"words", "nul"},
    {"words", "[tru]"},
    {"words", "[fals"},
    {"words", "undefined"},
    {"words", "\xc3\xa5"},
    {"words", "*"},
    {"words", "<null>"},
    {"array commas", "[1 2]"},
    {"array commas", "[1,]"},
    {"array commas", "[,1]"},
    {"array commas", "[1,,2]"},
    {"array commas", "[,]"},
    {"array commas", "[\"a\",,]"},
    {"array commas", "[3[4]]"},
    {"array commas", "[1],"},
    {"array colons", "[\"a\":1]"},
    {"array colons", "[1;2]"},
    {"array ends", "[1]]"},
    {"array ends", "[1"},
    {"array ends", "[1,"},
    {"array ends", "[{}"},
    {"array ends", "[\"a"},
    {"array ends", "]"},
    {"array ends", "1]"},
    {"array ends", "["},
    {"array ends", "[\n1\n,"},
    {"array ends", "[][]"},
    {"array ends", "[1]x"},
    {"array values", "[*]"},
    {"array values", "[x"},
    {"array values", "[-]"},
    {"array values", "[\"a\", truth]"},
    {"object commas", "{\"a\":1,}"},
    {"object commas", "{\"a\":1,,\"b\":2}"},
    {"object commas", "{,\"a\":1}"},
    {"object commas", "{\"a\":1,,,}"},
    {"object commas", "{\"a\":1 \"b\":2}"},
    {"object commas", "{\"a\":1 2}"},
    {"object colons", "{\"a\" 1}"},
    {"object colons", "{\"a\"::1}"},
    {"object colons", "{\"a\",1}"},
    {"object colons", "{\"a\"}"},
    {"object colons", "{\"a\":1,\"b\"}"},
    {"object colons", "{\"a\":}"},
    {"object keys", "{:1}"},
    {"object keys", "{a:1}"},
    {"object keys", "{'a':1}"},
    {"object keys", "{1:1}"},
    {"object keys", "{9E99:1}"},
    {"object keys", "{null:null}"},
    {"object keys", "{[:1}"},
    {"object keys", "{\xf0\x9f\x87\xa8}"},
    {"object ends", "{"},
    {"object ends", "{\"a\""},
    {"object ends", "{\"a\":"},
    {"object ends", "{\"a\":\"b"},
    {"object ends", "{}}"},
    {"object ends", "{]"},
    {"object ends", "{["},
    {"object ends", "{\"a\":1}#"},
    {"object ends", "{\"a\":1} \"b\""},
    {"comments", "{\"a\":/*b*/1}"},
    {"comments", "{\"a\":1}/**/"},
    {"comments", "{\"a\":1}//"},
    {"comments", "{\"a\":1}/"},
    {"comments", "1 # b"},
    {"signs", "[+1]"},
    {"signs", "[++1]"},
    {"signs", "[- 1]"},
    {"signs", "[--1]"},
    {"signs", "[-a]"},
    {"zeros", "[012]"},
    {"zeros", "[-012]"},
    {"zeros", "[00]"},
    {"zeros", "[0x1F]"},
    {"zeros", "[1 000]"},
    {"points", "[1.]"},
    {"points", "[.1]"},
    {"points", "[-.1]"},
    {"points", "[-1.]"},
    {"points", "[0.1.2]"},
    {"points", "[.-1]"},
    {"points", "[2.e3]"},
    {"points", "[0.e1]"},
    {"points", "[1.2a]"},
    {"exponents", "[1e]"},
    {"exponents", "[1E+]"},
    {"exponents", "[1.0e-]"},
    {"exponents", "[1eE2]"},
    {"exponents", "[0e+-1]"},
    {"exponents", "[1ea]"},
    {"not numbers", "[Inf]"},
    {"not numbers", "[nan]"},
    {"not numbers", "[NaNa]"},
    {"not numbers", "[1NaN]"},
    {"not numbers", "[InfinityInfinity]"},
    {"not numbers", "{NaN:1}"},
    {"not numbers", "[1+2]"},
    {"not numbers", "[-1x]"},
    {"not numbers", "[\xef\xbc\x91]"},
    {"not numbers", "2@"},
    {"NUL", with_nul("[0]")},
    {"NUL", with_nul("\"a0b\"")},
    {"NUL", with_nul("1230")},
    {"control characters", "\"a\nb\""},
    {"control characters", "\"\t\""},
    {"control characters", "\"\x1f\""},
    {"control characters", "[\x0c]"},
    {"control characters", "[\x0b]"},
    {"control characters", "\"\\\t\""},
    {"escapes", "\"\\x41\""},
    {"escapes", "\"\\a\""},
    {"escapes", "\"\\U0041\""},
    {"escapes", "\"\\u00g0\""},
    {"escapes", "\"\\u00A\""},
    {"escapes", "\"\\\""},
    {"escapes", "\"\\\\\\\""},
    {"escapes", "\"\\\xf0\x9f\x8c\x80\""},
    {"escapes", "\\u0022a\""},
    {"escapes", "[\\n]"},
    {"escapes", "[\"a\"\\f]"},
    {"escapes", "\"\\"},
    {"escapes after a surrogate", "\"\\uD800\\\""},
    {"escapes after a surrogate", "\"\\uD800\\u1\""},
    {"escapes after a surrogate", "\"\\uD800\\uD800\\x\""},
    {"quotes", "\""},
    {"quotes", "'a'"},
    {"quotes", "['"},
    {"quotes", "\"\"x"},
    {"quotes",
     "\xe2\x80\x9c"
     "a\xe2\x80\x9d"},
    {"not UTF-8", "[\xff]"},
    {"not UTF-8", "[1\xe5]"},
    {"not UTF-8", "[1e1\xe5]"},
    {"not UTF-8", "\"\\\xe5\""},
    {"not UTF-8", "\"\\u\xe5\""},
    {"not UTF-8", "{\"\xb9\":1,}"},
    {"not UTF-8", "\xe9"},
    {"byte order marks", "\xef\xbb\xbf"},
    {"byte order marks", "\xef\xbb{}"},
    {"byte order marks", "[\xe2\x81\xa0]"},
    {"deep nesting", repeated("[", 100'000)},
    {"deep nesting", repeated("[{\"\":", 50'000)},
    {"deep nesting", repeated("{\"a\":", 100'000)},
    {"deep nesting", repeated("[\"\\{", 4)},
};

const std::vector<Case> kEither = {
    {"huge exponents", "[1.5e+9999]"},
    {"huge exponents", "[-1e9999]"},
    {"huge exponents", "[123e-10000000]"},
    {"huge exponents", "[0.4e" + repeated("0", 50) + repeated("9", 50) + "]"},
    {"huge integers", repeated("9", 60)},
    {"huge integers", "-" + repeated("9", 60)},
    {"not UTF-8", "\"\xff\""},
    {"not UTF-8", "\"\xed\xa0\x80\""},
    {"not UTF-8", "\"\xc0\xaf\""},
    {"not UTF-8", "\"\xfc\x83\xbf\xbf\xbf\xbf\""},
    {"not UTF-8", "\"\xe0\xff\""},
    {"not UTF-8", "\"\x81\""},
    {"not UTF-8", "\"\xf4\xbf\xbf\xbf\""},
    {"UTF-16", std::string("[\0\"\0\"\0]\0", 8)},
    {"UTF-16", std::string("\xff\xfe[\0]\0", 6)},
    {"byte order marks", "\xef\xbb\xbf{}"},
    {"five hundred levels", repeated("[", 500) + repeated("]", 500)},
};

WebhookResponse post(const Case& one) {
  RunningListener listener;
  return listener.post("{\"session_id\":\"" + id_of(1).text() + "\",\"member\":" + one.member + "}");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json_catalogue)

BOOST_DATA_TEST_CASE(valid_json_is_200, data::make(kValid), one) {
  BOOST_TEST(post(one).status == 200, one.name << ": " << one.member);
}

BOOST_DATA_TEST_CASE(invalid_json_is_400, data::make(kInvalid), one) {
  BOOST_TEST(post(one).status == 400, one.name << ": " << one.member.substr(0, 100));
}

BOOST_DATA_TEST_CASE(json_that_a_parser_may_accept_or_refuse_is_200_or_400, data::make(kEither), one) {
  const int status = post(one).status;
  BOOST_TEST((status == 200 || status == 400), one.name << ": " << status);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
