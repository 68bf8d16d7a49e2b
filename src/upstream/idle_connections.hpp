// Kept-alive connections without a call at the moment.
#pragma once

#include <memory>
#include <vector>

#include "src/upstream/connection.hpp"

namespace bankconnect::upstream {

class IdleConnections {
 public:
  /// The one used last that has not gone stale; null when there is none.
  std::unique_ptr<Connection> take();

  /// Closes the one used longest ago: a new connection is about to take its place.
  void evict_one();

  /// For a later call. Only a connection whose last answer was usable, and read to its end.
  void put(std::unique_ptr<Connection> connection);

  /// Closes all. After one was found dead without notice (a firewall may have forgotten all of them), each of
  /// the others might cost a call its deadline.
  void clear();

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    Deadline since;
  };
  std::vector<Idle> idle_;  ///< most recently used last; never more than calls were in flight at once
};

}  // namespace bankconnect::upstream
