// The generated diagrams and tables are up to date, and the transition table is well-formed.
#include <fstream>
#include <iterator>
#include <string>

#include "statemachine/drawing.hpp"
#include "tests/unit/statemachine/story.hpp"

namespace bankconnect::test {

BOOST_AUTO_TEST_SUITE(drawing)

void check_up_to_date(const std::string& file) {
  std::ifstream in(std::string(BANKCONNECT_ROOT) + "/" + file);
  const std::string document{std::istreambuf_iterator<char>(in), {}};
  BOOST_TEST(document.find("<!-- generated:diagram -->") != std::string::npos);
  BOOST_TEST(document.find("<!-- generated:table -->") != std::string::npos);
  BOOST_TEST((with_drawings(document) == document),
             file << " is stale; run: cmake --build build/dev --target draw-states");
}

BOOST_AUTO_TEST_CASE(the_state_machine_readme_shows_the_current_table) {
  check_up_to_date("statemachine/README.md");
}

BOOST_AUTO_TEST_CASE(the_documentation_of_states_shows_the_current_table) {
  check_up_to_date("docs/states.md");
}

BOOST_AUTO_TEST_CASE(no_row_is_unreachable_behind_an_earlier_one) {
  const auto rows = table();
  for (std::size_t later = 0; later < rows.size(); ++later) {
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      const bool hidden = rows[earlier].trigger == rows[later].trigger &&
                          rows[earlier].guard == Guard::always &&
                          (rows[later].from & ~rows[earlier].from) == 0;
      BOOST_TEST(!hidden, "row " << later + 1 << " behind row " << earlier + 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_call_result_has_a_row_in_every_live_state_it_can_occur_in) {
  // Upload answers can occur in every state before PROCESSING, progress answers in PROCESSING, faults in
  // every live state.
  const auto covered = [](Trigger trigger) {
    std::uint16_t from = 0;
    for (const Row& row : table()) {
      if (row.trigger == trigger && row.guard == Guard::always)
        from = static_cast<std::uint16_t>(from | row.from);
    }
    return from;
  };
  for (auto t = Trigger::upload_none; t <= Trigger::upload_unknown; t = static_cast<Trigger>(int(t) + 1)) {
    BOOST_TEST((covered(t) & kBeforeInitiate) == kBeforeInitiate, to_string(t));
  }
  for (auto t = Trigger::accepted; t <= Trigger::not_sent; t = static_cast<Trigger>(int(t) + 1)) {
    BOOST_TEST((covered(t) & (kCompleted | kExpired)) == (kCompleted | kExpired), to_string(t));
  }
  for (auto t = Trigger::still_processing; t <= Trigger::not_completed;
       t = static_cast<Trigger>(int(t) + 1)) {
    BOOST_TEST((covered(t) & kProcessing) == kProcessing, to_string(t));
  }
  for (auto t = Trigger::unparsable; t <= Trigger::hint; t = static_cast<Trigger>(int(t) + 1)) {
    BOOST_TEST((covered(t) & kLive) == kLive, to_string(t));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
