// BankConnect as the follower sees it: calls leave, and are answered when the transcript says so.
#pragma once

#include "tests/support/fake_world.hpp"
#include "tests/transcripts/replay/narrator.hpp"

namespace bankconnect::transcripts {

class NarratedUpstream final : public UpstreamPort {
 public:
  NarratedUpstream(Narrator& narrator, const Clock& clock) : narrator_(narrator), calls_(clock) {}

  void ask(const Question& question, std::function<void(Answer)> done) override;
  void fetch_report(const ReportLink& link, std::function<void(ReportAnswer)> done) override {
    calls_.fetch_report(link, std::move(done));
  }
  /// Answers the open call of the session, which has to be this one.
  void answer(const SessionId& id, Call call, Answer answer);
  bool asking(const SessionId& id) const;
  std::size_t asked() const { return calls_.log.size(); }
  /// The daemon is gone: nobody waits for the answers any more.
  void crash();

 private:
  Narrator& narrator_;
  test::FakeUpstream calls_;
};

}  // namespace bankconnect::transcripts
