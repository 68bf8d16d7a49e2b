// The disk below SQLite, as a test wants it: writes fail for want of space, or do not return.
#pragma once

#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>

namespace bankconnect::test {

/// SQLite writes through this while it exists. One at a time.
class FaultyDisk {
 public:
  FaultyDisk() {
    present() = this;
    set(reinterpret_cast<sqlite3_syscall_ptr>(write));
  }
  /// Writes that hang go on.
  ~FaultyDisk() {
    work();
    set(nullptr);
  }
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  /// Writes fail from now on.
  void fill() { set_condition(Condition::full); }
  /// Writes begun from now on do not return.
  void hang() { set_condition(Condition::hangs); }
  void work() { set_condition(Condition::works); }
  /// Waits until a write hangs.
  void wait_for_hanging_write() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return hanging_ > 0; });
  }

 private:
  enum class Condition { works, full, hangs };

  static FaultyDisk*& present() {
    static FaultyDisk* disk = nullptr;
    return disk;
  }
  static void set(sqlite3_syscall_ptr call) {
    sqlite3_vfs* const vfs = sqlite3_vfs_find("unix");
    for (const char* const name : {"pwrite", "pwrite64"})
      vfs->xSetSystemCall(vfs, name, call);
  }
  static ssize_t write(int fd, const void* bytes, std::size_t size, off_t at) {
    if (present()->has_space()) return ::pwrite(fd, bytes, size, at);
    errno = ENOSPC;
    return -1;
  }
  bool has_space() {
    std::unique_lock lock(mutex_);
    if (condition_ == Condition::hangs) {
      ++hanging_;
      changed_.notify_all();
      changed_.wait(lock, [this] { return condition_ != Condition::hangs; });
      --hanging_;
    }
    return condition_ == Condition::works;
  }
  void set_condition(Condition condition) {
    {
      const std::lock_guard lock(mutex_);
      condition_ = condition;
    }
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  Condition condition_ = Condition::works;
  int hanging_ = 0;
};

}  // namespace bankconnect::test
