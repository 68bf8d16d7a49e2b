#define BOOST_TEST_DYN_LINK
#include "src/sandbox/insights.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "src/sandbox/create_session.hpp"

using namespace bankconnect::sandbox;
using namespace std::chrono_literals;

namespace {

const Instant kStart{std::chrono::sys_days{std::chrono::year{2025} / 11 / 13}};

struct EnrichedSession {
  Scenario scenario;
  Session session;

  EnrichedSession() {
    session.id = "136b1aa3-4610-4d0a-89f3-03078a2fce92";
    session.link_id = "with \"quotes\"";
    session.range = default_range(kStart);
    session.scenario = &scenario;
    session.history.created = kStart;
    session.history.requested = kStart + 3s;
  }

  std::string at(Duration age) const {
    return insights_answer(session, state_at(scenario, session.history, kStart + age));
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(insights)

BOOST_AUTO_TEST_CASE(the_insights_body_does_not_depend_on_the_time_of_the_call) {
  const EnrichedSession enriched;
  BOOST_TEST(enriched.at(1min) == enriched.at(24h));
}

BOOST_AUTO_TEST_CASE(the_insights_body_is_json_of_exactly_the_configured_size) {
  EnrichedSession enriched;
  enriched.scenario.accounts.resize(3);
  enriched.scenario.accounts[1].failed = true;
  enriched.scenario.accounts[2].missing_data = true;
  for (const std::uint64_t size : {20'000ULL, 300'001ULL, 2'000'000ULL}) {
    enriched.scenario.insights_size = size;
    const std::string text = enriched.at(1min);
    BOOST_TEST(text.size() == size);
    const auto accounts = boost::json::parse(text).at("accounts").as_array();
    BOOST_TEST(accounts.size() == 2U);  // without the failed account
    BOOST_TEST(accounts[0].at("data").at("transactions").as_array().size() > 5U);
  }
}

BOOST_AUTO_TEST_CASE(amounts_are_written_without_an_exponent) {
  const std::string text = EnrichedSession().at(1min);
  BOOST_TEST(text.find("\"expense_0\":760951.0") != std::string::npos);
  BOOST_TEST(text.find("e+") == std::string::npos);
  BOOST_TEST(text.find("E5") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
