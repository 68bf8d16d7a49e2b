#include "bankconnect/store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "src/store/disk.hpp"
#include "src/store/schema.hpp"
#include "src/store/store_impl.hpp"

namespace bankconnect {

using store::Job;
using store::Tables;

namespace {

StoreOpenError unusable(const std::string& message) {
  return {OpenFailure::damaged_or_unusable, message};
}

StoreOpenError cannot_open(const std::string& path, int error) {
  return {store::no_room(error) ? OpenFailure::disk_full : OpenFailure::damaged_or_unusable,
          path + ": cannot be opened for writing: " + std::strerror(error)};
}

/// The instance lock: a lock on a file beside the database, let go by the kernel however the daemon ends.
boost::system::result<int, StoreOpenError> lock_instance(const std::string& database) {
  const std::string path = database + ".lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return cannot_open(path, errno);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  const int error = errno;
  ::close(fd);
  if (error != EWOULDBLOCK) return unusable(path + ": cannot be locked: " + std::strerror(error));
  return StoreOpenError{OpenFailure::locked_by_another_instance,
                        database + ": another bankconnectd uses this database (" + path + " is locked)"};
}

}  // namespace

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

boost::system::result<std::unique_ptr<Store>, StoreOpenError> Store::open(StoreOptions options) {
  // By whichever name the file is called, its lock is the same.
  std::error_code unresolved;
  const auto resolved = std::filesystem::weakly_canonical(options.path, unresolved);
  if (!unresolved) options.path = resolved.string();
  const std::string path = options.path;
  const auto lock = lock_instance(path);
  if (lock.has_error()) return lock.error();
  int lock_fd = *lock;
  try {
    // Created here rather than by SQLite, so that nobody else can ever read it.
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
      const int why = errno;
      ::close(lock_fd);
      return cannot_open(path, why);
    }
    ::close(fd);
    auto connection = std::make_unique<store::Connection>(path, SQLITE_OPEN_READWRITE);
    sqlite3_busy_timeout(connection->handle(), store::kBusyTimeoutMs);
    store::check_ownership(*connection);
    store::configure_writer(*connection);
    store::migrate(*connection);
    auto impl = std::make_unique<Impl>(std::move(options), lock_fd, std::move(connection));
    lock_fd = -1;  // it is the store's now
    auto opened = std::unique_ptr<Store>(new Store(std::move(impl)));
    opened->impl_->prepare();
    return opened;
  } catch (const store::SqliteError& error) {
    if (lock_fd >= 0) ::close(lock_fd);
    const bool cannot_open = (error.code() & 0xff) == SQLITE_CANTOPEN;
    if ((error.disk_full() || cannot_open) && store::no_room_beside(path))
      return StoreOpenError{OpenFailure::disk_full, path + ": the disk is full: " + error.what()};
    return unusable(path + ": " + error.what());
  }
}

void Store::recover(const std::function<void(const SessionRecord&)>& each) {
  impl_->read_at_start([&](Tables& tables) { tables.each_live(each); });
}

std::array<std::uint64_t, kAllStates.size()> Store::count_states() {
  return impl_->read_at_start([](Tables& tables) { return tables.count_states(); });
}

void Store::submit(std::vector<NewSession> sessions,
                   std::function<void(Result<std::vector<Submitted>>)> done) {
  impl_->enqueue<std::vector<Submitted>>(
      Job::Kind::write,
      [sessions = std::move(sessions)](Tables& tables) {
        std::vector<Submitted> results;
        results.reserve(sessions.size());
        for (const NewSession& session : sessions)
          results.push_back(tables.submit(session));
        return results;
      },
      std::move(done));
}

void Store::write(SessionWrite write, std::function<void(Committed, std::optional<EventRecord>)> done) {
  impl_->enqueue_own([write = std::move(write), done = std::move(done)](Tables& tables) -> store::Completion {
    return [event = tables.write(write), done] { done(Committed::on_disk(), event); };
  });
}

void Store::ask_for_room(std::function<void(Result<void>)> done) {
  impl_->enqueue<void>(
      Job::Kind::write,
      [impl = impl_.get()](Tables&) {
        impl->reserve_room();
        return Result<void>();
      },
      std::move(done));
}

bool Store::full() const {
  return impl_->full();
}

void Store::take_hint(HintWrite write, std::function<void(Result<HintTaken>)> done) {
  impl_->enqueue<HintTaken>(
      Job::Kind::write, [write = std::move(write)](Tables& tables) { return tables.take_hint(write); },
      std::move(done));
}

void Store::load(SessionId id, std::function<void(Result<std::optional<SessionRecord>>)> done) {
  session(id, std::move(done));
}

void Store::erase(SessionId id, std::function<void(Result<std::optional<State>>)> done) {
  impl_->enqueue<std::optional<State>>(
      Job::Kind::erase, [id](Tables& tables) { return tables.erase(id); }, std::move(done));
}

void Store::session(SessionId id, std::function<void(Result<std::optional<SessionRecord>>)> done) {
  impl_->enqueue<std::optional<SessionRecord>>(
      Job::Kind::read, [id](Tables& tables) { return tables.session(id); }, std::move(done));
}

void Store::sessions(SessionQuery query, std::function<void(Result<SessionPage>)> done) {
  impl_->enqueue<SessionPage>(
      Job::Kind::read, [query](Tables& tables) { return tables.sessions(query); }, std::move(done));
}

void Store::payload(SessionId id, Call kind, std::function<void(Result<std::optional<Payload>>)> done) {
  impl_->enqueue<std::optional<Payload>>(
      Job::Kind::read, [id, kind](Tables& tables) { return tables.payload(id, kind); }, std::move(done));
}

void Store::events(std::uint64_t after, std::uint32_t limit, std::function<void(Result<EventPage>)> done) {
  impl_->enqueue<EventPage>(
      Job::Kind::read, [after, limit](Tables& tables) { return tables.events(after, limit); },
      std::move(done));
}

void Store::backup(std::string path, std::function<void(Result<void>)> done) {
  impl_->enqueue_backup(std::move(path), done);
}

void Store::facts(std::function<void(Result<StoreFacts>)> done) {
  impl_->enqueue<StoreFacts>(
      Job::Kind::read, [impl = impl_.get()](Tables& tables) { return impl->measure(tables); },
      std::move(done));
}

void Store::sweep(Reckoned before, Wall events_before, std::uint32_t limit,
                  std::function<void(Result<Swept>)> done) {
  impl_->enqueue<Swept>(
      Job::Kind::sweep, [=](Tables& tables) { return tables.sweep(before, events_before, limit); },
      std::move(done));
}

void Store::hints(HintQuery query, std::function<void(Result<HintPage>)> done) {
  impl_->enqueue<HintPage>(
      Job::Kind::read, [query](Tables& tables) { return tables.inbox().hints(query); }, std::move(done));
}

void Store::sweep_hints(Reckoned now, std::function<void(Result<bool>)> done) {
  impl_->enqueue<bool>(
      Job::Kind::sweep,
      [now](Tables& tables) {
        return tables.inbox().drop_unknown(now - store::kUnknownAge, store::kUnknownAtOnce);
      },
      std::move(done));
}

std::optional<Reckoning> Store::reckoning() {
  return impl_->read_at_start([](Tables& tables) { return tables.reckoning(); });
}

void Store::keep(const Reckoning& reckoning, std::function<void(Result<void>)> done) {
  impl_->enqueue<void>(
      Job::Kind::write,
      [reckoning](Tables& tables) {
        tables.keep(reckoning);
        return Result<void>();
      },
      std::move(done));
}

void Store::keep(Registration registration, std::function<void(Result<void>)> done) {
  impl_->enqueue<void>(
      Job::Kind::write,
      [registration = std::move(registration)](Tables& tables) {
        tables.inbox().keep(registration);
        return Result<void>();
      },
      std::move(done));
}

void Store::close() {
  impl_->close();
}

}  // namespace bankconnect
