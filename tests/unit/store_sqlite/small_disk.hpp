// A small file system that a test can fill.
#pragma once

#include <sys/mount.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/unit/store_sqlite/temp_dir.hpp"

namespace bankconnect::test {

/// Mounts a tmpfs in a temporary folder. Tests that use it are decorated with `*precondition(can_mount)`.
class SmallDisk {
 public:
  /// `options`: mount options of tmpfs.
  explicit SmallDisk(const std::string& options = "size=3m") {
    BOOST_REQUIRE(::mount("tmpfs", dir_.path().c_str(), "tmpfs", 0, (options + ",mode=0700").c_str()) == 0);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() { ::umount2(dir_.path().c_str(), MNT_DETACH); }
  std::string operator/(const std::string& name) const { return dir_ / name; }

  /// Leaves `left` bytes free.
  void fill(std::uintmax_t left = 0) {
    {
      std::ofstream file(*this / "ballast", std::ios::binary);
      const std::string block(4096, 'x');
      while (file)
        file.write(block.data(), static_cast<std::streamsize>(block.size())).flush();
    }
    std::filesystem::resize_file(*this / "ballast", std::filesystem::file_size(*this / "ballast") - left);
  }
  /// Uses up the inodes: no further file can be created.
  void use_up_all_files() {
    for (int i = 0; std::ofstream(*this / ("file" + std::to_string(i))).is_open(); ++i) {
    }
  }
  void make_room() { std::filesystem::remove(*this / "ballast"); }

 private:
  TempDir dir_;
};

/// Whether this process may mount a tmpfs; the tests that need one are skipped otherwise.
inline boost::test_tools::assertion_result can_mount(boost::unit_test::test_unit_id) {
  const TempDir dir;
  boost::test_tools::assertion_result can = ::mount("tmpfs", dir.path().c_str(), "tmpfs", 0, nullptr) == 0;
  if (can) {
    ::umount2(dir.path().c_str(), MNT_DETACH);
  } else {
    can.message() << "a tmpfs cannot be mounted here (needs root)";
  }
  return can;
}

}  // namespace bankconnect::test
