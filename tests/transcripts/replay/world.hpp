// The follower in a world that does nothing by itself, and everything it does written down.
#pragma once

#include <map>
#include <memory>

#include "tests/transcripts/replay/narrated_observer.hpp"
#include "tests/transcripts/replay/narrated_store.hpp"
#include "tests/transcripts/replay/narrated_upstream.hpp"
#include "tests/transcripts/replay/settings.hpp"

namespace bankconnect::transcripts {

class World {
 public:
  World();

  /// Only before anything happens.
  void configure(Words& words);
  void commit_by_hand(bool by_hand);

  // The control socket, and retention.
  void submit(const std::vector<Submission>& batch);
  void command(const SessionId& id, Command command);
  void forget(const SessionId& id);
  void retention(const SessionId& id);
  void list();
  static std::string why(const SessionRecord& record);
  std::string evidence(const SessionRecord& record) const;

  // BankConnect.
  void answer(const SessionId& id, Call call, Answer answer);
  void webhook(const SessionId& id, const std::string& event_name, const std::string& body);

  // The disk.
  void commit();
  void commit_unheard() { store_.commit(); }
  void commit_refused();
  void hear() { store_.hear(); }

  // The machine.
  void crash();
  void put_back_a_copy();
  void resume();
  void reload();
  void stop();
  void pass(Duration time);
  void pass_until_asked();
  void set_clock(Duration by) { clock_.move_wall(by); }
  Moment now() const { return clock_.now(); }
  Wall began() const { return narrator_.began(); }

  /// What happened since the last time, and when whose next question is planned.
  std::vector<std::string> report();

 private:
  Follower& follower();
  void start();
  void settle();
  bool ring_by(Steady end);
  std::string look(const SessionId& id);
  void tell_plan(const SessionId& id, SessionRecord record);

  Settings settings_;
  test::FakeClock clock_;
  Narrator narrator_{clock_};
  NarratedStore store_{narrator_};
  NarratedUpstream upstream_{narrator_, clock_};
  test::FakeAlarm alarm_;
  NarratedObserver observer_;
  std::unique_ptr<Follower> follower_;
  bool by_hand_ = false;
  std::map<SessionId, std::string> planned_;  ///< as told last
};

}  // namespace bankconnect::transcripts
