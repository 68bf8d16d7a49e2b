// Programs under test as child processes, and folders that go away by themselves.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bankconnect::test {

using namespace std::chrono_literals;

class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void write_file(const std::filesystem::path& path, const std::string& content);
std::string read_file(const std::filesystem::path& path);

class Process {
 public:
  /// Starts `program`; what it prints goes to `output` (both streams). `passed` is its descriptor 3.
  Process(const std::string& program, const std::vector<std::string>& arguments,
          const std::filesystem::path& output, const std::map<std::string, std::string>& environment = {},
          int passed = -1);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const;
  /// The exit code, or 128 + the signal that ended it; nothing when it is still running after `patience`.
  std::optional<int> wait(std::chrono::milliseconds patience = 20s);
  bool running();
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  std::optional<int> code_;
};

struct Ran {
  int code = -1;
  std::string output;
};
/// Runs a program to its end.
Ran run(const std::string& program, const std::vector<std::string>& arguments,
        const std::map<std::string, std::string>& environment = {});

/// Looks again and again until it holds; false when it does not within `patience`.
bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds patience = 20s);

}  // namespace bankconnect::test
