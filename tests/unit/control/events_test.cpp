// The event log as a stream.
#include <boost/test/unit_test.hpp>

#include "tests/unit/control/running_control.hpp"

namespace bankconnect::test {
namespace {

struct Log3 : RunningControl {
  /// Asks for what comes after event 3, and for all that follows.
  std::unique_ptr<Client> follow() const {
    auto client = std::make_unique<Client>(path);
    client->send(raw("GET", "/v1/events?after=3&follow=true"));
    return client;
  }
  /// Whether that many connections are left within five seconds.
  bool comes_to(std::uint32_t count) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (connections() != count && std::chrono::steady_clock::now() < end)
      std::this_thread::yield();
    return connections() == count;
  }

  Log3() {
    for (std::uint32_t i = 1; i <= 3; ++i)
      submit_id(uuid(i));
  }
  std::vector<std::int64_t> seqs(const HttpAnswer& answer) {
    std::vector<std::int64_t> out;
    for (const json::object& line : answer.lines())
      out.push_back(line.at("seq").to_number<std::int64_t>());
    return out;
  }
};

using Seqs = std::vector<std::int64_t>;

constexpr std::size_t kMostFollowers = 128;  // half of the connections

}  // namespace

BOOST_FIXTURE_TEST_SUITE(events, Log3)

BOOST_AUTO_TEST_CASE(the_log_is_read_from_any_place_and_as_far_as_wanted) {
  BOOST_TEST((seqs(get("/v1/events")) == Seqs{1, 2, 3}));
  BOOST_TEST((seqs(get("/v1/events?after=1")) == Seqs{2, 3}));
  BOOST_TEST((seqs(get("/v1/events?after=0&limit=2")) == Seqs{1, 2}));
  BOOST_TEST((seqs(get("/v1/events?after=3")) == Seqs{}));
  BOOST_TEST((seqs(get("/v1/events?after=18446744073709551615")) == Seqs{}));
}

BOOST_AUTO_TEST_CASE(an_event_says_what_happened) {
  const json::object event = get("/v1/events?limit=1").lines().at(0);
  BOOST_TEST(text_of(event.at("session_id")) == uuid(1));
  BOOST_TEST(event.at("from").is_null());
  BOOST_TEST(text_of(event.at("to")) == "NO_UPLOADS");
  BOOST_TEST(text_of(event.at("cause")) == "submitted");
}

BOOST_AUTO_TEST_CASE(parameters_that_are_not_understood_are_refused) {
  for (const char* query : {"after=x", "after=-1", "limit=0", "follow=yes", "colour=red", "%ff=%ff"}) {
    const HttpAnswer answer = get(std::string("/v1/events?") + query);
    BOOST_TEST(answer.status == 400, query);
    BOOST_TEST(answer.error_code() == "BAD_REQUEST");
  }
}

BOOST_AUTO_TEST_CASE(events_of_an_erased_session_are_blank) {
  call("DELETE", "/v1/sessions/" + uuid(2));
  const auto lines = get("/v1/events").lines();
  BOOST_REQUIRE(lines.size() == 3U);
  BOOST_TEST(lines[1].at("erased").as_bool());
  BOOST_TEST(lines[1].size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_follower_gets_what_was_and_what_comes) {
  Client client(path);
  client.send(raw("GET", "/v1/events?after=2&follow=true"));
  client.read_until("\r\n\r\n");
  BOOST_TEST(client.read_until("\n\r\n").find("\"seq\":3") != std::string::npos);
  BOOST_TEST(!client.readable(50));
  submit_id(uuid(4));
  BOOST_TEST(client.read_until("\n\r\n").find("\"seq\":4") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_follower_with_a_limit_is_done_at_it) {
  Client client(path);
  client.send(raw("GET", "/v1/events?after=3&follow=true&limit=1"));
  client.read_until("\r\n\r\n");
  submit_id(uuid(4));
  submit_id(uuid(5));
  BOOST_TEST(client.closed());
}

BOOST_AUTO_TEST_CASE(followers_that_go_away_on_a_quiet_day_are_noticed) {
  for (int i = 0; i < 10; ++i)
    follow()->read_until("\r\n\r\n");
  BOOST_TEST(comes_to(0));
}

BOOST_AUTO_TEST_CASE(a_follower_that_said_something_before_it_went_away_is_noticed) {
  for (const int pause : {0, 100}) {
    const auto client = follow();
    client->read_until("\r\n\r\n");
    client->send("x");
    BOOST_TEST(!client->readable(pause));
    client->close();
    BOOST_TEST(comes_to(0));
  }
}

BOOST_AUTO_TEST_CASE(a_follower_that_goes_away_with_something_unread_is_noticed) {
  const auto client = follow();
  BOOST_REQUIRE(client->readable(5000));
  client->close();
  BOOST_TEST(comes_to(0));
}

BOOST_AUTO_TEST_CASE(a_follower_that_says_something_still_gets_its_events) {
  const auto client = follow();
  client->read_until("\r\n\r\n");
  client->send(std::string(10'000, 'x'));
  BOOST_TEST(!client->readable(50));
  submit_id(uuid(4));
  BOOST_TEST(client->read_until("\n\r\n").find("\"seq\":4") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(followers_lock_nobody_out) {
  std::vector<std::unique_ptr<Client>> followers;
  for (std::size_t i = 0; i < 2 * kMostFollowers; ++i) {
    followers.push_back(follow());
    const std::string head = followers.back()->read_until("\r\n\r\n");
    BOOST_TEST(head.starts_with(i < kMostFollowers ? "HTTP/1.1 200" : "HTTP/1.1 503"));
  }
  BOOST_TEST(get("/v1/status").status == 200);
  const HttpAnswer refused = get("/v1/events?after=3&follow=true");
  BOOST_TEST(refused.error_code() == "OVERLOADED");
  BOOST_TEST((seqs(get("/v1/events")) == Seqs{1, 2, 3}));
  followers.clear();
  BOOST_REQUIRE(comes_to(0));
  BOOST_TEST(follow()->read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
}

BOOST_AUTO_TEST_CASE(stopping_ends_followers) {
  Client client(path);
  client.send(raw("GET", "/v1/events?after=3&follow=true"));
  client.read_until("\r\n\r\n");
  stop();
  BOOST_TEST(client.closed());
}

BOOST_AUTO_TEST_CASE(events_past_retention_are_gone_and_the_oldest_left_is_named) {
  SessionWrite write;
  write.id = *SessionId::parse(uuid(1));
  write.kept.state = State::failed;
  write.kept.final = true;
  write.kept.since = Wall(std::chrono::hours(1));
  write.kept.final_at = as_reckoned(write.kept.since);
  this->write(write);
  BOOST_REQUIRE(sweep(Wall(std::chrono::hours(2))).erased.size() == 1U);
  // The event itself is young: it is dropped once it is as old as that.
  BOOST_REQUIRE(sweep(Wall(std::chrono::hours(24 * 365 * 200))).events_dropped == 1U);
  const HttpAnswer gone = get("/v1/events?after=0");
  BOOST_TEST(gone.status == 410);
  BOOST_TEST(gone.error_code() == "EVENTS_GONE");
  BOOST_TEST(gone.object().at("error").at("oldest").to_number<int>() == 2);
  BOOST_TEST((seqs(get("/v1/events?after=1")) == Seqs{2, 3}));
  BOOST_TEST((seqs(get("/v1/events")) == Seqs{2, 3}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
