// A disk that a test can fill.
#pragma once

#include <sys/mount.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/unit/store/temp_dir.hpp"

namespace bankconnect::test {

/// A small file system of its own, where the rights allow it.
class SmallDisk {
 public:
  /// `options`: tmpfs's.
  explicit SmallDisk(const std::string& options = "size=3m")
      : mounted_(::mount("tmpfs", dir_.path().c_str(), "tmpfs", 0, (options + ",mode=0700").c_str()) == 0) {
    if (!mounted_) BOOST_TEST_MESSAGE("SKIPPED: no small file system can be mounted here (needs root)");
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(dir_.path().c_str(), MNT_DETACH);
  }
  bool usable() const { return mounted_; }
  std::string operator/(const std::string& name) const { return dir_ / name; }

  /// Leaves this many bytes.
  void fill(std::uintmax_t left = 0) {
    {
      std::ofstream file(*this / "ballast", std::ios::binary);
      const std::string block(4096, 'x');
      while (file)
        file.write(block.data(), static_cast<std::streamsize>(block.size())).flush();
    }
    std::filesystem::resize_file(*this / "ballast", std::filesystem::file_size(*this / "ballast") - left);
  }
  /// No file can be made any more.
  void use_up_all_files() {
    for (int i = 0; std::ofstream(*this / ("file" + std::to_string(i))).is_open(); ++i) {
    }
  }
  void make_room() { std::filesystem::remove(*this / "ballast"); }

 private:
  TempDir dir_;
  bool mounted_;
};

}  // namespace bankconnect::test
