// The latest events, written out once for all who follow the log.
#include "src/control/recent_events.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

namespace bankconnect::test {
namespace {

using control::RecentEvents;

const SessionId kOne = *SessionId::parse("136b1aa3-4610-4d0a-89f3-03078a2fce92");
const SessionId kOther = *SessionId::parse("00000000-4610-4d0a-89f3-03078a2fce92");

EventRecord event(std::uint64_t seq, const SessionId& id = kOne) {
  EventRecord record;
  record.seq = seq;
  record.id = id;
  return record;
}

struct Events {
  RecentEvents recent;

  void add(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t seq = first; seq <= last; ++seq)
      recent.add(event(seq));
  }
  bool reaches_back_to(std::uint64_t seq) const { return recent.after(seq, 1, std::nullopt).has_value(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(recent_events, Events)

BOOST_AUTO_TEST_CASE(before_the_first_event_nothing_is_known) {
  BOOST_TEST(!reaches_back_to(0));
}

BOOST_AUTO_TEST_CASE(events_after_a_place_come_in_order_with_a_line_each) {
  add(5, 8);
  const auto page = recent.after(6, 100, std::nullopt);
  BOOST_TEST_REQUIRE(page.has_value());
  BOOST_TEST(page->count == 2U);
  BOOST_TEST(page->last == 8U);
  BOOST_TEST(std::ranges::count(page->lines, '\n') == 2);
  BOOST_TEST(page->lines.find("\"seq\":7") < page->lines.find("\"seq\":8"));
}

BOOST_AUTO_TEST_CASE(at_the_newest_event_there_is_an_empty_page) {
  add(5, 8);
  const auto page = recent.after(8, 100, std::nullopt);
  BOOST_TEST_REQUIRE(page.has_value());
  BOOST_TEST((page->count == 0U && page->last == 8U && page->lines.empty()));
}

BOOST_AUTO_TEST_CASE(a_place_before_the_first_or_after_the_last_event_is_not_known) {
  add(5, 8);
  BOOST_TEST(reaches_back_to(4));
  BOOST_TEST(!reaches_back_to(3));
  BOOST_TEST(!reaches_back_to(9));
}

BOOST_AUTO_TEST_CASE(a_page_has_no_more_events_than_asked_for) {
  add(1, 10);
  const auto page = recent.after(2, 3, std::nullopt);
  BOOST_TEST_REQUIRE(page.has_value());
  BOOST_TEST((page->count == 3U && page->last == 5U));
}

BOOST_AUTO_TEST_CASE(of_one_session_other_events_are_passed_over) {
  recent.add(event(1));
  recent.add(event(2, kOther));
  recent.add(event(3));
  const auto page = recent.after(0, 100, kOther);
  BOOST_TEST_REQUIRE(page.has_value());
  BOOST_TEST((page->count == 1U && page->last == 3U));
  BOOST_TEST(page->lines.find(kOther.text()) != std::string::npos);
  BOOST_TEST(page->lines.find(kOne.text()) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(after_a_gap_the_earlier_events_are_dropped) {
  add(1, 3);
  recent.add(event(5));
  BOOST_TEST(!reaches_back_to(3));
  BOOST_TEST(reaches_back_to(4));
}

BOOST_AUTO_TEST_CASE(cleared_it_knows_nothing_until_the_next_event) {
  add(1, 3);
  recent.clear();
  BOOST_TEST(!reaches_back_to(3));
  add(4, 4);
  BOOST_TEST(reaches_back_to(3));
  BOOST_TEST(!reaches_back_to(2));
}

BOOST_AUTO_TEST_CASE(the_thousand_newest_events_are_kept) {
  add(1, 1500);
  BOOST_TEST(!reaches_back_to(499));
  BOOST_TEST(reaches_back_to(500));
  BOOST_TEST(recent.after(500, UINT64_MAX, std::nullopt)->count == 1000U);
}

BOOST_AUTO_TEST_CASE(fewer_are_kept_when_their_lines_have_more_than_a_mebibyte) {
  for (std::uint64_t seq = 1; seq <= 100; ++seq) {
    EventRecord long_event = event(seq);
    long_event.reference = std::string(100'000, 'r');
    recent.add(long_event);
  }
  BOOST_TEST(!reaches_back_to(85));
  BOOST_TEST(reaches_back_to(95));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
