#include "tests/transcripts/replay/narrated_upstream.hpp"

#include "tests/transcripts/replay/mistake.hpp"

namespace bankconnect::transcripts {

namespace {

std::string described(const Question& question) {
  return session(question.id) + " " + std::string(to_string(question.call));
}

}  // namespace

void NarratedUpstream::ask(const Question& question, std::function<void(Answer)> done) {
  const bool limited = question.not_after != kNoLimit;
  narrator_.tell("call: " + described(question) +
                 (limited ? ", not after " + narrator_.at(question.not_after) : ""));
  calls_.ask(question, std::move(done));
}

void NarratedUpstream::answer(const SessionId& id, Call call, Answer answer) {
  const auto open =
      std::ranges::find_if(calls_.open, [&id](const auto& asked) { return asked.question.id == id; });
  if (open == calls_.open.end()) throw Mistake("no call of " + session(id) + " is open");
  if (open->question.call != call) throw Mistake("the open call is " + described(open->question));
  const auto done = std::move(open->done);
  calls_.open.erase(open);
  answer.event.call = call;
  done(std::move(answer));
}

bool NarratedUpstream::asking(const SessionId& id) const {
  return std::ranges::any_of(calls_.open, [&id](const auto& asked) { return asked.question.id == id; });
}

void NarratedUpstream::crash() {
  for (const auto& asked : calls_.open)
    narrator_.tell("cut off: " + described(asked.question));
  calls_.open.clear();
}

}  // namespace bankconnect::transcripts
