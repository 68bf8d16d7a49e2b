// Reckoned time goes on whatever is done to the wall clock, and whatever becomes of the daemon and the
// machine.
#include <boost/test/unit_test.hpp>

#include "bankconnect/clock.hpp"
#include "tests/support/fake_world.hpp"

namespace bankconnect::test {

namespace {

constexpr Reckoning kKept{Reckoned(1000h), Wall(5000h), 100h};

Duration since_kept(Wall wall, Duration boot) {
  return reckon_on(kKept, wall, boot) - kKept.reckoned;
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
  /// Both are asked after a restart, and nothing has changed at BankConnect.
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

BOOST_AUTO_TEST_CASE(while_the_machine_is_up_its_own_clock_says_how_long_the_daemon_was_away) {
  BOOST_TEST((since_kept(kKept.wall + 3h, kKept.boot + 3h) == 3h));
  BOOST_TEST((since_kept(kKept.wall + 24h * 3650, kKept.boot + 3h) == 3h));
}

BOOST_AUTO_TEST_CASE(a_wall_clock_that_went_back_meanwhile_makes_the_absence_none) {
  BOOST_TEST((since_kept(Wall(0h), kKept.boot + 3h) == 0h));
}

BOOST_AUTO_TEST_CASE(a_database_from_a_machine_that_started_later_is_no_older_for_it) {
  BOOST_TEST((since_kept(kKept.wall + 1h, kKept.boot + 24h * 190) == 1h));
}

BOOST_AUTO_TEST_CASE(after_a_reboot_the_wall_clock_says_it) {
  BOOST_TEST((since_kept(kKept.wall + 7h, 1min) == 7h));
}

BOOST_AUTO_TEST_CASE(after_a_reboot_with_a_clock_that_lost_its_battery_no_time_has_passed) {
  BOOST_TEST((since_kept(Wall(0h), 1min) == 0h));
}

BOOST_AUTO_TEST_CASE(the_machines_clock_goes_on_from_where_it_was) {
  SystemClock clock;
  Reckoning kept = clock.reckoning();
  kept.reckoned += 5h;
  clock.go_on_from(kept);
  const Duration ahead = clock.now().reckoned - kept.reckoned;
  BOOST_TEST((ahead >= 0s && ahead < 1min));
}

BOOST_FIXTURE_TEST_CASE(a_restart_under_a_clock_a_day_ahead_gives_no_session_up, TwoSessions) {
  clock.move_wall(48h);
  restart_and_ask();
  BOOST_TEST((state(id_of(1)) == State::processing));
  BOOST_TEST((state(id_of(2)) == State::no_uploads));
}

BOOST_AUTO_TEST_CASE(what_began_under_a_clock_of_1970_is_not_old_once_it_is_right) {
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
