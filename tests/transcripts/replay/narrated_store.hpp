// A store that says what is handed to it, what reaches the disk and what is lost, and that does nothing by
// itself. As with the real one, all that waits is committed in one go, and only then is anybody told.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "tests/support/fake_world.hpp"
#include "tests/transcripts/replay/narrator.hpp"

namespace bankconnect::transcripts {

class NarratedStore final : public StoreWriter {
 public:
  explicit NarratedStore(Narrator& narrator) : narrator_(narrator) {}

  void submit(std::vector<NewSession> sessions, Done<std::vector<Submitted>> done) override;
  void write(SessionWrite write, std::function<void(Committed, Written)> done) override;
  void load(SessionId id, Done<std::optional<SessionRecord>> done) override;
  void check_writable(Done<void> done) override;
  bool writable() const override { return !full_; }
  void resume(Done<void> done) override;
  void store_webhook(WebhookWrite write, Done<StoredWebhook> done) override;
  void erase(SessionId id, Done<std::optional<State>> done) override;
  /// Retention: erases the session if it is final.
  void sweep(SessionId id, std::function<void()> erased);

  void put_back_a_copy();
  bool paused() const { return disk_.paused; }

  bool waiting() const { return !queue_.empty() || !news_.empty(); }
  /// Something of this session is not on disk yet, or nobody was told so.
  bool waiting(const SessionId& id) const;
  const std::map<SessionId, SessionRecord>& records() const { return disk_.records; }

  /// Says what is queued, too; otherwise only what reaches the disk.
  void narrate_queue(bool wanted) { narrates_queue_ = wanted; }
  /// Writes all that waits to the disk. Whoever waits for it is told by `hear`.
  void commit();
  /// The disk is full: clients and webhooks are refused, the daemon's own writes go on waiting.
  void refuse();
  void hear();
  /// What is not on disk is gone, and nobody is told anything any more.
  void crash();

 private:
  enum class Kind { asked_for, own, read };
  struct Job {
    Kind kind = Kind::own;
    std::vector<SessionId> about;
    std::string what;
    std::optional<Durable> durable;     ///< what it makes of its session
    std::function<std::string()> work;  ///< says what became of it
  };

  void enqueue(Job job);
  void run_on_disk(const std::vector<Job>& jobs);
  /// What `done` will be told once all of the commit is on disk.
  template <class... Args>
  auto later(std::function<void(Args...)> done);
  Durable latest(const SessionId& id) const;
  std::string described(const SessionWrite& write) const;

  bool full_ = false;
  Narrator& narrator_;
  test::FakeStore disk_;
  std::vector<Job> queue_;
  std::vector<std::function<void()>> news_;  ///< on disk, but nobody was told yet
  bool narrates_queue_ = false;
};

}  // namespace bankconnect::transcripts
