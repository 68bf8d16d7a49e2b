// A file per session, each the newest state of it. Sessions that change faster than files can be written are
// written once, as they are by then.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <deque>
#include <functional>
#include <string>

#include "bankconnect/archive.hpp"

namespace bankconnect::monitor {

class SessionFiles {
 public:
  struct World {
    boost::asio::io_context& loop;
    boost::asio::thread_pool& worker;
    Archive& archive;
    std::function<void(SessionRecord&)> fill_in;
    std::function<void(const Result<void>&)> written;  ///< told how each write went
  };

  SessionFiles(World world, std::string directory);

  /// Brings the folder in line with the database: files left from before are written anew or, where their
  /// session is no more, removed.
  void reconcile();
  void changed(const SessionId& id);
  void remove(const SessionId& id, std::function<void(Result<void>)> done);
  /// Tries again what could not be written; `at_once` of it, so that a full disk is not beaten on.
  void try_again(std::size_t at_once);
  bool idle() const { return waiting_.empty() && under_way_ == 0; }
  /// How many writes have been asked for, and whether so many of them are done and none has failed.
  std::uint64_t asked() const { return asked_; }
  bool written(std::uint64_t asked) const { return done_ >= asked && unwritten_.empty(); }
  bool some_unwritten() const { return !unwritten_.empty(); }
  static constexpr std::size_t kAtOnce = 32;
  /// Begins nothing more.
  void stop() { stopped_ = true; }

 private:
  struct Hash {
    std::size_t operator()(const SessionId& id) const { return hash_of(id, 0x5e551047ULL); }
  };
  void go_on();
  void write(const SessionId& id);
  void finished(const SessionId& id, bool written);
  std::string path_of(const SessionId& id) const { return directory_ + "/" + id.text() + ".json"; }

  World world_;
  std::string directory_;
  std::deque<SessionId> waiting_;
  boost::unordered_flat_set<SessionId, Hash> is_waiting_;
  boost::unordered_flat_set<SessionId, Hash> unwritten_;
  std::uint64_t asked_ = 0;
  std::uint64_t done_ = 0;  ///< in the order asked, but for those that failed
  std::size_t under_way_ = 0;
  bool stopped_ = false;
};

}  // namespace bankconnect::monitor
