// Files are replaced as a whole or not at all.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "src/monitor/file_writer.hpp"
#include "src/monitor/recent_samples.hpp"

namespace bankconnect::test {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

struct Directory {
  Directory() {
    std::string name = (fs::temp_directory_path() / "bankconnect-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Directory() { fs::remove_all(path); }
  static std::string read(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  fs::path path;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(files, Directory)

BOOST_AUTO_TEST_CASE(a_file_is_replaced_and_no_temporary_file_is_left) {
  BOOST_TEST(monitor::write_file_atomically(path / "status.json", "old, and longer").has_value());
  BOOST_TEST(monitor::write_file_atomically(path / "status.json", "new").has_value());
  BOOST_TEST(read(path / "status.json") == "new");
  BOOST_TEST(std::distance(fs::directory_iterator(path), fs::directory_iterator()) == 1);
}

BOOST_AUTO_TEST_CASE(the_error_names_the_directory_that_cannot_be_written_to) {
  std::ofstream(path / "no") << "a file, not a directory";
  const auto result = monitor::write_file_atomically(path / "no" / "such" / "file", "x");
  BOOST_TEST_REQUIRE(result.has_error());
  BOOST_TEST(result.error().message.find("no/such") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_missing_directory_is_created) {
  BOOST_TEST(monitor::write_file_atomically(path / "sessions" / "file", "x").has_value());
  BOOST_TEST(read(path / "sessions" / "file") == "x");
}

BOOST_AUTO_TEST_CASE(a_symbolic_link_in_place_of_the_temporary_file_is_not_followed) {
  fs::create_symlink(path / "victim", path / "status.json.new");
  BOOST_TEST(monitor::write_file_atomically(path / "status.json", "x").has_error());
  BOOST_TEST(!fs::exists(path / "victim"));
}

BOOST_AUTO_TEST_CASE(removing_a_file_that_does_not_exist_succeeds) {
  BOOST_TEST(monitor::remove_file(path / "nothing").has_value());
}

BOOST_AUTO_TEST_CASE(percentiles_are_of_the_latest_measurements) {
  monitor::RecentSamples recent;
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
