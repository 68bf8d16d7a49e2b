// The calls for one session, the list of sessions, status and backup.
#include <boost/test/unit_test.hpp>

#include "tests/unit/control/running_control.hpp"
#include "tests/unit/store_sqlite/faulty_disk.hpp"
#include "tests/unit/store_sqlite/foreign_reader.hpp"

namespace bankconnect::test {
namespace {

struct SessionAndStore : OneSession {
  using OneSession::OneSession;
  /// Makes the session ENRICHED, with this payload.
  void store_payload(const std::string& bytes, Call kind) {
    SessionWrite write;
    write.id = *SessionId::parse(uuid(1));
    write.durable.state = State::enriched;
    write.durable.final = true;
    write.durable.since = Wall(std::chrono::hours(400'000));
    write.payload(kind) = std::make_shared<const Payload>(pack(bytes, Wall(std::chrono::hours(1))));
    this->write(std::move(write));
  }
};

struct ShortCommitTimeout : SessionAndStore {
  ShortCommitTimeout() : SessionAndStore(std::chrono::seconds(1)) {}
};

/// With a short commit timeout.
struct HangingDisk : OneSession {
  HangingDisk() : OneSession(std::chrono::milliseconds(200)) { disk.hang(); }
  void teardown() {
    disk.work();
    OneSession::teardown();
  }
  FaultyDisk disk;
};

/// A session but for `next_poll_at`, which is the time of the response while a call is pending.
json::object without_next_poll(const HttpResponse& response) {
  json::object session = response.object();
  BOOST_TEST(session.at("next_poll_at").is_string());
  session.erase("next_poll_at");
  return session;
}

void expect_error(const HttpResponse& response, int status, const std::string& code) {
  BOOST_TEST(response.status == status);
  BOOST_TEST(response.error_code() == code);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(calls, SessionAndStore)

BOOST_AUTO_TEST_CASE(resume_is_refused_where_nothing_is_paused) {
  expect_error(call("POST", "/v1/resume"), 409, "WRONG_STATE");
}

BOOST_AUTO_TEST_CASE(a_session_that_is_not_enriched_is_not_refreshed) {
  expect_error(call("POST", one + "/refresh"), 409, "WRONG_STATE");
}

BOOST_AUTO_TEST_CASE(every_call_for_a_session_that_is_not_followed_is_404) {
  expect_error(get(unknown), 404, "SESSION_NOT_FOLLOWED");
  expect_error(get(unknown + "/insights"), 404, "SESSION_NOT_FOLLOWED");
  expect_error(call("DELETE", unknown), 404, "SESSION_NOT_FOLLOWED");
  for (const char* command : {"process", "hold", "release", "poll", "retry", "refresh"}) {
    expect_error(call("POST", unknown + "/" + command), 404, "SESSION_NOT_FOLLOWED");
  }
}

BOOST_AUTO_TEST_CASE(every_call_with_a_malformed_session_id_is_400) {
  expect_error(get("/v1/sessions/7"), 400, "INVALID_SESSION_ID");
  expect_error(get("/v1/sessions/7/insights"), 400, "INVALID_SESSION_ID");
  expect_error(call("DELETE", "/v1/sessions/7"), 400, "INVALID_SESSION_ID");
  expect_error(call("POST", "/v1/sessions/7/poll"), 400, "INVALID_SESSION_ID");
}

BOOST_AUTO_TEST_CASE(an_unknown_path_is_404_and_an_unsupported_method_405) {
  for (const char* target : {"/", "/v1", "/v1/sessions/", "/v2/status", "/v1/status/", "/v1/%c3%28"}) {
    expect_error(get(target), 404, "NO_SUCH_ENDPOINT");
  }
  expect_error(call("POST", one + "/explode"), 404, "NO_SUCH_ENDPOINT");
  const HttpResponse wrong = call("PUT", "/v1/sessions");
  BOOST_TEST(wrong.status == 405);
  BOOST_TEST(wrong.headers.find("Allow: POST, GET") != std::string::npos, wrong.headers);
}

BOOST_AUTO_TEST_CASE(a_payload_is_not_available_until_it_is_stored_and_then_returned_unchanged) {
  expect_error(get(one + "/session_status"), 404, "NOT_AVAILABLE");
  expect_error(get(one + "/insights"), 404, "NOT_AVAILABLE");
  const std::string sent = "{ \"amount\" : 10890.0,\n\"big\":1E400, \"a\":1, \"a\":2 }";
  store_payload(sent, Call::insights);
  const HttpResponse insights = get(one + "/insights");
  BOOST_TEST(insights.status == 200);
  BOOST_TEST(insights.body == sent);
  BOOST_TEST(insights.headers.find("Content-Type: application/json") != std::string::npos);
  expect_error(get(one + "/session_status"), 404, "NOT_AVAILABLE");
}

BOOST_AUTO_TEST_CASE(a_payload_of_nine_megabytes_is_returned_completely) {
  std::string sent(9'000'000, ' ');
  for (std::size_t i = 0; i < sent.size(); ++i)
    sent[i] = static_cast<char>('a' + i * i % 26);
  store_payload(sent, Call::session_status);
  BOOST_TEST((get(one + "/session_status").body == sent));
}

BOOST_AUTO_TEST_CASE(a_command_is_answered_202_with_the_session) {
  const HttpResponse held = call("POST", one + "/hold");
  BOOST_TEST(held.status == 202);
  BOOST_TEST(held.object().at("hold").as_bool());
  const HttpResponse released = call("POST", one + "/release");
  BOOST_TEST(released.status == 202);
  BOOST_TEST(!released.object().at("hold").as_bool());
  BOOST_TEST(call("POST", one + "/poll").status == 202);
}

BOOST_AUTO_TEST_CASE(a_command_that_the_state_does_not_allow_is_409) {
  expect_error(call("POST", one + "/process"), 409, "WRONG_STATE");
  expect_error(call("POST", one + "/retry"), 409, "WRONG_STATE");
}

BOOST_AUTO_TEST_CASE(erasing_removes_the_session_and_its_status_file) {
  const HttpResponse erased = call("DELETE", one);
  BOOST_TEST(erased.status == 204);
  BOOST_TEST(erased.body.empty());
  BOOST_TEST(erased.headers.find("Content-Length") == std::string::npos);
  expect_error(get(one), 404, "SESSION_NOT_FOLLOWED");
  expect_error(call("DELETE", one), 404, "SESSION_NOT_FOLLOWED");
  BOOST_REQUIRE(files_removed.size() == 1U);
  BOOST_TEST(files_removed[0] == uuid(1));
}

BOOST_AUTO_TEST_CASE(an_erased_session_can_be_submitted_again) {
  call("DELETE", one);
  BOOST_TEST(submit_id(uuid(1)).status == 201);
}

BOOST_FIXTURE_TEST_CASE(an_erasure_that_outlasts_the_commit_timeout_is_503_and_still_takes_place,
                        ShortCommitTimeout) {
  submit_id(uuid(2));
  const std::string two = "/v1/sessions/" + uuid(2);
  ForeignReader foreign(in_folder("db"));
  expect_error(call("DELETE", two), 503, "STORE_UNAVAILABLE");
  expect_error(get(two), 404, "SESSION_NOT_FOLLOWED");
  foreign.end();
  BOOST_TEST(call("DELETE", one).status == 204);
  const std::vector<std::string> logged = {"submit", "submit", "erase", "erase"};
  BOOST_TEST(changes_logged == logged, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(while_the_disk_hangs_what_is_to_be_written_is_503_and_may_still_happen, HangingDisk) {
  const HttpResponse submitted = submit_id(uuid(2));
  expect_error(submitted, 503, "STORE_UNAVAILABLE");
  BOOST_TEST(submitted.body.find("may still be followed") != std::string::npos);
  expect_error(call("POST", "/v1/sessions", "text/plain", uuid(3)), 503, "STORE_UNAVAILABLE");
  expect_error(call("POST", one + "/hold"), 503, "STORE_UNAVAILABLE");
  expect_error(call("DELETE", one), 503, "STORE_UNAVAILABLE");
  expect_error(call("POST", "/v1/resume"), 409, "WRONG_STATE");
}

BOOST_FIXTURE_TEST_CASE(while_the_disk_hangs_what_is_on_disk_can_be_read, HangingDisk) {
  submit_id(uuid(2));
  BOOST_TEST(get(one).status == 200);
  BOOST_TEST(get("/v1/sessions").status == 200);
  BOOST_TEST(get("/v1/webhooks").status == 200);
  BOOST_TEST(get("/v1/events").status == 200);
  expect_error(get("/v1/sessions/" + uuid(2)), 404, "SESSION_NOT_FOLLOWED");
}

BOOST_FIXTURE_TEST_CASE(what_was_given_up_while_the_disk_hung_happens_when_it_answers, HangingDisk) {
  expect_error(submit_id(uuid(2)), 503, "STORE_UNAVAILABLE");
  disk.work();
  BOOST_TEST(submit_id(uuid(2)).status == 200);  // it is followed already
}

BOOST_AUTO_TEST_CASE(status_returns_the_daemons_status) {
  BOOST_TEST(get("/v1/status").body == "{\"health\":\"ok\"}");
}

BOOST_AUTO_TEST_CASE(a_backup_is_written_to_the_given_path_and_never_replaces_a_file) {
  const std::string body = "{\"path\":\"" + in_folder("copy") + "\"}";
  BOOST_TEST(call("POST", "/v1/backup", "application/json", body).status == 200);
  BOOST_TEST(std::filesystem::exists(in_folder("copy")));
  expect_error(call("POST", "/v1/backup", "application/json", body), 400, "BAD_REQUEST");
}

BOOST_AUTO_TEST_CASE(a_backup_without_exactly_one_absolute_path_is_refused) {
  for (const char* body : {"", "{}", "{\"path\":7}", "{\"path\":\"copy\"}", "{\"path\":\"/tmp/a\\u0000b\"}",
                           "{\"path\":\"/tmp/never-made\",\"colour\":1}",
                           "{\"path\":\"/tmp/never-made\",\"path\":\"/tmp/nor-this\"}"}) {
    expect_error(call("POST", "/v1/backup", "application/json", body), 400, "BAD_REQUEST");
  }
  BOOST_TEST(call("POST", "/v1/backup", "text/plain", "{}").status == 415);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(session_reads_of_the_store, SessionAndStore)

BOOST_AUTO_TEST_CASE(a_submission_is_answered_with_the_record_that_was_stored) {
  const HttpResponse created = submit_id(uuid(2));
  const HttpResponse known = submit_id(uuid(2));
  BOOST_TEST(created.status == 201);
  BOOST_TEST(known.status == 200);
  BOOST_TEST(session_reads() == 0);
  const HttpResponse read = get("/v1/sessions/" + uuid(2));
  BOOST_TEST(session_reads() == 1);
  BOOST_TEST((without_next_poll(created) == without_next_poll(read)));
  BOOST_TEST((without_next_poll(known) == without_next_poll(read)));
}

BOOST_AUTO_TEST_CASE(a_command_that_stores_something_is_answered_with_the_record_that_was_stored) {
  for (const char* command : {"hold", "release"}) {
    BOOST_TEST_CONTEXT(command) {
      const int before = session_reads();
      const HttpResponse done = call("POST", one + "/" + command);
      BOOST_TEST(done.status == 202);
      BOOST_TEST(session_reads() == before);
      BOOST_TEST((without_next_poll(done) == without_next_poll(get(one))));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_command_that_stores_nothing_is_answered_with_the_session_as_read) {
  const HttpResponse done = call("POST", one + "/poll");
  BOOST_TEST(done.status == 202);
  BOOST_TEST(session_reads() == 1);
  BOOST_TEST(text_of(done.object().at("session_id")) == uuid(1));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(listing, RunningControl)

BOOST_AUTO_TEST_CASE(following_the_cursor_lists_every_session_once) {
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

BOOST_AUTO_TEST_CASE(sessions_are_filtered_by_state_and_by_reference) {
  submit("{\"session_id\":\"" + uuid(1) + "\",\"reference\":\"a b\"}");
  submit_id(uuid(2));
  BOOST_TEST(get("/v1/sessions?reference=a%20b").object().at("sessions").as_array().size() == 1U);
  BOOST_TEST(get("/v1/sessions?state=NO_UPLOADS").object().at("sessions").as_array().size() == 2U);
  BOOST_TEST(get("/v1/sessions?state=FAILED").object().at("sessions").as_array().empty());
}

BOOST_AUTO_TEST_CASE(unknown_parameters_and_invalid_values_are_refused) {
  for (const char* query :
       {"state=failed", "state=%ff", "limit=0", "limit=1001", "limit=x", "after=-1", "colour=red", "%ff=1"}) {
    const HttpResponse response = get(std::string("/v1/sessions?") + query);
    BOOST_TEST(response.status == 400, query);
    BOOST_TEST(response.error_code() == "BAD_REQUEST");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
