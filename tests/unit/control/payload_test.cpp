// The memory budget for stored payloads that are being sent.
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <optional>

#include "src/control/memory_budget.hpp"
#include "tests/unit/control/running_control.hpp"

namespace bankconnect::test {
namespace {

constexpr std::size_t kMiB = 1 << 20;

/// Session 1 has a payload of 2 MiB, session 2 one of 20 MiB. The budget is enough for session 1's payload
/// twice, not three times.
struct SmallPayloadBudget : RunningControl {
  SmallPayloadBudget() : RunningControl(std::chrono::seconds(60), 5 * kMiB) {
    store_payload(1, 2 * kMiB);
    store_payload(2, 20 * kMiB);
  }

  /// `wrong_size`: stored as the payload's size in place of the right one.
  void store_payload(std::uint32_t number, std::size_t size,
                     std::optional<std::uint64_t> wrong_size = std::nullopt) {
    submit_id(uuid(number));
    SessionWrite write;
    write.id = *SessionId::parse(uuid(number));
    write.durable.state = State::enriched;
    write.durable.final = true;
    write.durable.since = Wall(std::chrono::hours(400'000));
    Payload payload = pack(std::string(size, 'x'), Wall(std::chrono::hours(1)));
    if (wrong_size) payload.bytes = *wrong_size;
    write.payload(Call::insights) = std::make_shared<const Payload>(std::move(payload));
    this->write(std::move(write));
  }
  static std::string insights(std::uint32_t number) { return "/v1/sessions/" + uuid(number) + "/insights"; }

  /// Reads the header and leaves the body unread.
  void begin_reading(Client& client, std::uint32_t number) {
    client.send(raw("GET", insights(number)));
    BOOST_TEST_REQUIRE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
  }
  void expect_overloaded(std::uint32_t number) {
    const HttpResponse response = get(insights(number));
    BOOST_TEST(response.status == 503);
    BOOST_TEST(response.error_code() == "OVERLOADED");
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(payloads, SmallPayloadBudget)

BOOST_AUTO_TEST_CASE(a_read_beyond_the_budget_is_503_until_a_slow_client_has_read_its_payload) {
  Client first(path);
  Client second(path);
  begin_reading(first, 1);
  begin_reading(second, 1);
  expect_overloaded(1);
  BOOST_TEST(get("/v1/sessions/" + uuid(1)).status == 200);
  BOOST_TEST(first.read_all().size() == 2 * kMiB);
  BOOST_TEST(get(insights(1)).status == 200);
}

BOOST_AUTO_TEST_CASE(a_client_that_closes_early_frees_its_part_of_the_budget) {
  for (int i = 0; i < 5; ++i) {
    Client first(path);
    Client second(path);
    begin_reading(first, 1);
    begin_reading(second, 1);
    expect_overloaded(1);
    first.close();
    second.close();
    BOOST_TEST_REQUIRE(reaches_connections(0));
  }
  BOOST_TEST(get(insights(1)).status == 200);
}

BOOST_AUTO_TEST_CASE(a_payload_larger_than_the_budget_is_sent_when_no_other_is_being_sent) {
  {
    Client other(path);
    begin_reading(other, 1);
    expect_overloaded(2);
  }
  BOOST_TEST_REQUIRE(reaches_connections(0));
  Client client(path);
  begin_reading(client, 2);
  expect_overloaded(1);
  BOOST_TEST(client.read_all().size() == 20 * kMiB);
  BOOST_TEST(get(insights(1)).status == 200);
}

BOOST_AUTO_TEST_CASE(a_payload_that_cannot_be_decompressed_frees_its_part_of_the_budget) {
  store_payload(3, 100, 4 * kMiB);
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(get(insights(3)).error_code() == "PAYLOAD_DAMAGED");
  Client client(path);
  begin_reading(client, 1);
  BOOST_TEST(get(insights(1)).status == 200);
}

BOOST_AUTO_TEST_CASE(reads_one_after_another_are_never_refused) {
  for (int i = 0; i < 20; ++i)
    BOOST_TEST(get(insights(1)).body.size() == 2 * kMiB);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(memory_budget)

BOOST_AUTO_TEST_CASE(a_reservation_is_released_once_with_its_last_owner_and_may_outlive_the_budget) {
  std::optional<control::MemoryBudget> budget(10);
  auto first = budget->reserve(6);
  BOOST_TEST_REQUIRE((first != nullptr));
  {
    const std::shared_ptr<void> second = std::move(first);
    BOOST_TEST((budget->reserve(5) == nullptr));
    BOOST_TEST((budget->reserve(4) != nullptr));
  }
  first.reset();
  BOOST_TEST((budget->reserve(10) != nullptr));
  const auto last = budget->reserve(UINT64_MAX);
  BOOST_TEST((last != nullptr));
  BOOST_TEST((budget->reserve(1) == nullptr));
  budget.reset();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
