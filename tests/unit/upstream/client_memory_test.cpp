// What large answers may take of memory together.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "tests/unit/upstream/client_fixture.hpp"

namespace bankconnect::test {
namespace {

const std::string kLarge = R"({"accounts":[")" + std::string(3 << 20, 'x') + "\"]}";

struct LargeAnswers : ClientFixture {
  LargeAnswers() { against({{Reply{http(200, kLarge)}}}); }

  void begin(Call call) {
    client->ask(question(call), [this](Answer answer) { answers.push_back(std::move(answer)); });
  }
  std::vector<Answer> answers;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(client_memory, LargeAnswers)

BOOST_AUTO_TEST_CASE(where_there_is_memory_fetches_go_side_by_side) {
  begin(Call::insights);
  begin(Call::insights);
  wait_until([&] { return server->requests.size() == 2; });
  wait_until([&] { return answers.size() == 2; });
}

BOOST_AUTO_TEST_CASE(with_none_to_share_the_second_fetch_leaves_when_the_payload_of_the_first_is_gone) {
  client->set_max_memory(0);
  BOOST_TEST(client->has_memory());
  begin(Call::insights);
  BOOST_TEST(!client->has_memory());
  begin(Call::insights);
  begin(Call::progress);  // takes nothing of it, and is not answered with a progress here
  wait_until([&] { return answers.size() == 2; });
  settle();
  BOOST_TEST(server->requests.size() == 2U);
  answers.clear();
  wait_until([&] { return answers.size() == 1; });
  BOOST_TEST(server->requests.size() == 3U);
  answers.clear();
  BOOST_TEST(client->has_memory());
}

BOOST_AUTO_TEST_CASE(an_answer_larger_than_all_memory_is_fetched) {
  config.max_memory = 1 << 20;
  start_client();
  begin(Call::insights);
  wait_until([&] { return answers.size() == 1; });
  BOOST_TEST_REQUIRE(answers.front().payload != nullptr);
  BOOST_TEST(answers.front().payload->bytes == kLarge.size());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
