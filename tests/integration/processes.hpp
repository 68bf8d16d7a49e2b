// Programs under test as child processes, and temporary folders.
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
  /// Starts `program`; both of its output streams go to `output`. `inherited_fd` becomes its descriptor 3.
  Process(const std::string& program, const std::vector<std::string>& arguments,
          const std::filesystem::path& output, const std::map<std::string, std::string>& environment = {},
          int inherited_fd = -1);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const;
  /// The exit code, or 128 + the signal that ended it; nothing when it is still running after `timeout`.
  std::optional<int> wait(std::chrono::milliseconds timeout = 20s);
  bool running();
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  std::optional<int> code_;
};

struct RunResult {
  int code = -1;
  std::string output;
};
/// Runs a program until it exits.
RunResult run(const std::string& program, const std::vector<std::string>& arguments,
              const std::map<std::string, std::string>& environment = {});

/// Polls `holds` until it returns true; false when it does not within `timeout`.
bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds timeout = 20s);

}  // namespace bankconnect::test
