// Zeroing the space of a page that belongs to no row.
#include "src/store_sqlite/scrub.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <vector>

namespace bankconnect::store_sqlite {
namespace {

/// A page of `type` full of 0xee, with `cells` cells whose content begins at `content`.
std::vector<std::uint8_t> page_of(std::uint8_t type, std::uint8_t cells, std::size_t content,
                                  std::size_t header = 0) {
  std::vector<std::uint8_t> page(4096, 0xee);
  page[header] = type;
  page[header + 3] = 0;
  page[header + 4] = cells;
  page[header + 5] = static_cast<std::uint8_t>(content >> 8);
  page[header + 6] = static_cast<std::uint8_t>(content);
  return page;
}

/// Whether the bytes from `begin` to `end` are the only zero ones after the header.
bool zero_only_in(const std::vector<std::uint8_t>& page, std::size_t begin, std::size_t end,
                  std::size_t header = 0) {
  for (std::size_t at = header + 7; at < page.size(); ++at) {
    if ((page[at] == 0) != (at >= begin && at < end)) return false;
  }
  return true;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scrub)

BOOST_AUTO_TEST_CASE(a_leaf_is_zeroed_between_its_pointers_and_its_cells) {
  for (const int type : {0x0a, 0x0d}) {
    auto page = page_of(static_cast<std::uint8_t>(type), 10, 3000);
    scrub_page(page, 2);
    BOOST_TEST(zero_only_in(page, 8 + 20, 3000));
  }
}

BOOST_AUTO_TEST_CASE(an_interior_page_is_zeroed_after_its_longer_header) {
  for (const int type : {0x02, 0x05}) {
    auto page = page_of(static_cast<std::uint8_t>(type), 10, 3000);
    scrub_page(page, 2);
    BOOST_TEST(zero_only_in(page, 12 + 20, 3000));
  }
}

BOOST_AUTO_TEST_CASE(the_first_page_is_zeroed_after_the_file_header) {
  auto page = page_of(0x0d, 2, 3000, 100);
  scrub_page(page, 1);
  BOOST_TEST(zero_only_in(page, 100 + 8 + 4, 3000, 100));
}

BOOST_AUTO_TEST_CASE(a_page_that_is_no_b_tree_is_unchanged) {
  for (const int type : {0x00, 0x01, 0x06, 0xff}) {
    auto page = page_of(static_cast<std::uint8_t>(type), 10, 3000);
    const auto before = page;
    scrub_page(page, 2);
    BOOST_TEST((page == before));
  }
}

BOOST_AUTO_TEST_CASE(a_page_with_a_contradictory_header_is_unchanged) {
  for (const std::size_t content : {std::size_t{20}, std::size_t{5000}}) {
    auto page = page_of(0x0d, 100, content);
    const auto before = page;
    scrub_page(page, 2);
    BOOST_TEST((page == before));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::store_sqlite
