#include "src/store_sqlite/reader.hpp"

#include <pthread.h>

#include "src/store_sqlite/schema.hpp"

namespace bankconnect::store_sqlite {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t kTakenAtOnce = 1;
constexpr std::uint32_t kRowsChecked = 20;
constexpr auto kCheckedAtOnce = 10ms;  // a read that is asked for meanwhile waits so long
constexpr auto kBetweenChecks = 100ms;
constexpr auto kIdleReader = 1000ms;
constexpr auto kLongestPause = 100ms;  // then a truncation hangs, and reads go on beside it
constexpr auto kLongestWait = 50ms;    // then a read takes long, and the truncation is tried again later

/// Runs `work` in one transaction: all its statements read the same snapshot.
template <class Work>
void in_snapshot(Connection& connection, const Work& work) {
  connection.execute("BEGIN");
  try {
    work();
    connection.execute("COMMIT");
  } catch (const SqliteError&) {
    if (connection.in_transaction()) sqlite3_exec(connection.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

}  // namespace

Reader::Reader(const std::string& path, Callbacks callbacks)
    : callbacks_(std::move(callbacks)),
      connection_(path, SQLITE_OPEN_READONLY),
      tables_(connection_),
      row_check_(connection_, tables_) {
  sqlite3_busy_timeout(connection_.handle(), kBusyTimeoutMs);
  connection_.execute("PRAGMA mmap_size = 0");
  connection_.execute("PRAGMA temp_store = MEMORY");
  thread_ = std::thread([this] { run(); });
}

Reader::~Reader() {
  stop();
}

void Reader::stop() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

void Reader::run() {
  ::pthread_setname_np(::pthread_self(), "store-reader");
  queue_.wait_until_open();
  bool closed = false;
  while (!closed) {
    std::vector<Job> jobs = queue_.take(kTakenAtOnce, checking_ ? kBetweenChecks : kIdleReader, closed);
    for (Job& job : jobs) {
      begin_read();
      read(job);
      end_read();
    }
    if (checking_ && !closed && !refusing_ && Clock::now() >= next_check_) {
      begin_read();
      check_rows();
      end_read();
      next_check_ = Clock::now() + kBetweenChecks;
    }
    queue_.handled(std::nullopt);
  }
}

void Reader::read(Job& job) {
  const auto refuse = [this, &job](const std::string& why) {
    callbacks_.post([refuse = job.refuse, why] { refuse({ErrorCode::store_unavailable, why}); });
  };
  if (refusing_) return refuse("the database failed; the daemon is stopping");
  // The client has been answered meanwhile.
  if (Clock::now() - job.asked_at > kHangingWrite) return refuse("the database did not answer in time");
  try {
    Completion completion;
    in_snapshot(connection_, [&] { completion = job.work(tables_); });
    callbacks_.post(std::move(completion));
  } catch (const SqliteError& error) {
    refuse(error.what());
    const int code = error.code() & 0xff;
    // The last one: the file cannot be locked. SQLite has tried for ten seconds, and would for each read.
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_PROTOCOL)
      callbacks_.on_damage(error.what());
  }
}

void Reader::check_rows() {
  try {
    in_snapshot(connection_, [this] {
      const auto end = Clock::now() + kCheckedAtOnce;
      while (checking_ && Clock::now() < end)
        checking_ = row_check_.advance(kRowsChecked);
    });
  } catch (const SqliteError& error) {
    const int code = error.code() & 0xff;
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) return;  // tried again
    checking_ = false;
    callbacks_.on_damage(error.what());
  }
}

void Reader::begin_read() {
  std::unique_lock lock(mutex_);
  const auto may_read = [this] { return !paused_ || pause_outlasted_; };
  pause_outlasted_ = !changed_.wait_for(lock, kLongestPause, may_read) || pause_outlasted_;
  reading_ = true;
  progress_.step_began(Clock::now());
}

void Reader::end_read() {
  progress_.idle();
  {
    const std::lock_guard lock(mutex_);
    reading_ = false;
  }
  changed_.notify_all();
}

Duration Reader::stuck() const {
  return progress_.delay(Clock::now(), std::nullopt).stuck;
}

Reader::Pause::Pause(Reader& reader) : reader_(reader) {
  std::unique_lock lock(reader_.mutex_);
  reader_.paused_ = true;
  reader_.pause_outlasted_ = false;
  reader_.changed_.wait_for(lock, kLongestWait, [this] { return !reader_.reading_; });
}

Reader::Pause::~Pause() {
  {
    const std::lock_guard lock(reader_.mutex_);
    reader_.paused_ = false;
  }
  reader_.changed_.notify_all();
}

}  // namespace bankconnect::store_sqlite
