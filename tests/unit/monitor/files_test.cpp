// Files that are always whole.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "src/monitor/file_writer.hpp"
#include "src/monitor/recent.hpp"

namespace bankconnect::test {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

struct Place {
  Place() {
    std::string name = (fs::temp_directory_path() / "bankconnect-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Place() { fs::remove_all(path); }
  static std::string read(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  fs::path path;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(files, Place)

BOOST_AUTO_TEST_CASE(a_file_is_replaced_and_nothing_half_written_stays_beside_it) {
  BOOST_TEST(monitor::write_whole(path / "status.json", "old, and longer").has_value());
  BOOST_TEST(monitor::write_whole(path / "status.json", "new").has_value());
  BOOST_TEST(read(path / "status.json") == "new");
  BOOST_TEST(std::distance(fs::directory_iterator(path), fs::directory_iterator()) == 1);
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_written_to_is_named) {
  std::ofstream(path / "no") << "a file, and no folder";
  const auto result = monitor::write_whole(path / "no" / "such" / "file", "x");
  BOOST_TEST_REQUIRE(result.has_error());
  BOOST_TEST(result.error().message.find("no/such") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_folder_that_somebody_removed_is_made_again) {
  BOOST_TEST(monitor::write_whole(path / "sessions" / "file", "x").has_value());
  BOOST_TEST(read(path / "sessions" / "file") == "x");
}

BOOST_AUTO_TEST_CASE(a_link_left_in_the_way_is_not_written_through) {
  fs::create_symlink(path / "victim", path / "status.json.new");
  BOOST_TEST(monitor::write_whole(path / "status.json", "x").has_error());
  BOOST_TEST(!fs::exists(path / "victim"));
}

BOOST_AUTO_TEST_CASE(removing_what_is_not_there_is_fine) {
  BOOST_TEST(monitor::remove_file(path / "nothing").has_value());
}

BOOST_AUTO_TEST_CASE(percentiles_are_of_the_latest_measurements) {
  monitor::Recent recent;
  BOOST_TEST(recent.percentile(0.99).count() == 0);
  for (int i = 0; i < 10'000; ++i)
    recent.add(1h);
  for (int i = 1; i <= 5000; ++i)
    recent.add(Duration(i % 100));
  BOOST_TEST(recent.percentile(1.0).count() == 99);
  BOOST_TEST(recent.percentile(0.5).count() >= 45);
  BOOST_TEST(recent.percentile(0.5).count() <= 55);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
