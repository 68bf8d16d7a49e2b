// Records of sessions whose files wait to be written, so that they need not be read from the store again.
// Bounded: a record that does not fit is not held, and its session is read from the store.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <optional>

#include "bankconnect/records.hpp"

namespace bankconnect::monitor {

struct SessionIdHash {
  std::size_t operator()(const SessionId& id) const { return hash_of(id, 0x5e551047ULL); }
};

class PendingRecords {
 public:
  static constexpr std::size_t kMaxRecords = 256;
  static constexpr std::size_t kMaxBytes = 8 << 20;  ///< of memory, estimated

  /// Replaces the older record of the session, whether the new one fits or not.
  void put(SessionRecord record);
  std::optional<SessionRecord> take(const SessionId& id);
  void drop(const SessionId& id) { static_cast<void>(take(id)); }

 private:
  boost::unordered_flat_map<SessionId, SessionRecord, SessionIdHash> records_;
  std::size_t bytes_ = 0;
};

}  // namespace bankconnect::monitor
