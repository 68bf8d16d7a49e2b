#include "tests/transcripts/replay/commands.hpp"

#include <array>

#include "tests/transcripts/replay/answers.hpp"
#include "tests/transcripts/replay/mistake.hpp"
#include "tests/transcripts/replay/times.hpp"

namespace bankconnect::transcripts {

namespace {

SessionId session_in(Words& words) {
  return id_of(words.number("the number of a session"));
}

// ---- Clients and operators ----

void submit(World& world, Words& words) {
  const std::string reference = words.option("reference").value_or("");
  const bool hold = words.flag("hold");
  std::vector<Submission> batch = {{session_in(words), reference, hold}};
  while (!words.empty())
    batch.push_back({session_in(words), reference, hold});
  world.submit(batch);
}

template <Command kCommand>
void command(World& world, Words& words) {
  const SessionId id = session_in(words);
  words.end();
  world.command(id, kCommand);
}

void forget(World& world, Words& words) {
  const SessionId id = session_in(words);
  words.end();
  world.forget(id);
}

void retention(World& world, Words& words) {
  const SessionId id = session_in(words);
  words.end();
  world.retention(id);
}

void list(World& world, Words& words) {
  words.end();
  world.list();
}

// ---- BankConnect ----

void answer(World& world, Words& words) {
  const SessionId id = session_in(words);
  const Call call = call_named(words.next("a call"));
  Answer answer = answer_to(call, words, world.now(), world.began());
  words.end();
  world.answer(id, call, std::move(answer));
}

void no_answer(World& world, Words& words) {
  const SessionId id = session_in(words);
  const Call call = call_named(words.next("a call"));
  Answer answer = fault(words, world.now());
  words.end();
  world.answer(id, call, std::move(answer));
}

void not_sent(World& world, Words& words) {
  const SessionId id = session_in(words);
  words.end();
  Answer answer;
  answer.event.trigger = Trigger::not_sent;
  world.answer(id, Call::initiate, std::move(answer));
}

std::string event_name(const std::string& kind) {
  if (kind == "completion") return "SESSION_REQUIREMENT_COMPLETION_NOTIFICATION";
  if (kind == "expiry") return "SESSION_EXPIRY_NOTIFICATION";
  if (kind == "enrichment") return "ENRICHMENT_NOTIFICATION";
  if (kind == "unheard-of") return "UNHEARD_OF_NOTIFICATION";
  throw Mistake("'" + kind + "' should be completion, expiry, enrichment or unheard-of");
}

void webhook(World& world, Words& words) {
  const SessionId id = session_in(words);
  const std::string name = event_name(words.next("what the webhook is about"));
  const std::string body = words.option("body").value_or("a");
  words.end();
  world.webhook(id, name, body);
}

// ---- The daemon and its machine ----

void configure(World& world, Words& words) {
  world.configure(words);
  words.end();
}

void commits(World& world, Words& words) {
  const bool by_hand = words.flag("by") && words.flag("hand");
  if (!by_hand && !(words.flag("at") && words.flag("once"))) throw Mistake("commits at once, or by hand");
  words.end();
  world.commit_by_hand(by_hand);
}

void commit(World& world, Words& words) {
  const bool refused = words.flag("refused");
  const bool unheard = !refused && words.flag("unheard");
  words.end();
  if (refused) return world.commit_refused();
  if (unheard) return world.commit_unheard();
  world.commit();
}

void hear(World& world, Words& words) {
  words.end();
  world.hear();
}

void crash(World& world, Words& words) {
  words.end();
  world.crash();
}

void put_back_a_copy(World& world, Words& words) {
  words.end();
  world.put_back_a_copy();
}

void resume(World& world, Words& words) {
  words.end();
  world.resume();
}

void reload(World& world, Words& words) {
  words.end();
  world.reload();
}

void stop(World& world, Words& words) {
  words.end();
  world.stop();
}

void pass(World& world, Words& words) {
  const Duration time = parse_span(words.next("a span of time"));
  words.end();
  world.pass(time);
}

void until(World& world, Words& words) {
  if (words.next("asked") != "asked") throw Mistake("until asked");
  words.end();
  world.pass_until_asked();
}

void clock(World& world, Words& words) {
  const std::string by = words.next("+SPAN or -SPAN");
  words.end();
  if (!by.starts_with('+') && !by.starts_with('-')) throw Mistake("clock +SPAN or -SPAN");
  const Duration jump = parse_span(std::string_view(by).substr(1));
  world.set_clock(by.starts_with('-') ? -jump : jump);
}

struct Entry {
  std::string_view name;
  void (*carry_out)(World&, Words&);
};

constexpr std::array kCommands = {
    Entry{"answer", answer},
    Entry{"clock", clock},
    Entry{"commit", commit},
    Entry{"commits", commits},
    Entry{"configure", configure},
    Entry{"crash", crash},
    Entry{"forget", forget},
    Entry{"hear", hear},
    Entry{"hold", command<Command::hold>},
    Entry{"list", list},
    Entry{"no-answer", no_answer},
    Entry{"not-sent", not_sent},
    Entry{"pass", pass},
    Entry{"poll", command<Command::poll>},
    Entry{"refresh", command<Command::refresh>},
    Entry{"process", command<Command::process>},
    Entry{"release", command<Command::release>},
    Entry{"put-back", put_back_a_copy},
    Entry{"reload", reload},
    Entry{"resume", resume},
    Entry{"retention", retention},
    Entry{"retry", command<Command::retry>},
    Entry{"stop", stop},
    Entry{"submit", submit},
    Entry{"until", until},
    Entry{"webhook", webhook},
};

}  // namespace

void carry_out(World& world, const std::string& line) {
  Words words(line);
  const std::string name = words.next("a command");
  for (const Entry& entry : kCommands)
    if (entry.name == name) return entry.carry_out(world, words);
  throw Mistake("no such command: '" + name + "'");
}

}  // namespace bankconnect::transcripts
