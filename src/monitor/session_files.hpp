// A file per session with its newest state. A session that changes faster than files can be written is
// written once, as it is by then.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <deque>
#include <functional>
#include <map>
#include <string>

#include "bankconnect/follow.hpp"
#include "bankconnect/store.hpp"
#include "src/monitor/pending_records.hpp"

namespace bankconnect::monitor {

class SessionFiles {
 public:
  struct Dependencies {
    boost::asio::io_context& loop;
    boost::asio::thread_pool& worker;
    StoreReader& store;
    const Follower& follower;
    std::function<void(const Result<void>&)> written;  ///< called with the outcome of each write
  };

  SessionFiles(Dependencies dependencies, std::string directory);

  /// Brings the directory in line with the store: files left from before are written anew or, where their
  /// session is gone, removed.
  void reconcile();
  /// The session as it is on disk now: its file is written without reading the store.
  void stored(const SessionRecord& record);
  /// Something shown of the session changed in memory only.
  void changed(const SessionId& id);
  void erased(const SessionId& id);
  void remove(const SessionId& id, Done<void> done);
  /// Writes `limit` of the files again that could not be written; a full disk is probed with a few only.
  void retry(std::size_t limit);
  bool idle() const { return waiting_.empty() && under_way_.empty(); }
  /// How many writes have been requested, and whether so many of them are done and none has failed.
  std::uint64_t requested() const { return requested_; }
  bool written(std::uint64_t requested) const;
  bool has_failures() const { return !unwritten_.empty(); }
  static constexpr std::size_t kMaxUnderWay = 32;
  /// Starts no further write.
  void stop() { stopped_ = true; }

 private:
  /// A write, by its number among those requested.
  struct Waiting {
    std::uint64_t number;
    SessionId id;
  };
  /// A session is written by one write at a time: an older state never replaces a newer one.
  struct UnderWay {
    std::uint64_t number;
    std::uint64_t next = 0;  ///< the write that waits for this one to end; 0: none
  };

  void schedule();
  void start_waiting();
  void start(const SessionId& id);
  void write(const SessionId& id, std::optional<SessionRecord> record);
  void finished(const SessionId& id, bool written);
  std::string path_of(const SessionId& id) const { return directory_ + "/" + id.text() + ".json"; }

  Dependencies dependencies_;
  std::string directory_;
  std::deque<Waiting> waiting_;  ///< in the order of their numbers
  boost::unordered_flat_set<SessionId, SessionIdHash> is_waiting_;
  std::map<SessionId, UnderWay> under_way_;
  PendingRecords pending_;
  boost::unordered_flat_set<SessionId, SessionIdHash> unwritten_;
  std::uint64_t requested_ = 0;
  bool scheduled_ = false;
  bool stopped_ = false;
};

}  // namespace bankconnect::monitor
