// An answer left over from somebody else's call, on a connection that is used again: it names nobody, and
// comes just when the next question has been sent.
#include <boost/test/unit_test.hpp>

#include "tests/unit/upstream/asking.hpp"

namespace bankconnect::test {
namespace {

const std::string kNamed = R"("bfb98ac5-7224-401b-a643-175235856187")";
const Reply kFine{http(200, kProcessing)};

Reply refusal(int status, const char* code) {
  return Reply{http(status, error_body(code))};
}

struct Leftover : Asking {
  /// The second answer on the first connection is `leftover`; on a second one comes `own`.
  Answer ask_again(Call call, const Reply& leftover, const Reply& own) {
    against({{kFine, leftover}, {own}});
    ask(Call::progress);
    return ask(call);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(client_leftover, Leftover)

BOOST_AUTO_TEST_CASE(an_end_of_processing_that_names_nobody_is_asked_for_once_more_on_a_new_connection) {
  const Answer answer = ask_again(Call::progress, Reply{http(200, success_body(Call::progress, ""))},
                                  Reply{http(200, success_body(Call::progress, kNamed))});
  BOOST_TEST(answer.names_session);
  BOOST_TEST(trigger(answer) == "progress_finished");
  BOOST_TEST(server->connections == 2u);
  BOOST_TEST(server->requests.size() == 3u);
}

BOOST_AUTO_TEST_CASE(so_is_all_that_leads_to_initiate_or_an_end) {
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

BOOST_AUTO_TEST_CASE(on_a_new_connection_it_is_believed) {
  const Answer answer =
      ask_again(Call::progress, refusal(410, "SESSION_DELETED"), refusal(410, "SESSION_DELETED"));
  BOOST_TEST(trigger(answer) == "session_deleted");
  BOOST_TEST(server->requests.size() == 3u);
}

BOOST_AUTO_TEST_CASE(what_names_its_session_is_believed_at_once) {
  const Answer answer =
      ask_again(Call::progress, Reply{http(200, success_body(Call::progress, kNamed))}, kFine);
  BOOST_TEST(trigger(answer) == "progress_finished");
  BOOST_TEST(server->connections == 1u);
}

BOOST_AUTO_TEST_CASE(so_is_what_the_next_answer_mends) {
  const Answer waiting =
      ask_again(Call::upload_status, Reply{http(200, R"({"upload_status":"IN PROGRESS"})")}, kFine);
  BOOST_TEST(trigger(waiting) == "upload_in_progress");
  BOOST_TEST(server->connections == 1u);
  const Answer refused = ask_again(Call::progress, Reply{http(401, R"({"detail":"No."})")}, kFine);
  BOOST_TEST(trigger(refused) == "account_refused");
  BOOST_TEST(server->connections == 1u);
}

BOOST_AUTO_TEST_CASE(asking_once_more_does_not_move_the_deadline) {
  using std::chrono::milliseconds;
  options.request_timeout = milliseconds(2'000);
  const Reply late{http(200, success_body(Call::progress, "")), Reply::Then::keep, milliseconds(1'500)};
  const Answer answer = ask_again(Call::progress, late, Reply{"", Reply::Then::stall});
  BOOST_TEST(error_code(answer) == "TIMEOUT");
  BOOST_TEST(answer.took.count() < 3'300);  // and not 3,500
}

BOOST_AUTO_TEST_CASE(what_counts_for_good_has_a_connection_of_its_own_in_the_place_of_an_idle_one) {
  std::size_t connections = 1;
  const std::string id = kNamed;
  against({{kFine},
           {Reply{http(202, "{}")}},
           {Reply{http(200, success_body(Call::session_status, id))}},
           {Reply{http(200, success_body(Call::insights, id))}, kFine}});
  ask(Call::progress);
  for (const Call call : {Call::initiate, Call::session_status, Call::insights}) {
    BOOST_TEST_CONTEXT(name(call)) {
      BOOST_TEST(error_code(ask(call)).empty());
      BOOST_TEST(server->connections == ++connections);
    }
  }
  BOOST_TEST(trigger(ask(Call::progress)) == "still_processing");  // on what the last of them has left
  BOOST_TEST(server->connections == connections);
}

BOOST_AUTO_TEST_CASE(a_registration_has_one_too) {
  against({{kFine}, {Reply{http(200, R"({"message":"success"})")}}});
  ask(Call::progress);
  BOOST_TEST(register_webhook("https://lender.example/hook").registration.code.empty());
  BOOST_TEST(server->connections == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
