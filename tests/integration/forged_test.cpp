// A flood of forged webhooks: valid in form, false in content, with and without the right secret.
#include <algorithm>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <map>
#include <thread>

#include "tests/integration/webhook_world.hpp"

namespace bankconnect::test {

namespace {

constexpr int kFollowed = 50;
constexpr int kSenders = 10;
// Under a sanitizer everything takes several times as long.
constexpr int kForged = std::string_view(BANKCONNECT_SANITIZED).empty() ? 10'000 : 2'000;
constexpr int kUnknownFrom = 1000;
constexpr double kJitterMs = 200.0;

/// A well-formed body with a false event, for a followed session or an unknown one.
std::string forged_body(int number) {
  static const std::vector<std::string> events = {"SESSION_REQUIREMENT_COMPLETION_NOTIFICATION",
                                                  "ENRICHMENT_NOTIFICATION", "SESSION_EXPIRY_NOTIFICATION",
                                                  "SESSION_COMPLETION_NOTIFICATION"};
  const bool unknown = number % 10 == 9;
  const int session = unknown ? kUnknownFrom + number : 1 + number % kFollowed;
  return webhook_body(
      session_id(session), events[static_cast<std::size_t>(number) % events.size()],
      ",\"session_progress\":\"completed\",\"insights_available\":true,\"number\":" + std::to_string(number));
}

double shortest_gap(const std::vector<double>& times) {
  double shortest = 1e9;
  for (std::size_t i = 1; i < times.size(); ++i)
    shortest = std::min(shortest, times[i] - times[i - 1]);
  return shortest;
}

std::int64_t resident_bytes(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/statm");
  std::int64_t whole = 0;
  std::int64_t resident = 0;
  in >> whole >> resident;
  return resident * 4096;
}

std::ptrdiff_t open_descriptors(pid_t pid) {
  const std::filesystem::directory_iterator all("/proc/" + std::to_string(pid) + "/fd");
  return std::distance(begin(all), end(all));
}

struct ForgedWorld : WebhookWorld {
  ForgedWorld() : WebhookWorld(scenarios()) {
    poll_hourly();
    configure("upstream", "max_connections = 4");
    start_daemon();
    for (int i = 1; i <= kFollowed; ++i)
      submit(session_id(i));
    for (int i = 1; i <= kFollowed; ++i)
      BOOST_TEST_REQUIRE(reaches(session_id(i), "IN_PROGRESS"));
  }

  static std::string scenarios() {
    std::string out;
    for (int i = 1; i <= kFollowed; ++i)
      out += session_entry(session_id(i), "uploading");
    return out + "[scenario.uploading]\nno_uploads = \"0s\"\nin_progress = \"12h\"\nexpires_in = \"1d\"\n";
  }

  /// Sends kForged webhooks, cycling through `secrets`; counts the answers by status.
  std::map<int, int> flood(const std::vector<std::optional<std::string>>& secrets) const {
    std::vector<std::map<int, int>> answers(kSenders);
    std::vector<std::thread> senders;
    for (int sender = 0; sender < kSenders; ++sender) {
      senders.emplace_back([&, sender] {
        HttpClient wire(listener());
        for (int i = sender; i < kForged; i += kSenders) {
          Fields fields;
          const auto& secret = secrets[static_cast<std::size_t>(i / kSenders) % secrets.size()];
          if (secret) fields.emplace_back("x-secret-key", *secret);
          ++answers[static_cast<std::size_t>(sender)][wire.post(kWebhookPath, fields, forged_body(i)).status];
        }
      });
    }
    for (std::thread& sender : senders)
      sender.join();
    std::map<int, int> sum;
    for (const auto& one : answers) {
      for (const auto& [status, count] : one)
        sum[status] += count;
    }
    return sum;
  }

  /// When the stand-in received each call, in ms.
  std::map<std::string, std::vector<double>> calls_by_session() const {
    std::map<std::string, std::vector<double>> out;
    for (const Logged& one : requests()) {
      if (!one.session_id.empty()) out[one.session_id].push_back(static_cast<double>(one.steady_us) / 1000.0);
    }
    return out;
  }
  std::size_t transitions() const {
    const std::string events = request("GET", "/v1/events").body;
    return static_cast<std::size_t>(std::ranges::count(events, '\n'));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(forged, ForgedWorld)

BOOST_AUTO_TEST_CASE(forged_webhooks_cause_no_transition_and_bounded_calls_memory_and_storage) {
  const std::size_t transitions_before = transitions();
  const std::int64_t resident_before = resident_bytes(daemon().pid());
  const std::ptrdiff_t descriptors_before = open_descriptors(daemon().pid());
  const auto answers = flood({kSecret, std::nullopt, "guess", kSecret});

  BOOST_TEST(answers.at(200) == kForged / 2);
  BOOST_TEST(answers.at(401) == kForged / 2);
  BOOST_TEST(answers.size() == 2U);
  // Long enough for every pending hint to be asked about.
  eventually([] { return false; }, 1500ms);

  BOOST_TEST(transitions() == transitions_before);
  for (const Logged& one : requests())
    BOOST_TEST_REQUIRE(one.call == "upload_status");
  std::size_t calls = 0;
  double shortest = 1e9;
  for (const auto& [id, times] : calls_by_session()) {
    // Calls start at least a second apart; the latency to the stand-in varies.
    BOOST_TEST(times.back() - times.front() >= 1000.0 * static_cast<double>(times.size() - 1) - kJitterMs,
               id);
    BOOST_TEST(shortest_gap(times) >= 1000.0 - kJitterMs, id);
    shortest = std::min(shortest, shortest_gap(times));
    calls += times.size();
  }
  BOOST_TEST(calls >= 2U * kFollowed);
  for (const Logged& one : requests())
    BOOST_TEST_REQUIRE(one.session_id <= session_id(kFollowed));

  const std::int64_t grown = resident_bytes(daemon().pid()) - resident_before;
  const std::uintmax_t stored = std::filesystem::file_size(folder / "db");
  BOOST_TEST_MESSAGE("calls: " << calls << ", at least " << shortest << " ms apart; resident memory grew by "
                               << grown / 1024 << " KiB; database: " << stored / 1024 << " KiB");
  BOOST_TEST(stored < 16U << 20);
  BOOST_TEST(webhooks(session_id(1)).size() <= 100U);
  if (std::string_view(BANKCONNECT_SANITIZED).empty()) BOOST_TEST(grown < 32 << 20);
  // The senders' connections are closed; those to upstream may stay open.
  BOOST_TEST(eventually([&] { return open_descriptors(daemon().pid()) <= descriptors_before + 4; }, 5s));
  BOOST_TEST(daemon_log().size() < 4U << 20);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
