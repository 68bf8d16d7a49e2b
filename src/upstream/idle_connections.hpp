// Kept-alive connections that nobody uses at the moment.
#pragma once

#include <memory>
#include <vector>

#include "src/upstream/connection.hpp"

namespace bankconnect::upstream {

class IdleConnections {
 public:
  /// The one used last, if it still seems to live; null when there is none.
  std::unique_ptr<Connection> take();

  /// Closes the one used longest ago: with a new one in its place there are no more than calls in flight.
  void make_room();

  /// For the next call. Only a connection whose last answer was believed, and read to its end.
  void put(std::unique_ptr<Connection> connection);

  /// One of them had died without a word, as when a firewall forgets all there are: nothing speaks for the
  /// others any longer, and each would cost somebody a deadline.
  void distrust();

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    Deadline since;
  };
  std::vector<Idle> idle_;  ///< most recently used last; never more than calls were in flight at once
};

}  // namespace bankconnect::upstream
