// The webhooks of all sessions that are not out yet, in the order of their time. No sockets, no clock.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "src/sandbox/sending.hpp"

namespace bankconnect::sandbox {

class Outbox {
 public:
  // To be called when a session comes into being and whenever something happened to it: what has not come
  // to pass yet is planned anew, what has goes out as it was planned.
  void plan(const Session& session, const CommonWebhookFaults& common, Instant now);

  void add(Sending sending);  // one by hand

  std::optional<Instant> next_due() const;
  std::optional<Sending> take_due(Instant now);

  // A webhook of this session was sent or lost: what was held back for it comes after it now.
  void follow_up(const std::string& session_id, Instant now);

  std::size_t size() const { return queue_.size(); }

 private:
  using Place = std::pair<Instant, std::uint64_t>;  // when it is due, and who came first

  struct Desk {
    std::vector<Place> waiting;
    std::vector<Occasion> known;  // planned so far, sent or not
    std::vector<Sending> held;
  };

  void forget_what_has_not_come(Desk& desk, Instant now);
  void queue(Desk& desk, Sending sending);

  std::map<Place, Sending> queue_;
  std::unordered_map<std::string, Desk> desks_;
  std::uint64_t arrivals_ = 0;
};

}  // namespace bankconnect::sandbox
