// Sessions whose calls are never answered, beside others: the others keep their cadence.
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "tests/support/fake_world.hpp"

namespace bankconnect::test {
namespace {

constexpr Duration kTick = 10ms;
constexpr Duration kAnswerTime = 20ms;
constexpr Duration kRequestTimeout = 30s;

Policy polled_every_two_seconds() {
  Policy policy;
  policy.upload_interval_min = policy.upload_interval_max = 2s;
  return policy;
}

/// Answers the calls of most sessions soon, and those of some not before they are given up.
class PartlyHanging {
 public:
  PartlyHanging(std::uint32_t healthy, std::uint32_t hanging) : world(polled_every_two_seconds()) {
    std::vector<SessionId> ids;
    for (std::uint32_t i = 0; i < healthy + hanging; ++i)
      ids.push_back(id_of(i));
    for (std::uint32_t i = healthy; i < healthy + hanging; ++i)
      hanging_.insert(id_of(i));
    world.submit(ids);
    world.follower->run();
  }

  void pass(Duration time) {
    for (Duration passed{0}; passed < time; passed += kTick) {
      answer_what_is_due();
      world.pass(kTick);
    }
  }

  FakeWorld world;
  std::map<SessionId, std::vector<Steady>> polls;  ///< of healthy sessions
  std::size_t most_in_flight = 0;

 private:
  bool hangs(const SessionId& id) const { return hanging_.contains(id); }

  void answer_what_is_due() {
    auto& open = world.upstream.open;
    most_in_flight = std::max(most_in_flight, open.size());
    for (std::size_t i = 0; i < open.size();) {
      const Question& question = open[i].question;
      const Duration limit = question.time_limit > 0ms ? question.time_limit : kRequestTimeout;
      const Duration takes = hangs(question.id) ? limit : kAnswerTime;
      if (world.clock.now().steady < open[i].at + takes) {
        ++i;
        continue;
      }
      const FakeUpstream::Asked asked = open[i];
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
      asked.done(answer_to(asked));
      world.settle();
    }
  }

  Answer answer_to(const FakeUpstream::Asked& asked) {
    if (!hangs(asked.question.id)) {
      polls[asked.question.id].push_back(asked.at);
      return upload(UploadStatus::in_progress);
    }
    Answer answer = fault(Trigger::passing_fault, "TIMEOUT");
    answer.http_status = 0;
    return answer;
  }

  std::set<SessionId> hanging_;
};

/// Polls of healthy sessions since `from`.
std::size_t polls_since(const PartlyHanging& run, Steady from) {
  std::size_t count = 0;
  for (const auto& [id, times] : run.polls)
    count += static_cast<std::size_t>(std::ranges::count_if(times, [from](Steady at) { return at >= from; }));
  return count;
}

constexpr std::uint32_t kHealthy = 100;

/// Polls of the healthy sessions in a minute, once each session was asked.
std::size_t polls_beside(std::uint32_t hanging) {
  PartlyHanging run(kHealthy, hanging);
  run.pass(30s + hanging * 100ms);
  const Steady from = run.world.clock.now().steady;
  run.pass(60s);
  BOOST_TEST(run.most_in_flight <= FollowOptions().max_in_flight);
  return polls_since(run, from);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hanging)

BOOST_AUTO_TEST_CASE(sessions_that_are_answered_keep_their_cadence_within_5_percent_however_many_hang) {
  const std::size_t alone = polls_beside(0);
  BOOST_TEST_REQUIRE(alone > 0U);
  for (const std::uint32_t hanging : {1U, 24U, 40U, 200U, 1000U}) {
    const std::size_t beside = polls_beside(hanging);
    BOOST_TEST(beside * 100 >= alone * 95, hanging << " hang: " << beside << " polls instead of " << alone);
  }
}

BOOST_AUTO_TEST_CASE(the_first_calls_that_hang_hold_the_others_up_for_seconds_at_most) {
  PartlyHanging run(kHealthy, 40);
  run.pass(20s);
  for (const auto& [id, times] : run.polls) {
    for (std::size_t i = 1; i < times.size(); ++i)
      BOOST_TEST((times[i] - times[i - 1] < 10s));
  }
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

FollowOptions four_places() {
  FollowOptions options = without_rate_limit();
  options.max_in_flight = 4;
  return options;
}

/// Sessions that BankConnect has finished, and no memory for their data.
struct WithoutMemory : FakeWorld {
  WithoutMemory() : FakeWorld({}, four_places()) { upstream.memory = false; }

  void to_finished(const SessionId& id) {
    submit({id});
    answer(upload(UploadStatus::completed));
    answer(plain(Trigger::accepted));
    pass(2s);
    answer(plain(Trigger::progress_finished));
  }
  std::size_t asked(Call call) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        upstream.log, [call](const auto& asked) { return asked.question.call == call; }));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(without_memory, WithoutMemory)

BOOST_AUTO_TEST_CASE(a_fetch_leaves_once_there_is_memory) {
  to_finished(id_of(1));
  pass(10s);
  BOOST_TEST(asked(Call::session_status) == 0U);
  upstream.memory = true;
  pass(100ms);
  BOOST_TEST(asked(Call::session_status) == 1U);
}

BOOST_AUTO_TEST_CASE(fetches_that_wait_hold_no_place_from_initiate) {
  for (std::uint32_t i = 1; i <= 6; ++i)
    to_finished(id_of(i));
  submit({id_of(9)});
  answer(upload(UploadStatus::completed));
  BOOST_TEST((upstream.open.back().question.call == Call::initiate));
  BOOST_TEST((upstream.open.back().question.id == id_of(9)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
