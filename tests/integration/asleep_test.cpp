// The daemon is suspended (SIGSTOP) and continued, as a debugger, a freezer or a live migration does.
#include <boost/test/unit_test.hpp>
#include <csignal>

#include "tests/integration/webhook_world.hpp"

namespace bankconnect::test {

BOOST_AUTO_TEST_SUITE(asleep)

BOOST_AUTO_TEST_CASE(a_completed_answer_read_after_its_evidence_expired_does_not_initiate) {
  World world(
      session_entry(session_id(1), "slow") +
      "[scenario.slow]\nno_uploads = \"0s\"\nin_progress = \"0s\"\n"
      "[[scenario.slow.fault]]\ncall = \"upload_status\"\nnth = [1]\nkind = \"slow\"\ndelay = \"3s\"\n");
  world.start_daemon();
  world.submit(session_id(1));
  BOOST_TEST_REQUIRE(
      eventually([&] { return world.status().at("upstream").at("in_flight").as_int64() == 1; }));
  ::kill(world.daemon().pid(), SIGSTOP);
  // The COMPLETED answer lies unread in the socket while the user resumes uploading.
  BOOST_TEST(eventually([&] { return !world.requests().empty(); }));
  HttpClient(world.sandbox_address())
      .post("/sandbox/sessions/" + session_id(1), {}, "{\"upload_status\":\"in_progress\"}");
  eventually([] { return false; }, 11s);
  ::kill(world.daemon().pid(), SIGCONT);
  BOOST_TEST(world.reaches(session_id(1), "IN_PROGRESS"));
  BOOST_TEST(world.initiates(session_id(1), "accepted_early") == 0);
  BOOST_TEST(world.initiates(session_id(1), "accepted") == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
