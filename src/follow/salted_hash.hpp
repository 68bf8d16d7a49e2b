// The hash of session ids in tables whose keys come from outside.
#pragma once

#include <cstddef>
#include <cstdint>

#include "statemachine/session_id.hpp"

namespace bankconnect::follow {

/// Salted with a random number, so that clients, who choose the ids, cannot make them collide.
struct SaltedHash {
  std::uint64_t salt = 0;
  std::size_t operator()(const SessionId& id) const { return hash_of(id, salt); }
};

}  // namespace bankconnect::follow
