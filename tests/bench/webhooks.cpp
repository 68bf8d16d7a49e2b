// From a webhook's last byte to initiate_processing on the wire, every webhook durable first; and how many
// commits a flood of hints costs. Prints; asserts only that nothing acknowledged is missing.
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>

#include "src/ctl/client.hpp"
#include "tests/bench/instant_upstream.hpp"
#include "tests/bench/steady_sender.hpp"
#include "tests/integration/processes.hpp"
#include "tests/integration/wire.hpp"

namespace {

using namespace bankconnect;
using namespace bankconnect::bench;
namespace json = boost::json;

constexpr const char* kSecret = "bench-secret";

double ms(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

void print(const char* what, std::vector<double> values) {
  if (values.empty()) return std::printf("  %-44s none\n", what), void();
  std::ranges::sort(values);
  const auto at = [&](double part) {
    return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
  };
  std::printf("  %-44s p50 %7.2f  p90 %7.2f  p99 %7.2f  p99.9 %7.2f  most %7.2f ms\n", what, at(0.5), at(0.9),
              at(0.99), at(0.999), values.back());
}

std::string body_of(const std::string& id, std::size_t number) {
  return "{\"event_name\":\"SESSION_REQUIREMENT_COMPLETION_NOTIFICATION\",\"session_id\":\"" + id +
         "\",\"link_id\":\"loan-" + std::to_string(number) +
         "\",\"message\":\"Upload Completed\",\"accounts\":[{\"account_id\":\"94debf26-a6f3-43d4-8ec3-"
         "18633786ff61\",\"account_number\":\"XXXXXXXXXXX9430\",\"bank_name\":\"axis\",\"account_status\":"
         "\"COMPLETED\",\"months\":[\"2026-05\",\"2026-06\",\"2026-07\",\"2026-08\",\"2026-09\",\"2026-10\"],"
         "\"missing_data\":[],\"statements\":[{\"statement_id\":\"d4b59c79-9dbc-427b-a1f2-c052f13cd6fa\","
         "\"statement_status\":\"completed\",\"error_code\":null,\"source\":\"pdf\"}]}]}";
}

/// The daemon with its sessions handed in, each asked about once, and quiet again.
class Daemon {
 public:
  Daemon(const std::string& program, InstantUpstream& upstream, std::size_t sessions) {
    test::write_file(folder_ / "api-key", "key\n");
    test::write_file(folder_ / "server-hash", "hash\n");
    test::write_file(folder_ / "secret", std::string(kSecret) + "\n");
    test::write_file(folder_ / "config.toml",
                     "upstream.base_url = \"" + upstream.base_url() +
                         "\"\nupstream.max_requests_per_second = 0\npolling.upload_interval_min = \"10m\"\n"
                         "polling.upload_interval_max = \"10m\"\nlog.level = \"warning\"\n"
                         "webhook.secret_file = \"secret\"\nwebhook.listen = \"" +
                         port_.address() + "\"\nstore.path = \"" + (folder_ / "db").string() +
                         "\"\ncontrol.socket = \"" + (folder_ / "socket").string() + "\"\nstatus.dir = \"" +
                         (folder_ / "status").string() + "\"\n");
    process_ = std::make_unique<test::Process>(
        program, std::vector<std::string>{"--config", folder_ / "config.toml"}, folder_ / "log");
    const auto answers = [this] {
      try {
        return client().request("GET", "/v1/status").status == 200;
      } catch (const ctl::NoConnection&) {
        return false;
      }
    };
    if (!test::eventually(answers)) throw std::runtime_error(test::read_file(folder_ / "log"));
    std::string ids;
    for (std::size_t i = 0; i < sessions; ++i)
      ids += session_id(i) + "\n";
    client().request("POST", "/v1/sessions", "text/plain", ids);
    const auto quiet = [&] { return upstream.asked() >= sessions; };
    if (!test::eventually(quiet, std::chrono::seconds(60)))
      throw std::runtime_error("not all were asked about");
    // A hint waits until its session's last question is a second old.
    test::eventually([] { return false; }, std::chrono::milliseconds(2500));
  }

  const std::string& listener() const { return listener_; }
  /// As fresh as the monitor's second.
  json::object store() const {
    test::eventually([] { return false; }, std::chrono::milliseconds(2200));
    return json::parse(client().request("GET", "/v1/status").body).at("store").as_object();
  }
  double cpu_seconds() const {
    std::ifstream in("/proc/" + std::to_string(process_->pid()) + "/stat");
    std::string word;
    double ticks = 0;
    for (int i = 1; i <= 15 && in >> word; ++i)
      ticks += i >= 14 ? std::stod(word) : 0;
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
  }
  /// Kills it, and reads who it has a webhook of, and how many webhooks it has in all.
  std::pair<std::set<std::string>, std::size_t> kill_and_read() {
    process_->signal(SIGKILL);
    process_->wait();
    std::pair<std::set<std::string>, std::size_t> out;
    sqlite3* db = nullptr;
    sqlite3_open((folder_ / "db").c_str(), &db);
    const auto row = [](void* to, int, char** values, char**) {
      auto* result = static_cast<std::pair<std::set<std::string>, std::size_t>*>(to);
      result->first.insert(values[0]);
      ++result->second;
      return 0;
    };
    sqlite3_exec(db, "SELECT lower(hex(id)) FROM webhooks", row, &out, nullptr);
    sqlite3_close(db);
    return out;
  }

 private:
  ctl::Client client() const { return ctl::Client((folder_ / "socket").string()); }

  test::Folder folder_;
  test::ReservedPort port_;
  std::string listener_ = port_.address();
  std::unique_ptr<test::Process> process_;
};

std::string without_dashes(std::string id) {
  std::erase(id, '-');
  return id;
}

void print_store(const json::object& before, const json::object& after) {
  std::printf("  %-44s %lld commits; of the last ones p50 %lld ms, p99 %lld ms\n", "the daemon's store",
              static_cast<long long>(after.at("commits").to_number<std::int64_t>() -
                                     before.at("commits").to_number<std::int64_t>()),
              static_cast<long long>(after.at("commit_p50_ms").to_number<std::int64_t>()),
              static_cast<long long>(after.at("commit_p99_ms").to_number<std::int64_t>()));
}

void print_disk() {
  const test::Folder folder;
  std::FILE* file = std::fopen((folder / "probe").c_str(), "wb");
  const std::vector<char> page(8192, 'x');
  std::vector<double> took;
  for (int i = 0; i < 300; ++i) {
    const auto begin = Clock::now();
    std::fwrite(page.data(), 1, page.size(), file);
    std::fflush(file);
    ::fdatasync(::fileno(file));
    took.push_back(ms(Clock::now() - begin));
  }
  std::fclose(file);
  print("this disk: 8 KiB written and synced", took);
}

int initiate_after_webhook(const std::string& program, double per_second, std::size_t seconds) {
  const auto count = static_cast<std::size_t>(per_second * static_cast<double>(seconds));
  InstantUpstream upstream(count);
  Daemon daemon(program, upstream, count);
  const json::object before = daemon.store();
  const double cpu = daemon.cpu_seconds();
  std::printf("%.0f webhooks a second for %zu s, each of another session:\n", per_second, seconds);
  Load load;
  load.host_port = daemon.listener();
  load.secret = kSecret;
  load.count = count;
  load.per_second = per_second;
  load.connections = 32;
  load.body = [](std::size_t i) { return body_of(session_id(i), i); };
  load.before = [&upstream](std::size_t i) { upstream.complete(i); };
  const std::vector<Sent> all = send_steadily(load);
  test::eventually([&] { return upstream.initiated() >= count; }, std::chrono::seconds(15));

  std::vector<double> late;
  std::vector<double> answered;
  std::vector<double> initiated;
  std::set<std::string> acknowledged;
  for (const Sent& one : all) {
    late.push_back(ms(one.sent - one.due));
    if (one.status != 200) continue;
    answered.push_back(ms(one.answered - one.sent));
    acknowledged.insert(without_dashes(session_id(one.number)));
    const auto at = upstream.initiated_at(one.number);
    if (at.time_since_epoch().count() != 0) initiated.push_back(ms(at - one.sent));
  }
  print("webhook's last byte to initiate at upstream", initiated);
  print("webhook's last byte to its 200", answered);
  print("sent later than planned (the sender is late)", late);
  print_store(before, daemon.store());
  std::printf("  %-44s %.0f %% of a core\n", "the daemon's processor time",
              100.0 * (daemon.cpu_seconds() - cpu) / static_cast<double>(seconds));
  const auto [stored, rows] = daemon.kill_and_read();
  std::size_t lost = 0;
  for (const std::string& id : acknowledged)
    lost += stored.contains(id) ? 0 : 1;
  std::printf("  %zu sent, %zu answered 200, %zu initiated, %llu wrongly; after kill -9 %zu rows, %zu lost\n",
              all.size(), acknowledged.size(), initiated.size(),
              static_cast<unsigned long long>(upstream.wrong()), rows, lost);
  return lost == 0 && upstream.wrong() == 0 ? 0 : 1;
}

void flood(const std::string& program, double per_second, std::size_t seconds, std::size_t sessions) {
  const auto count = static_cast<std::size_t>(per_second * static_cast<double>(seconds));
  InstantUpstream upstream(sessions);
  Daemon daemon(program, upstream, sessions);
  const json::object before = daemon.store();
  const std::uint64_t asked = upstream.asked();
  const double cpu = daemon.cpu_seconds();
  std::printf("%.0f hints a second for %zu s, all different, for %zu sessions:\n", per_second, seconds,
              sessions);
  Load load;
  load.host_port = daemon.listener();
  load.secret = kSecret;
  load.count = count;
  load.per_second = per_second;
  load.connections = 200;
  load.body = [sessions](std::size_t i) { return body_of(session_id(i % sessions), i); };
  const auto begin = Clock::now();
  const std::vector<Sent> all = send_steadily(load);
  const double took = ms(Clock::now() - begin) / 1000.0;
  std::vector<double> answered;
  std::vector<double> late;
  for (const Sent& one : all) {
    late.push_back(ms(one.sent - one.due));
    if (one.status == 200) answered.push_back(ms(one.answered - one.sent));
  }
  print("webhook's last byte to its 200", answered);
  print("sent later than planned (no connection free)", late);
  std::printf("  %-44s %zu in %.1f s = %.0f a second\n", "answered 200", answered.size(), took,
              static_cast<double>(answered.size()) / took);
  print_store(before, daemon.store());
  std::printf("  %-44s %.0f %% of a core\n", "the daemon's processor time",
              100.0 * (daemon.cpu_seconds() - cpu) / took);
  std::printf("  %-44s %llu, for one session at least %.0f ms apart\n", "questions to upstream",
              static_cast<unsigned long long>(upstream.asked() - asked), ms(upstream.closest()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::fprintf(stderr, "usage: bench-webhooks BANKCONNECTD [SECONDS] [PER_SECOND]\n");
    return 2;
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::size_t seconds = argc > 2 ? std::stoul(argv[2]) : 20;
  const double per_second = argc > 3 ? std::stod(argv[3]) : 200;
  print_disk();
  const int code = initiate_after_webhook(argv[1], per_second, seconds);
  flood(argv[1], 5000, 5, 500);
  return code;
}
