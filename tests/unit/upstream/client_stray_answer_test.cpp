// A stray answer: it belongs to an earlier call, names no session, and arrives on a reused connection when
// the next request has just been sent.
#include <boost/test/unit_test.hpp>

#include "tests/unit/upstream/client_fixture.hpp"

namespace bankconnect::test {
namespace {

const std::string kNamed = R"("bfb98ac5-7224-401b-a643-175235856187")";

Reply refusal(int status, const char* code) {
  return Reply{http(status, error_body(code))};
}

struct StrayAnswer : ClientFixture {
  /// The second answer on the first connection is `stray`; on the second connection comes `own`.
  Answer ask_again(Call call, const Reply& stray, const Reply& own) {
    against({{kFine, stray}, {own}});
    ask(Call::progress);
    return ask(call);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(client_stray_answer, StrayAnswer)

BOOST_AUTO_TEST_CASE(an_end_of_processing_without_session_id_is_asked_for_again_on_a_new_connection) {
  const Answer answer = ask_again(Call::progress, Reply{http(200, success_body(Call::progress, ""))},
                                  Reply{http(200, success_body(Call::progress, kNamed))});
  BOOST_TEST(answer.names_session);
  BOOST_TEST(trigger(answer) == "progress_finished");
  BOOST_TEST(server->connections == 2u);
  BOOST_TEST(server->requests.size() == 3u);
}

BOOST_AUTO_TEST_CASE(an_answer_without_session_id_that_leads_to_initiate_or_an_end_is_asked_for_again) {
  const Answer complete = ask_again(
      Call::upload_status, Reply{http(200, success_body(Call::upload_status, ""))}, refusal(503, "LATER"));
  BOOST_TEST(trigger(complete) == "passing_fault");
  for (const auto& [status, code] : {std::pair{410, "SESSION_DELETED"},
                                     {400, "KEY_REQUIRED"},
                                     {400, "UNPARSABLE_STATEMENTS"},
                                     {400, "PROCESSING_NOT_REQUESTED"}}) {
    const Answer answer = ask_again(Call::progress, refusal(status, code), kFine);
    BOOST_TEST_CONTEXT(code) {
      BOOST_TEST(trigger(answer) == "still_processing");
    }
  }
}

BOOST_AUTO_TEST_CASE(an_answer_without_session_id_counts_on_a_new_connection) {
  const Answer answer =
      ask_again(Call::progress, refusal(410, "SESSION_DELETED"), refusal(410, "SESSION_DELETED"));
  BOOST_TEST(trigger(answer) == "session_deleted");
  BOOST_TEST(server->requests.size() == 3u);
}

BOOST_AUTO_TEST_CASE(an_answer_that_names_its_session_counts_on_a_reused_connection) {
  const Answer answer =
      ask_again(Call::progress, Reply{http(200, success_body(Call::progress, kNamed))}, kFine);
  BOOST_TEST(trigger(answer) == "progress_finished");
  BOOST_TEST(server->connections == 1u);
}

BOOST_AUTO_TEST_CASE(an_answer_that_a_later_one_can_correct_counts_on_a_reused_connection) {
  const Answer waiting =
      ask_again(Call::upload_status, Reply{http(200, R"({"upload_status":"IN PROGRESS"})")}, kFine);
  BOOST_TEST(trigger(waiting) == "upload_in_progress");
  BOOST_TEST(server->connections == 1u);
  const Answer refused = ask_again(Call::progress, Reply{http(401, R"({"detail":"No."})")}, kFine);
  BOOST_TEST(trigger(refused) == "account_refused");
  BOOST_TEST(server->connections == 1u);
}

BOOST_AUTO_TEST_CASE(asking_again_does_not_extend_the_deadline) {
  using std::chrono::milliseconds;
  config.request_timeout = milliseconds(2'000);
  const Reply late{http(200, success_body(Call::progress, "")), Reply::Then::keep, milliseconds(1'500)};
  const Answer answer = ask_again(Call::progress, late, Reply{"", Reply::Then::stall});
  BOOST_TEST(error_code(answer) == "TIMEOUT");
  BOOST_TEST(answer.took.count() < 3'300);  // and not 3,500
}

BOOST_AUTO_TEST_CASE(irreversible_calls_open_a_new_connection_in_place_of_an_idle_one) {
  std::size_t connections = 1;
  const std::string id = kNamed;
  against({{kFine},
           {Reply{http(202, "{}")}},
           {Reply{http(200, success_body(Call::session_status, id))}},
           {Reply{http(200, success_body(Call::insights, id))}, kFine}});
  ask(Call::progress);
  for (const Call call : {Call::initiate, Call::session_status, Call::insights}) {
    BOOST_TEST_CONTEXT(to_string(call)) {
      BOOST_TEST(error_code(ask(call)).empty());
      BOOST_TEST(server->connections == ++connections);
    }
  }
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");  // on the connection of the last of them
  BOOST_TEST(server->connections == connections);
}

BOOST_AUTO_TEST_CASE(a_registration_opens_a_new_connection) {
  against({{kFine}, {Reply{http(200, R"({"message":"success"})")}}});
  ask(Call::progress);
  BOOST_TEST(register_webhook("https://lender.example/hook").registration.code.empty());
  BOOST_TEST(server->connections == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
