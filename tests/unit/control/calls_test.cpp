// The calls about one session, and those that look at all of them.
#include <boost/test/unit_test.hpp>

#include "tests/unit/control/running_control.hpp"
#include "tests/unit/store/foreign_reader.hpp"

namespace bankconnect::test {
namespace {

struct OneSession : RunningControl {
  explicit OneSession(std::chrono::milliseconds patience = std::chrono::seconds(60))
      : RunningControl({}, patience) {
    submit_id(uuid(1));
  }
  const std::string one = "/v1/sessions/" + uuid(1);
  const std::string unknown = "/v1/sessions/" + uuid(99);

  SessionWrite step(State to, bool final) {
    SessionWrite write;
    write.id = *SessionId::parse(uuid(1));
    write.kept.state = to;
    write.kept.final = final;
    write.kept.submitted_at = write.kept.since = Wall(std::chrono::hours(400'000));
    return write;
  }
};

struct Impatient : OneSession {
  Impatient() : OneSession(std::chrono::seconds(1)) {}
};

void fails(const HttpAnswer& answer, int status, const std::string& code) {
  BOOST_TEST(answer.status == status);
  BOOST_TEST(answer.error_code() == code);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(calls, OneSession)

BOOST_AUTO_TEST_CASE(a_session_not_followed_is_404_everywhere) {
  fails(get(unknown), 404, "SESSION_NOT_FOLLOWED");
  fails(get(unknown + "/insights"), 404, "SESSION_NOT_FOLLOWED");
  fails(call("DELETE", unknown), 404, "SESSION_NOT_FOLLOWED");
  for (const char* command : {"process", "hold", "release", "poll", "retry"}) {
    fails(call("POST", unknown + "/" + command), 404, "SESSION_NOT_FOLLOWED");
  }
}

BOOST_AUTO_TEST_CASE(an_id_that_is_none_is_400_everywhere) {
  fails(get("/v1/sessions/7"), 400, "INVALID_SESSION_ID");
  fails(get("/v1/sessions/7/insights"), 400, "INVALID_SESSION_ID");
  fails(call("DELETE", "/v1/sessions/7"), 400, "INVALID_SESSION_ID");
  fails(call("POST", "/v1/sessions/7/poll"), 400, "INVALID_SESSION_ID");
}

BOOST_AUTO_TEST_CASE(an_unknown_endpoint_is_404_and_a_wrong_method_405) {
  for (const char* target : {"/", "/v1", "/v1/sessions/", "/v2/status", "/v1/status/", "/v1/%c3%28"}) {
    fails(get(target), 404, "NO_SUCH_ENDPOINT");
  }
  fails(call("POST", one + "/explode"), 404, "NO_SUCH_ENDPOINT");
  const HttpAnswer wrong = call("PUT", "/v1/sessions");
  BOOST_TEST(wrong.status == 405);
  BOOST_TEST(wrong.headers.find("Allow: POST, GET") != std::string::npos, wrong.headers);
}

BOOST_AUTO_TEST_CASE(payloads_are_not_available_until_stored_and_then_unchanged) {
  fails(get(one + "/session_status"), 404, "NOT_AVAILABLE");
  fails(get(one + "/insights"), 404, "NOT_AVAILABLE");
  const std::string sent = "{ \"amount\" : 10890.0,\n\"big\":1E400, \"a\":1, \"a\":2 }";
  SessionWrite write = step(State::enriched, true);
  write.payload = std::make_shared<const Payload>(pack(sent, Wall(std::chrono::hours(1))));
  write.payload_kind = Call::insights;
  this->write(write);
  const HttpAnswer insights = get(one + "/insights");
  BOOST_TEST(insights.status == 200);
  BOOST_TEST(insights.body == sent);
  BOOST_TEST(insights.headers.find("Content-Type: application/json") != std::string::npos);
  fails(get(one + "/session_status"), 404, "NOT_AVAILABLE");
}

BOOST_AUTO_TEST_CASE(a_large_payload_comes_whole) {
  std::string sent(9'000'000, ' ');
  for (std::size_t i = 0; i < sent.size(); ++i)
    sent[i] = static_cast<char>('a' + i * i % 26);
  SessionWrite write = step(State::enriched, true);
  write.payload = std::make_shared<const Payload>(pack(sent, Wall(std::chrono::hours(1))));
  write.payload_kind = Call::session_status;
  this->write(write);
  BOOST_TEST((get(one + "/session_status").body == sent));
}

BOOST_AUTO_TEST_CASE(commands_are_accepted_with_the_session) {
  const HttpAnswer held = call("POST", one + "/hold");
  BOOST_TEST(held.status == 202);
  BOOST_TEST(held.object().at("hold").as_bool());
  const HttpAnswer released = call("POST", one + "/release");
  BOOST_TEST(released.status == 202);
  BOOST_TEST(!released.object().at("hold").as_bool());
  BOOST_TEST(call("POST", one + "/poll").status == 202);
}

BOOST_AUTO_TEST_CASE(a_command_out_of_place_is_409) {
  fails(call("POST", one + "/process"), 409, "WRONG_STATE");
  fails(call("POST", one + "/retry"), 409, "WRONG_STATE");
}

BOOST_AUTO_TEST_CASE(an_erased_session_is_gone_with_its_files) {
  const HttpAnswer erased = call("DELETE", one);
  BOOST_TEST(erased.status == 204);
  BOOST_TEST(erased.body.empty());
  BOOST_TEST(erased.headers.find("Content-Length") == std::string::npos);
  fails(get(one), 404, "SESSION_NOT_FOLLOWED");
  fails(call("DELETE", one), 404, "SESSION_NOT_FOLLOWED");
  BOOST_REQUIRE(files_removed.size() == 1U);
  BOOST_TEST(files_removed[0] == uuid(1));
}

BOOST_AUTO_TEST_CASE(an_erased_session_may_be_handed_in_again) {
  call("DELETE", one);
  BOOST_TEST(submit_id(uuid(1)).status == 201);
}

BOOST_FIXTURE_TEST_CASE(nobody_waits_for_an_erasure_longer_than_his_patience_and_it_goes_on, Impatient) {
  submit_id(uuid(2));
  const std::string two = "/v1/sessions/" + uuid(2);
  ForeignReader foreign(in_folder("db"));
  fails(call("DELETE", two), 503, "STORE_UNAVAILABLE");
  fails(get(two), 404, "SESSION_NOT_FOLLOWED");
  foreign.end();
  BOOST_TEST(call("DELETE", one).status == 204);
  const std::vector<std::string> logged = {"submit", "submit", "erase", "erase"};
  BOOST_TEST(changes_logged == logged, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(status_is_what_the_daemon_says) {
  BOOST_TEST(get("/v1/status").body == "{\"health\":\"ok\"}");
}

BOOST_AUTO_TEST_CASE(a_backup_is_made_where_asked_and_never_over_a_file) {
  const std::string body = "{\"path\":\"" + in_folder("copy") + "\"}";
  BOOST_TEST(call("POST", "/v1/backup", "application/json", body).status == 200);
  BOOST_TEST(std::filesystem::exists(in_folder("copy")));
  fails(call("POST", "/v1/backup", "application/json", body), 400, "BAD_REQUEST");
}

BOOST_AUTO_TEST_CASE(a_backup_wants_one_absolute_path) {
  for (const char* body : {"", "{}", "{\"path\":7}", "{\"path\":\"copy\"}", "{\"path\":\"/tmp/a\\u0000b\"}",
                           "{\"path\":\"/tmp/never-made\",\"colour\":1}"}) {
    fails(call("POST", "/v1/backup", "application/json", body), 400, "BAD_REQUEST");
  }
  BOOST_TEST(call("POST", "/v1/backup", "text/plain", "{}").status == 415);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(listing, RunningControl)

BOOST_AUTO_TEST_CASE(pages_lead_through_all_sessions) {
  for (std::uint32_t i = 0; i < 7; ++i)
    submit_id(uuid(i));
  std::vector<std::string> seen;
  std::string after = "0";
  for (;;) {
    const json::object page = get("/v1/sessions?limit=3&after=" + after).object();
    for (const json::value& session : page.at("sessions").as_array())
      seen.push_back(text_of(session.at("session_id")));
    if (page.at("next").is_null()) break;
    after = text_of(page.at("next"));
  }
  BOOST_REQUIRE(seen.size() == 7U);
  for (std::uint32_t i = 0; i < 7; ++i)
    BOOST_TEST(seen[i] == uuid(i));
}

BOOST_AUTO_TEST_CASE(state_and_reference_choose) {
  submit("{\"session_id\":\"" + uuid(1) + "\",\"reference\":\"a b\"}");
  submit_id(uuid(2));
  BOOST_TEST(get("/v1/sessions?reference=a%20b").object().at("sessions").as_array().size() == 1U);
  BOOST_TEST(get("/v1/sessions?state=NO_UPLOADS").object().at("sessions").as_array().size() == 2U);
  BOOST_TEST(get("/v1/sessions?state=FAILED").object().at("sessions").as_array().empty());
}

BOOST_AUTO_TEST_CASE(parameters_that_are_not_understood_are_refused) {
  for (const char* query :
       {"state=failed", "state=%ff", "limit=0", "limit=1001", "limit=x", "after=-1", "colour=red", "%ff=1"}) {
    const HttpAnswer answer = get(std::string("/v1/sessions?") + query);
    BOOST_TEST(answer.status == 400, query);
    BOOST_TEST(answer.error_code() == "BAD_REQUEST");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
