// Elapsed time is independent of changes of the wall clock and continues across restarts and reboots.
#include <boost/test/unit_test.hpp>

#include "bankconnect/clock.hpp"
#include "tests/support/fake_world.hpp"

namespace bankconnect::test {

namespace {

constexpr ClockSnapshot kKept{Elapsed(1000h), Wall(5000h), 100h};

Duration since_kept(Wall wall, Duration boot) {
  return advance_from(kKept, wall, boot) - kKept.elapsed;
}

/// A session in PROCESSING, and one that BankConnect does not know.
class TwoSessions : public FakeWorld {
 public:
  TwoSessions() {
    submit({id_of(1)});
    answer(upload(UploadStatus::completed));
    answer(plain(Trigger::accepted));
    submit({id_of(2)});
    answer(fault(Trigger::session_not_found, "SESSION_NOT_FOUND"));
  }
  /// Restarts the daemon and answers one call for each session as before.
  void restart_and_ask() {
    crash_and_restart();
    for (int asked = 0; asked < 2; ++asked) {
      while (upstream.open.empty())
        pass(1s);
      const bool first = upstream.open.front().question.id == id_of(1);
      answer(first ? plain(Trigger::still_processing)
                   : fault(Trigger::session_not_found, "SESSION_NOT_FOUND"));
    }
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(reckoned_time)

BOOST_AUTO_TEST_CASE(without_a_reboot_elapsed_time_advances_by_the_boot_clock) {
  BOOST_TEST((since_kept(kKept.wall + 3h, kKept.boot + 3h) == 3h));
  BOOST_TEST((since_kept(kKept.wall + 24h * 3650, kKept.boot + 3h) == 3h));
}

BOOST_AUTO_TEST_CASE(a_wall_clock_set_back_while_the_daemon_was_down_counts_as_no_elapsed_time) {
  BOOST_TEST((since_kept(Wall(0h), kKept.boot + 3h) == 0h));
}

BOOST_AUTO_TEST_CASE(on_a_machine_with_a_longer_uptime_elapsed_time_advances_by_the_wall_clock) {
  BOOST_TEST((since_kept(kKept.wall + 1h, kKept.boot + 24h * 190) == 1h));
}

BOOST_AUTO_TEST_CASE(after_a_reboot_elapsed_time_advances_by_the_wall_clock) {
  BOOST_TEST((since_kept(kKept.wall + 7h, 1min) == 7h));
}

BOOST_AUTO_TEST_CASE(after_a_reboot_with_the_wall_clock_set_back_no_time_has_elapsed) {
  BOOST_TEST((since_kept(Wall(0h), 1min) == 0h));
}

BOOST_AUTO_TEST_CASE(the_system_clock_resumes_from_its_snapshot) {
  SystemClock clock;
  ClockSnapshot kept = clock.snapshot();
  kept.elapsed += 5h;
  clock.resume_from(kept);
  const Duration ahead = clock.now().elapsed - kept.elapsed;
  BOOST_TEST((ahead >= 0s && ahead < 1min));
}

BOOST_FIXTURE_TEST_CASE(a_restart_with_the_wall_clock_two_days_ahead_gives_up_no_session, TwoSessions) {
  clock.move_wall(48h);
  restart_and_ask();
  BOOST_TEST((state(id_of(1)) == State::processing));
  BOOST_TEST((state(id_of(2)) == State::no_uploads));
}

BOOST_AUTO_TEST_CASE(a_session_begun_with_the_wall_clock_56_years_slow_does_not_time_out_once_it_is_set) {
  FakeWorld world;
  world.clock.move_wall(-24h * 365 * 56);
  world.submit({id_of(1)});
  world.answer(upload(UploadStatus::completed));
  world.answer(plain(Trigger::accepted));
  world.clock.move_wall(24h * 365 * 56);
  world.crash_and_restart();
  while (world.upstream.open.empty())
    world.pass(1s);
  world.answer(plain(Trigger::still_processing));
  BOOST_TEST((world.state(id_of(1)) == State::processing));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
