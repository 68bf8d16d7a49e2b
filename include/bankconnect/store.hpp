// The store: SQLite on a thread of its own. Writes are collected, committed together with one fsync, and only
// then answered. A failed commit answers nobody: the store says so once and stops, for the daemon to be
// restarted. A full disk is different, and so is another process that holds the database: new work is
// refused, the daemon's own writes wait, and go on when that has passed.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bankconnect/archive.hpp"
#include "bankconnect/clock.hpp"
#include "bankconnect/ports.hpp"

namespace bankconnect {

/// Why a database could not be opened; the contract's exit codes.
enum class OpenFailure : std::uint8_t { locked_by_another_instance, disk_full, damaged_or_unusable };

struct StoreOpenError {
  OpenFailure failure = OpenFailure::damaged_or_unusable;
  std::string message;
};

[[noreturn]] inline void throw_exception_from_error(const StoreOpenError& error,
                                                    const boost::source_location&) {
  throw std::logic_error(error.message);
}

/// The database could be opened and not read: damaged, or its disk fails.
class StoreUnreadable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct StoreOptions {
  std::string path;
  /// Runs a function on the event-loop thread, later. Called from the store's thread.
  std::function<void(std::function<void()>)> post;
  /// Called once, through `post`, when the store can no longer be trusted to write.
  std::function<void(Error)> on_failure;
};

/// What retention removed in one go.
struct Swept {
  std::vector<std::pair<SessionId, State>> erased;
  std::uint64_t events_dropped = 0;
  bool more = false;  ///< call again: there was more than fits in one go
};

class Store final : public StorePort, public Archive {
 public:
  /// Opens or creates the database, takes the instance lock and migrates. The thread begins with what is
  /// asked first.
  static boost::system::result<std::unique_ptr<Store>, StoreOpenError> open(StoreOptions options);
  ~Store() override;

  // These three throw StoreUnreadable. Before anything else is asked of the store:
  /// Every live session, in order of submission.
  void recover(const std::function<void(const SessionRecord&)>& each);
  /// Sessions per state, as stored.
  std::array<std::uint64_t, kAllStates.size()> count_states();
  /// How far reckoned time had come, or nothing in a new database.
  std::optional<Reckoning> reckoning();

  void submit(std::vector<NewSession> sessions,
              std::function<void(Result<std::vector<Submitted>>)> done) override;
  void write(SessionWrite write, std::function<void(Committed, std::optional<EventRecord>)> done) override;
  void ask_for_room(std::function<void(Result<void>)> done) override;
  bool full() const override;
  void take_hint(HintWrite write, std::function<void(Result<HintTaken>)> done) override;
  void load(SessionId id, std::function<void(Result<std::optional<SessionRecord>>)> done) override;
  void erase(SessionId id, std::function<void(Result<std::optional<State>>)> done) override;

  void session(SessionId id, std::function<void(Result<std::optional<SessionRecord>>)> done) override;
  void sessions(SessionQuery query, std::function<void(Result<SessionPage>)> done) override;
  void payload(SessionId id, Call kind, std::function<void(Result<std::optional<Payload>>)> done) override;
  void events(std::uint64_t after, std::uint32_t limit, std::function<void(Result<EventPage>)> done) override;
  void hints(HintQuery query, std::function<void(Result<HintPage>)> done) override;
  void backup(std::string path, std::function<void(Result<void>)> done) override;
  void facts(std::function<void(Result<StoreFacts>)> done) override;

  void keep(const Reckoning& reckoning, std::function<void(Result<void>)> done);

  /// Erases at most `limit` sessions that became final before `before`, and the oldest events before
  /// `events_before`.
  void sweep(Reckoned before, Wall events_before, std::uint32_t limit,
             std::function<void(Result<Swept>)> done);

  /// Drops some of the webhooks kept for sessions that nobody submitted within a week. `done` with true:
  /// there may be more.
  void sweep_hints(Reckoned now, std::function<void(Result<bool>)> done);

  /// Keeps how the last registration went, instead of the one before.
  void keep(Registration registration, std::function<void(Result<void>)> done);

  /// Commits what is queued, closes the database, ends the thread. Blocks until done.
  void close();

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bankconnect
