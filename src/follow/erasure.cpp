// How sessions leave memory before their end.
#include "src/follow/session_follower.hpp"

namespace bankconnect::follow {

void SessionFollower::erase(const SessionId& id, Done<void> done) {
  const Slot slot = sessions_.slot_for(id);
  const RequestNumber request = ++last_request_;
  sessions_.begin_erasure(slot, request);
  reschedule(slot);
  ++committing_;
  dependencies_.store.erase(
      id, [this, id, request, slot, done = std::move(done)](const Result<std::optional<State>>& erased) {
        --committing_;
        sessions_.end_erasure(slot, request);
        if (erased.has_error()) {
          reschedule(slot);  // PLANT: followed-after-failed-erasure
          arm();
          return done(erased.error());
        }
        if (sessions_[slot].held_before(request)) sessions_.remove(slot);
        set_aside_.erase(id);
        if (!sessions_[slot].holds_session()) report_fetches_.end(id);
        if (!sessions_[slot].holds_session()) webhook_watch_.forget(id);
        reschedule(slot);
        if (!*erased) return done(not_followed(id));
        dependencies_.observer.erased(id, **erased);
        done({});
      });
}

void SessionFollower::drop_expired(const SessionId& id) {
  webhook_watch_.forget(id);
  const auto slot = sessions_.find(id);
  if (slot && sessions_[*slot].holds_session()) remove(*slot);
}

}  // namespace bankconnect::follow
