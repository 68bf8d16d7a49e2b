// Webhooks that are accepted: stored first, then answered.
#include <boost/test/unit_test.hpp>
#include <set>

#include "bankconnect/store_sqlite.hpp"
#include "tests/unit/webhook/running_listener.hpp"

namespace bankconnect::test {
namespace {

/// How many webhooks were stored for the session, repeated ones included.
std::uint64_t stored_for(RunningListener& listener, std::uint32_t session) {
  return listener.on_loop_get<std::uint64_t>([&] {
    std::uint64_t count = 0;
    for (const auto& [key, times] : listener.world.store.webhooks)
      count += key.first == id_of(session) ? static_cast<std::uint64_t>(times) : 0;
    return count;
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(listener)

BOOST_AUTO_TEST_CASE(a_webhook_is_answered_only_after_its_commit) {
  RunningListener listener;
  Client client(listener.path);
  client.send(RunningListener::request(webhook_for(1)));
  BOOST_REQUIRE(listener.reaches_waiting(1));
  BOOST_TEST(!client.readable(50));
  listener.commit();
  BOOST_TEST(client.read_until(kAccepted).starts_with("HTTP/1.1 200 "));
}

BOOST_AUTO_TEST_CASE(the_response_is_as_documented) {
  RunningListener listener;
  const WebhookResponse response = listener.post(webhook_for(1));
  BOOST_TEST(response.status == 200);
  BOOST_TEST(response.body == kAccepted);
  BOOST_TEST(response.head.find("Content-Type: application/json\r\n") != std::string::npos, response.head);
  BOOST_TEST(response.head.find("\r\nDate: ") != std::string::npos, response.head);
}

BOOST_AUTO_TEST_CASE(a_webhook_that_cannot_be_stored_is_503) {
  RunningListener listener;
  listener.on_loop([&] { listener.world.store.refusing = true; });
  const WebhookResponse response = listener.post(webhook_for(1));
  BOOST_TEST(response.status == 503);
  BOOST_TEST(response.body.find("STORE_UNAVAILABLE") != std::string::npos, response.body);
  BOOST_TEST(listener.last_seen().status == 503);
  BOOST_TEST(listener.last_seen().result == "STORE_UNAVAILABLE");
}

BOOST_AUTO_TEST_CASE(a_repeated_body_is_accepted_and_counted) {
  RunningListener listener;
  BOOST_TEST(listener.post(webhook_for(1)).status == 200);
  const WebhookResponse again = listener.post(webhook_for(1));
  BOOST_TEST(again.status == 200);
  BOOST_TEST(again.body == kAccepted);
  BOOST_TEST(listener.last_seen().result == "duplicate");
  BOOST_TEST(stored_for(listener, 1) == 2U);
}

BOOST_AUTO_TEST_CASE(an_unknown_event_name_is_accepted) {
  RunningListener listener;
  BOOST_TEST(listener.post(webhook_for(1, "something_new")).status == 200);
  BOOST_TEST(listener.last_seen().event_name == "something_new");
  BOOST_TEST(stored_for(listener, 1) == 1U);
}

BOOST_AUTO_TEST_CASE(a_webhook_is_reported_with_its_size_and_digest) {
  RunningListener listener;
  listener.post(webhook_for(1));
  const WebhookSeen seen = listener.last_seen();
  BOOST_TEST(seen.status == 200);
  BOOST_TEST(seen.result == "kept");
  BOOST_TEST(seen.id->text() == id_of(1).text());
  BOOST_TEST(seen.bytes == webhook_for(1).size());
  BOOST_TEST(std::set<std::uint8_t>(seen.sha256.begin(), seen.sha256.end()).size() > 4U);
}

BOOST_AUTO_TEST_CASE(a_webhook_for_a_followed_session_causes_a_call_at_once) {
  RunningListener listener;
  listener.on_loop([&] {
    listener.world.submit({id_of(1)});
    listener.world.follower->run();
    listener.world.answer(upload(UploadStatus::in_progress));
  });
  const auto calls_after_a_second = [&] {
    return listener.on_loop_get<std::size_t>([&] {
      listener.world.pass(std::chrono::seconds(1));
      return listener.world.upstream.log.size();
    });
  };
  const std::size_t before = calls_after_a_second();
  BOOST_TEST(listener.post(webhook_for(1)).status == 200);
  BOOST_TEST(calls_after_a_second() == before + 1);
}

BOOST_AUTO_TEST_CASE(a_webhook_is_answered_while_a_call_to_bankconnect_is_pending) {
  RunningListener listener;
  listener.on_loop([&] {
    listener.world.submit({id_of(1)});
    listener.world.follower->run();  // makes a call that is never answered
  });
  BOOST_TEST(listener.post(webhook_for(1)).status == 200);
  BOOST_TEST(listener.last_seen().result == "accepted");
}

BOOST_AUTO_TEST_CASE(several_webhooks_are_answered_after_one_commit) {
  RunningListener listener;
  std::vector<std::unique_ptr<Client>> clients;
  for (std::uint32_t i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<Client>(listener.path));
    clients.back()->send(RunningListener::request(webhook_for(i)));
  }
  BOOST_REQUIRE(listener.reaches_waiting(20));
  listener.commit();
  for (const auto& client : clients)
    BOOST_TEST(client->read_until(kAccepted).starts_with("HTTP/1.1 200 "));
}

BOOST_AUTO_TEST_CASE(a_connection_may_send_several_webhooks) {
  RunningListener listener;
  Client client(listener.path);
  for (std::uint32_t i = 0; i < 3; ++i) {
    client.send(RunningListener::request(webhook_for(i)));
    BOOST_TEST(listener.read_response(client).status == 200);
  }
}

BOOST_AUTO_TEST_CASE(a_webhook_is_stored_when_its_client_closes_before_the_response) {
  RunningListener listener;
  {
    Client client(listener.path);
    client.send(RunningListener::request(webhook_for(1)));
    BOOST_REQUIRE(listener.reaches_waiting(1));
  }
  listener.commit();
  BOOST_TEST(stored_for(listener, 1) == 1U);
}

BOOST_AUTO_TEST_CASE(an_id_is_accepted_in_any_letter_case) {
  RunningListener listener;
  BOOST_TEST(listener.post("{\"session_id\":\"ABCDEF00-0000-0000-0000-000000000001\"}").status == 200);
  BOOST_TEST(listener.last_seen().id->text() == "abcdef00-0000-0000-0000-000000000001");
}

BOOST_AUTO_TEST_CASE(ignored_webhooks_are_answered_and_not_stored) {
  FollowOptions options = without_rate_limit();
  options.unknown_sessions = UnknownSessions::ignore;
  RunningListener listener({}, {}, options);
  BOOST_TEST(listener.post(webhook_for(1)).status == 200);
  BOOST_TEST(listener.last_seen().result == "ignored");
  BOOST_TEST(stored_for(listener, 1) == 0U);
}

/// With a SQLite store, whose callbacks come through the loop as in the daemon.
BOOST_AUTO_TEST_CASE(an_answered_webhook_is_in_the_database) {
  const TempDir dir;
  boost::asio::io_context loop{1};
  const auto work = boost::asio::make_work_guard(loop);
  SqliteOptions options;
  options.path = dir / "db";
  options.post = [&](std::function<void()> job) { boost::asio::post(loop, std::move(job)); };
  options.on_failure = [](const Error& error) { throw std::runtime_error(error.message); };
  auto opened = open_sqlite_store(std::move(options));
  const std::unique_ptr<Store> store = std::move(opened->store);
  opened->recovery.reset();
  FakeClock clock;
  FakeUpstream upstream{clock};
  FakeAlarm alarm;
  RecordingObserver observer;
  const auto follower = make_follower({}, {}, {clock, *store, upstream, alarm, observer}, 1);
  WebhookListener listener({loop, clock, *follower, observer}, {}, {});
  listener.serve(std::get<int>(net::listen_unix(dir / "socket", 0600, "")));
  std::thread thread([&] { loop.run(); });
  Client client(dir / "socket");
  client.send(RunningListener::request(webhook_for(7)));
  BOOST_TEST(client.read_until(kAccepted).starts_with("HTTP/1.1 200 "));
  std::promise<WebhookPage> listed;
  store->webhooks({}, [&](Result<WebhookPage> page) { listed.set_value(*page); });
  const WebhookPage page = listed.get_future().get();
  boost::asio::post(loop, [&] {
    listener.stop();
    loop.stop();
  });
  thread.join();
  store->close();
  BOOST_REQUIRE(page.webhooks.size() == 1U);
  BOOST_TEST(page.webhooks.front().id.text() == id_of(7).text());
  BOOST_TEST(page.webhooks.front().bytes == webhook_for(7).size());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
