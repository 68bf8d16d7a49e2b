// Stored payloads, read by many at once and by some who are slow.
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <optional>

#include "src/control/payload_room.hpp"
#include "tests/unit/control/running_control.hpp"

namespace bankconnect::test {
namespace {

constexpr std::size_t kMiB = 1 << 20;

/// Room for two payloads of 2 MiB being read at once, not for three.
struct Crowd : RunningControl {
  Crowd() : RunningControl({}, std::chrono::seconds(60), 5 * kMiB) {
    store(1, 2 * kMiB);
    store(2, 20 * kMiB);
  }

  /// `damaged`: a size is kept with it that it does not have.
  void store(std::uint32_t number, std::size_t size, std::uint64_t damaged = 0) {
    submit_id(uuid(number));
    SessionWrite write;
    write.id = *SessionId::parse(uuid(number));
    write.kept.state = State::enriched;
    write.kept.final = true;
    write.kept.submitted_at = write.kept.since = Wall(std::chrono::hours(400'000));
    Payload payload = pack(std::string(size, 'x'), Wall(std::chrono::hours(1)));
    if (damaged != 0) payload.bytes = damaged;
    write.payload = std::make_shared<const Payload>(std::move(payload));
    write.payload_kind = Call::insights;
    this->write(std::move(write));
  }
  static std::string insights(std::uint32_t number) { return "/v1/sessions/" + uuid(number) + "/insights"; }

  /// Reads the header and leaves the body where it is.
  void begin_reading(Client& client, std::uint32_t number) {
    client.send(raw("GET", insights(number)));
    BOOST_TEST_REQUIRE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
  }
  /// Until a connection that was closed is gone on this side, too.
  void wait_for_connections(std::uint32_t count) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (connections() != count && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    BOOST_TEST_REQUIRE(connections() == count);
  }
  void there_is_no_room(std::uint32_t number) {
    const HttpAnswer answer = get(insights(number));
    BOOST_TEST(answer.status == 503);
    BOOST_TEST(answer.error_code() == "OVERLOADED");
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(payloads, Crowd)

BOOST_AUTO_TEST_CASE(who_comes_when_slow_readers_hold_all_the_room_is_told_to_come_again) {
  Client first(path);
  Client second(path);
  begin_reading(first, 1);
  begin_reading(second, 1);
  there_is_no_room(1);
  BOOST_TEST(get("/v1/sessions/" + uuid(1)).status == 200);
  BOOST_TEST(first.read_all().size() == 2 * kMiB);
  BOOST_TEST(get(insights(1)).status == 200);
}

BOOST_AUTO_TEST_CASE(a_reader_who_goes_away_gives_his_part_back) {
  for (int i = 0; i < 5; ++i) {
    Client first(path);
    Client second(path);
    begin_reading(first, 1);
    begin_reading(second, 1);
    there_is_no_room(1);
    first.close();
    second.close();
    wait_for_connections(0);
  }
  BOOST_TEST(get(insights(1)).status == 200);
}

BOOST_AUTO_TEST_CASE(one_larger_than_all_the_room_is_let_through_when_nobody_else_reads) {
  {
    Client other(path);
    begin_reading(other, 1);
    there_is_no_room(2);
  }
  wait_for_connections(0);
  Client client(path);
  begin_reading(client, 2);
  there_is_no_room(1);
  BOOST_TEST(client.read_all().size() == 20 * kMiB);
  BOOST_TEST(get(insights(1)).status == 200);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_unpacked_takes_no_room_for_good) {
  store(3, 100, 4 * kMiB);
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(get(insights(3)).error_code() == "PAYLOAD_DAMAGED");
  Client client(path);
  begin_reading(client, 1);
  BOOST_TEST(get(insights(1)).status == 200);
}

BOOST_AUTO_TEST_CASE(many_who_read_what_they_ask_for_all_get_it) {
  for (int i = 0; i < 20; ++i)
    BOOST_TEST(get(insights(1)).body.size() == 2 * kMiB);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(payload_room)

BOOST_AUTO_TEST_CASE(a_part_is_given_back_once_and_may_outlive_the_room) {
  std::optional<control::PayloadRoom> room(10);
  auto part = room->take(6);
  BOOST_TEST_REQUIRE(part.has_value());
  {
    const auto moved = std::move(*part);
    BOOST_TEST(!room->take(5).has_value());
    BOOST_TEST(room->take(4).has_value());
  }
  part.reset();
  BOOST_TEST(room->take(10).has_value());
  const auto last = room->take(UINT64_MAX);
  BOOST_TEST(last.has_value());
  BOOST_TEST(!room->take(1).has_value());
  room.reset();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
