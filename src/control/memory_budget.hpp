// Bounds the memory that stored payloads take while they are sent: each is held decompressed until its client
// has read it, and clients may be many and slow. Event-loop thread only.
#pragma once

#include <cstdint>
#include <memory>

namespace bankconnect::control {

class MemoryBudget {
 public:
  /// A part of the budget, given back at the end of its life; it may outlive the budget.
  class Reservation {
   public:
    Reservation(std::shared_ptr<std::uint64_t> reserved, std::uint64_t bytes)
        : reserved_(std::move(reserved)), bytes_(bytes) {
      *reserved_ += bytes_;
    }
    ~Reservation() { *reserved_ -= bytes_; }
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;

   private:
    std::shared_ptr<std::uint64_t> reserved_;
    std::uint64_t bytes_;
  };

  explicit MemoryBudget(std::uint64_t bytes) : bytes_(bytes) {}

  /// Null when too much is reserved. While nothing is, any size is granted: a payload larger than the budget
  /// can still be read, alone.
  std::shared_ptr<Reservation> reserve(std::uint64_t bytes) {
    const bool unused = *reserved_ == 0;
    if (!unused && (*reserved_ > bytes_ || bytes > bytes_ - *reserved_)) return nullptr;
    return std::make_shared<Reservation>(reserved_, bytes);
  }

 private:
  std::uint64_t bytes_;
  std::shared_ptr<std::uint64_t> reserved_ = std::make_shared<std::uint64_t>(0);
};

}  // namespace bankconnect::control
