// The event log as a stream.
#include <boost/test/unit_test.hpp>

#include "tests/unit/control/running_control.hpp"

namespace bankconnect::test {
namespace {

struct ThreeEvents : RunningControl {
  ThreeEvents() {
    for (std::uint32_t i = 1; i <= 3; ++i)
      submit_id(uuid(i));
  }
  /// Opens a stream of the events after number 3.
  std::unique_ptr<Client> follow() const {
    auto client = std::make_unique<Client>(path);
    client->send(raw("GET", "/v1/events?after=3&follow=true"));
    return client;
  }
  std::vector<std::int64_t> seqs(const HttpResponse& response) {
    std::vector<std::int64_t> out;
    for (const json::object& line : response.lines())
      out.push_back(line.at("seq").to_number<std::int64_t>());
    return out;
  }
};

using Seqs = std::vector<std::int64_t>;

constexpr std::size_t kMaxStreams = 128;  // half of the connections

}  // namespace

BOOST_FIXTURE_TEST_SUITE(events, ThreeEvents)

BOOST_AUTO_TEST_CASE(after_and_limit_choose_a_part_of_the_log) {
  BOOST_TEST((seqs(get("/v1/events")) == Seqs{1, 2, 3}));
  BOOST_TEST((seqs(get("/v1/events?after=1")) == Seqs{2, 3}));
  BOOST_TEST((seqs(get("/v1/events?after=0&limit=2")) == Seqs{1, 2}));
  BOOST_TEST((seqs(get("/v1/events?after=3")) == Seqs{}));
}

BOOST_AUTO_TEST_CASE(a_place_beyond_the_end_or_in_another_log_is_409_with_the_newest_event_and_the_log) {
  const std::string log_id = get("/v1/events").header("Log-Id");
  BOOST_TEST(log_id.size() == 32U);
  for (const char* query :
       {"after=4", "after=18446744073709551615", "after=1&after_log=another", "after=4&follow=true"}) {
    const HttpResponse response = get(std::string("/v1/events?") + query);
    BOOST_TEST(response.status == 409, query);
    BOOST_TEST(response.error_code() == "EVENTS_AHEAD");
    const json::object error = response.object().at("error").as_object();
    BOOST_TEST(error.at("newest").to_number<int>() == 3);
    BOOST_TEST(text_of(error.at("log_id")) == log_id);
  }
  BOOST_TEST((seqs(get("/v1/events?after=2&after_log=" + log_id)) == Seqs{3}));
}

BOOST_AUTO_TEST_CASE(the_events_of_one_session_are_listed_alone) {
  BOOST_TEST((seqs(get("/v1/events?session_id=" + uuid(2))) == Seqs{2}));
  BOOST_TEST((seqs(get("/v1/events?after=2&session_id=" + uuid(2))) == Seqs{}));
  BOOST_TEST(get("/v1/events?session_id=" + uuid(9)).error_code() == "SESSION_NOT_FOLLOWED");
  BOOST_TEST(get("/v1/events?session_id=x").error_code() == "INVALID_SESSION_ID");
}

BOOST_AUTO_TEST_CASE(an_event_shows_session_states_and_cause) {
  const json::object event = get("/v1/events?limit=1").lines().at(0);
  BOOST_TEST(text_of(event.at("session_id")) == uuid(1));
  BOOST_TEST(event.at("from").is_null());
  BOOST_TEST(text_of(event.at("to")) == "NO_UPLOADS");
  BOOST_TEST(text_of(event.at("cause")) == "submitted");
}

BOOST_AUTO_TEST_CASE(unknown_parameters_and_invalid_values_are_refused) {
  for (const char* query : {"after=x", "after=-1", "limit=0", "follow=yes", "colour=red", "%ff=%ff"}) {
    const HttpResponse response = get(std::string("/v1/events?") + query);
    BOOST_TEST(response.status == 400, query);
    BOOST_TEST(response.error_code() == "BAD_REQUEST");
  }
}

BOOST_AUTO_TEST_CASE(an_event_of_an_erased_session_shows_only_its_number_and_that_it_was_erased) {
  call("DELETE", "/v1/sessions/" + uuid(2));
  const auto lines = get("/v1/events").lines();
  BOOST_REQUIRE(lines.size() == 3U);
  BOOST_TEST(lines[1].at("erased").as_bool());
  BOOST_TEST(lines[1].size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_stream_sends_stored_events_and_then_new_ones) {
  Client client(path);
  client.send(raw("GET", "/v1/events?after=2&follow=true"));
  client.read_until("\r\n\r\n");
  BOOST_TEST(client.read_until("\n\r\n").find("\"seq\":3") != std::string::npos);
  BOOST_TEST(!client.readable(50));
  submit_id(uuid(4));
  BOOST_TEST(client.read_until("\n\r\n").find("\"seq\":4") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_stream_with_a_limit_ends_at_the_limit) {
  Client client(path);
  client.send(raw("GET", "/v1/events?after=3&follow=true&limit=1"));
  client.read_until("\r\n\r\n");
  submit_id(uuid(4));
  submit_id(uuid(5));
  BOOST_TEST(client.closed());
}

BOOST_AUTO_TEST_CASE(the_connection_of_an_idle_stream_is_freed_when_its_client_closes) {
  for (int i = 0; i < 10; ++i)
    follow()->read_until("\r\n\r\n");
  BOOST_TEST(reaches_connections(0));
}

BOOST_AUTO_TEST_CASE(a_follower_of_one_session_is_told_of_its_erasure_before_the_stream_ends) {
  Client client(path);
  client.send(raw("GET", "/v1/events?follow=true&session_id=" + uuid(2)));
  client.read_until("\"seq\":2");
  BOOST_TEST(call("DELETE", "/v1/sessions/" + uuid(2)).status == 204);
  BOOST_TEST(client.read_until("0\r\n\r\n").find("\"erased\":true,\"session_id\":\"" + uuid(2)) !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_client_that_sends_bytes_during_a_stream_and_closes_frees_its_connection) {
  for (const int pause : {0, 100}) {
    const auto client = follow();
    client->read_until("\r\n\r\n");
    client->send("x");
    BOOST_TEST(!client->readable(pause));
    client->close();
    BOOST_TEST(reaches_connections(0));
  }
}

BOOST_AUTO_TEST_CASE(a_client_that_closes_without_reading_the_header_frees_its_connection) {
  const auto client = follow();
  BOOST_REQUIRE(client->readable(5000));
  client->close();
  BOOST_TEST(reaches_connections(0));
}

BOOST_AUTO_TEST_CASE(followers_are_told_of_an_erasure_with_a_line_that_the_log_does_not_keep) {
  const auto client = follow();
  client->read_until("\r\n\r\n");
  BOOST_TEST(call("DELETE", "/v1/sessions/" + uuid(2)).status == 204);
  const std::string told = client->read_until("\n\r\n");
  BOOST_TEST(told.find("{\"erased\":true,\"session_id\":\"" + uuid(2) + "\"}") != std::string::npos, told);
  BOOST_TEST((seqs(get("/v1/events")) == Seqs{1, 2, 3}));
  // It is not told to clients that come later.
  const auto later = follow();
  later->read_until("\r\n\r\n");
  BOOST_TEST(!later->readable(50));
}

BOOST_AUTO_TEST_CASE(a_client_that_sends_bytes_during_a_stream_still_receives_events) {
  const auto client = follow();
  client->read_until("\r\n\r\n");
  client->send(std::string(10'000, 'x'));
  BOOST_TEST(!client->readable(50));
  submit_id(uuid(4));
  BOOST_TEST(client->read_until("\n\r\n").find("\"seq\":4") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(streams_leave_half_of_the_connections_to_other_requests) {
  std::vector<std::unique_ptr<Client>> streams;
  for (std::size_t i = 0; i < 2 * kMaxStreams; ++i) {
    streams.push_back(follow());
    const std::string head = streams.back()->read_until("\r\n\r\n");
    BOOST_TEST(head.starts_with(i < kMaxStreams ? "HTTP/1.1 200" : "HTTP/1.1 503"));
  }
  BOOST_TEST(get("/v1/status").status == 200);
  const HttpResponse refused = get("/v1/events?after=3&follow=true");
  BOOST_TEST(refused.error_code() == "OVERLOADED");
  BOOST_TEST((seqs(get("/v1/events")) == Seqs{1, 2, 3}));
  streams.clear();
  BOOST_REQUIRE(reaches_connections(0));
  BOOST_TEST(follow()->read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
}

BOOST_AUTO_TEST_CASE(stopping_ends_streams) {
  Client client(path);
  client.send(raw("GET", "/v1/events?after=3&follow=true"));
  client.read_until("\r\n\r\n");
  stop();
  BOOST_TEST(client.closed());
}

BOOST_AUTO_TEST_CASE(a_read_from_before_retention_is_410_with_the_oldest_number_left) {
  SessionWrite write;
  write.id = *SessionId::parse(uuid(1));
  write.durable.state = State::failed;
  write.durable.final = true;
  write.durable.since = Wall(std::chrono::hours(1));
  write.durable.final_at = as_elapsed(write.durable.since);
  this->write(write);
  BOOST_REQUIRE(sweep(Wall(std::chrono::hours(2))).erased.size() == 1U);
  // The event of the erased session is recent and needs a later limit to be dropped.
  BOOST_REQUIRE(sweep(Wall(std::chrono::hours(24 * 365 * 200))).events_dropped == 1U);
  const HttpResponse gone = get("/v1/events?after=0");
  BOOST_TEST(gone.status == 410);
  BOOST_TEST(gone.error_code() == "EVENTS_GONE");
  BOOST_TEST(gone.object().at("error").at("oldest").to_number<int>() == 2);
  BOOST_TEST((seqs(get("/v1/events?after=1")) == Seqs{2, 3}));
  BOOST_TEST((seqs(get("/v1/events")) == Seqs{2, 3}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
