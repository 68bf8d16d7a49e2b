// The queue a session waits in, which also says which places its call may take.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace bankconnect::follow {

enum class Turn : std::uint8_t {
  urgent,  ///< initiate and fetches: they go before polls
  fetch,   ///< a fetch that found no memory, or no place beside those kept for initiate
  poll,
  failing,  ///< its last call failed: served like polls, but last when probing
  slow      ///< its last call was not answered in time; last when probing, too
};
inline constexpr std::array kAllTurns = {Turn::urgent, Turn::fetch, Turn::poll, Turn::failing, Turn::slow};

/// Something for each turn.
template <class T>
class ByTurn {
 public:
  T& operator[](Turn turn) { return values_[static_cast<std::size_t>(turn)]; }
  const T& operator[](Turn turn) const { return values_[static_cast<std::size_t>(turn)]; }

 private:
  std::array<T, kAllTurns.size()> values_{};
};

/// Those of which a call may leave.
using OpenTurns = ByTurn<bool>;

}  // namespace bankconnect::follow
