// Webhooks that are taken: durable first, then answered.
#include <boost/test/unit_test.hpp>
#include <set>

#include "bankconnect/store.hpp"
#include "tests/unit/webhook/running_listener.hpp"

namespace bankconnect::test {
namespace {

std::uint64_t hints_of(RunningListener& listener, std::uint32_t session) {
  return listener.on_loop_get<std::uint64_t>([&] {
    std::uint64_t count = 0;
    for (const auto& [key, times] : listener.world.store.hints)
      count += key.first == id_of(session) ? static_cast<std::uint64_t>(times) : 0;
    return count;
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(listener)

BOOST_AUTO_TEST_CASE(a_webhook_is_answered_only_once_it_is_durable) {
  RunningListener listener;
  Client client(listener.path);
  client.send(RunningListener::request(webhook_for(1)));
  BOOST_REQUIRE(listener.comes_to_wait(1));
  BOOST_TEST(!client.readable(50));
  listener.commit();
  BOOST_TEST(client.read_until(kAccepted).starts_with("HTTP/1.1 200 "));
}

BOOST_AUTO_TEST_CASE(the_answer_is_the_contracts) {
  RunningListener listener;
  const WebhookAnswer answer = listener.post(webhook_for(1));
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.body == kAccepted);
  BOOST_TEST(answer.head.find("Content-Type: application/json\r\n") != std::string::npos, answer.head);
  BOOST_TEST(answer.head.find("\r\nDate: ") != std::string::npos, answer.head);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_stored_is_503) {
  RunningListener listener;
  listener.on_loop([&] { listener.world.store.refusing = true; });
  const WebhookAnswer answer = listener.post(webhook_for(1));
  BOOST_TEST(answer.status == 503);
  BOOST_TEST(answer.body.find("STORE_UNAVAILABLE") != std::string::npos, answer.body);
  BOOST_TEST(listener.last_seen().status == 503);
  BOOST_TEST(listener.last_seen().result == "STORE_UNAVAILABLE");
}

BOOST_AUTO_TEST_CASE(the_same_body_again_is_accepted_and_counted) {
  RunningListener listener;
  BOOST_TEST(listener.post(webhook_for(1)).status == 200);
  const WebhookAnswer again = listener.post(webhook_for(1));
  BOOST_TEST(again.status == 200);
  BOOST_TEST(again.body == kAccepted);
  BOOST_TEST(listener.last_seen().result == "duplicate");
  BOOST_TEST(hints_of(listener, 1) == 2U);
}

BOOST_AUTO_TEST_CASE(an_unknown_event_name_is_kept) {
  RunningListener listener;
  BOOST_TEST(listener.post(webhook_for(1, "something_new")).status == 200);
  BOOST_TEST(listener.last_seen().event_name == "something_new");
  BOOST_TEST(hints_of(listener, 1) == 1U);
}

BOOST_AUTO_TEST_CASE(what_came_is_noted_with_its_size_and_hash) {
  RunningListener listener;
  listener.post(webhook_for(1));
  const WebhookSeen seen = listener.last_seen();
  BOOST_TEST(seen.status == 200);
  BOOST_TEST(seen.result == "kept");
  BOOST_TEST(seen.id->text() == id_of(1).text());
  BOOST_TEST(seen.bytes == webhook_for(1).size());
  BOOST_TEST(std::set<std::uint8_t>(seen.sha256.begin(), seen.sha256.end()).size() > 4U);
}

BOOST_AUTO_TEST_CASE(a_followed_session_is_asked_about_at_once) {
  RunningListener listener;
  listener.on_loop([&] {
    listener.world.submit({id_of(1)});
    listener.world.follower->run();
    listener.world.answer(upload(UploadStatus::in_progress));
  });
  const auto asked = [&] {
    return listener.on_loop_get<std::size_t>([&] {
      listener.world.pass(std::chrono::seconds(1));
      return listener.world.upstream.log.size();
    });
  };
  const std::size_t before = asked();
  BOOST_TEST(listener.post(webhook_for(1)).status == 200);
  BOOST_TEST(asked() == before + 1);
}

BOOST_AUTO_TEST_CASE(webhooks_are_answered_while_upstream_is_down) {
  RunningListener listener;
  listener.on_loop([&] {
    listener.world.submit({id_of(1)});
    listener.world.follower->run();  // a question that is never answered
  });
  BOOST_TEST(listener.post(webhook_for(1)).status == 200);
  BOOST_TEST(listener.last_seen().result == "accepted");
}

BOOST_AUTO_TEST_CASE(several_webhooks_wait_for_one_commit) {
  RunningListener listener;
  std::vector<std::unique_ptr<Client>> clients;
  for (std::uint32_t i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<Client>(listener.path));
    clients.back()->send(RunningListener::request(webhook_for(i)));
  }
  BOOST_REQUIRE(listener.comes_to_wait(20));
  listener.commit();
  for (const auto& client : clients)
    BOOST_TEST(client->read_until(kAccepted).starts_with("HTTP/1.1 200 "));
}

BOOST_AUTO_TEST_CASE(one_connection_brings_one_webhook_after_another) {
  RunningListener listener;
  Client client(listener.path);
  for (std::uint32_t i = 0; i < 3; ++i) {
    client.send(RunningListener::request(webhook_for(i)));
    BOOST_TEST(listener.answer_to(client).status == 200);
  }
}

BOOST_AUTO_TEST_CASE(a_sender_that_goes_away_has_handed_in_its_webhook_all_the_same) {
  RunningListener listener;
  {
    Client client(listener.path);
    client.send(RunningListener::request(webhook_for(1)));
    BOOST_REQUIRE(listener.comes_to_wait(1));
  }
  listener.commit();
  BOOST_TEST(hints_of(listener, 1) == 1U);
}

BOOST_AUTO_TEST_CASE(an_id_in_capital_letters_names_the_same_session) {
  RunningListener listener;
  BOOST_TEST(listener.post("{\"session_id\":\"ABCDEF00-0000-0000-0000-000000000001\"}").status == 200);
  BOOST_TEST(listener.last_seen().id->text() == "abcdef00-0000-0000-0000-000000000001");
}

BOOST_AUTO_TEST_CASE(ignored_webhooks_are_answered_and_not_kept) {
  Policy policy;
  policy.unknown_sessions = UnknownSessions::ignore;
  RunningListener listener({}, policy);
  BOOST_TEST(listener.post(webhook_for(1)).status == 200);
  BOOST_TEST(listener.last_seen().result == "ignored");
  BOOST_TEST(hints_of(listener, 1) == 0U);
}

/// As in the daemon: what the store says comes through the loop.
BOOST_AUTO_TEST_CASE(an_answered_webhook_is_in_the_database) {
  const TempDir dir;
  boost::asio::io_context loop{1};
  const auto work = boost::asio::make_work_guard(loop);
  StoreOptions options;
  options.path = dir / "db";
  options.post = [&](std::function<void()> job) { boost::asio::post(loop, std::move(job)); };
  options.on_failure = [](const Error& error) { throw std::runtime_error(error.message); };
  auto opened = Store::open(std::move(options));
  const std::unique_ptr<Store> store = std::move(*opened);
  FakeClock clock;
  FakeUpstream upstream{clock};
  FakeAlarm alarm;
  RecordingObserver observer;
  Follower follower({}, {}, Follower::World{clock, *store, upstream, alarm, observer}, 1);
  WebhookListener listener({loop, clock, follower, observer}, {});
  listener.serve(std::get<int>(net::listen_unix(dir / "socket", 0600, "")));
  std::thread thread([&] { loop.run(); });
  Client client(dir / "socket");
  client.send(RunningListener::request(webhook_for(7)));
  BOOST_TEST(client.read_until(kAccepted).starts_with("HTTP/1.1 200 "));
  std::promise<HintPage> listed;
  store->hints({}, [&](Result<HintPage> page) { listed.set_value(*page); });
  const HintPage page = listed.get_future().get();
  boost::asio::post(loop, [&] {
    listener.stop();
    loop.stop();
  });
  thread.join();
  store->close();
  BOOST_REQUIRE(page.hints.size() == 1U);
  BOOST_TEST(page.hints.front().id.text() == id_of(7).text());
  BOOST_TEST(page.hints.front().bytes == webhook_for(7).size());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
