// Memory for stored payloads while they are read. A payload is held whole until its reader has taken it:
// readers that are many and slow must not hold all there is. Event-loop thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace bankconnect::control {

class PayloadRoom {
 public:
  /// A reader's part of the room, given back at the end of its life; it may outlive the room.
  class Part {
   public:
    Part(std::shared_ptr<std::uint64_t> taken, std::uint64_t bytes)
        : taken_(std::move(taken)), bytes_(bytes) {
      *taken_ += bytes_;
    }
    ~Part() {
      if (taken_) *taken_ -= bytes_;
    }
    Part(Part&&) = default;
    Part& operator=(Part&&) = delete;

   private:
    std::shared_ptr<std::uint64_t> taken_;
    std::uint64_t bytes_;
  };

  explicit PayloadRoom(std::uint64_t bytes) : bytes_(bytes) {}

  /// Nothing when others have taken too much. One who is alone gets what he asks for, however much it is.
  std::optional<Part> take(std::uint64_t bytes) {
    const bool alone = *taken_ == 0;
    if (!alone && (*taken_ > bytes_ || bytes > bytes_ - *taken_)) return std::nullopt;
    return Part(taken_, bytes);
  }

 private:
  std::uint64_t bytes_;
  std::shared_ptr<std::uint64_t> taken_ = std::make_shared<std::uint64_t>(0);
};

}  // namespace bankconnect::control
