#include "tests/integration/world.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <sstream>

namespace bankconnect::test {

namespace json = boost::json;

namespace {

std::string text(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? json::value_to<std::string>(*value) : "";
}

}  // namespace

std::string session_id(int number) {
  std::string digits = std::to_string(number);
  return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

std::string session_entry(const std::string& id, const std::string& scenario) {
  return "[[session]]\nid = \"" + id + "\"\nscenario = \"" + scenario + "\"\n";
}

World::World(const std::string& scenarios) {
  write_file(folder / "scenarios.toml", scenarios);
  write_file(folder / "api-key", "sandbox-api-key\n");
  write_file(folder / "server-hash", "sandbox-server-hash\n");
  write_file(folder / "webhook-secret", "sandbox-webhook-secret\n");
  start_sandbox();
}

void World::start_sandbox() {
  const auto output = folder / "sandbox.log";
  std::filesystem::remove(output);
  sandbox_ = std::make_unique<Process>(
      BANKCONNECT_SANDBOX,
      std::vector<std::string>{"--listen", address_, "--scenario", folder / "scenarios.toml", "--request-log",
                               folder / "requests.log", "--webhook-secret-file", folder / "webhook-secret"},
      output);
  const std::string said = "listening on ";
  BOOST_TEST_REQUIRE(eventually([&] { return read_file(output).find('\n') != std::string::npos; }));
  std::string line = read_file(output);
  line = line.substr(0, line.find('\n'));
  BOOST_TEST_REQUIRE(line.starts_with(said), line);
  base_url_ = line.substr(said.size());
  const auto begin = base_url_.find("127.");
  address_ = base_url_.substr(begin, base_url_.find('/', begin) - begin);
}

void World::write_configuration() {
  std::map<std::string, std::string> sections = extra_;
  sections["upstream"] += "base_url = \"" + base_url_ + "\"\n";
  sections["store"] += "path = \"" + (folder / "db").string() + "\"\n";
  if (sections["control"].find("socket") == std::string::npos) {
    sections["control"] += "socket = \"" + (folder / "socket").string() + "\"\n";
  }
  if (sections["status"].find("dir") == std::string::npos) {
    sections["status"] += "dir = \"" + (folder / "status").string() + "\"\n";
  }
  for (const std::string key : {"progress_interval = \"200ms\"", "upload_interval_min = \"200ms\""}) {
    const std::string name = key.substr(0, key.find(' '));
    if (sections["polling"].find(name) == std::string::npos) sections["polling"] += key + "\n";
  }
  std::string content;
  for (const auto& [section, lines] : sections)
    content += "[" + section + "]\n" + lines;
  write_file(folder / "config.toml", content);
}

void World::start_daemon(const std::map<std::string, std::string>& environment, int webhook_socket) {
  write_configuration();
  std::string program = BANKCONNECTD;
  std::vector<std::string> arguments = {"--config", folder / "config.toml"};
  if (webhook_socket >= 0) {
    // LISTEN_PID has to be the daemon's own process id; exec keeps the shell's.
    const std::string take_over = "LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=webhook exec \"$0\" \"$@\"";
    arguments.insert(arguments.begin(), {"-c", take_over, program});
    program = "/bin/sh";
  }
  daemon_ = std::make_unique<Process>(program, arguments, folder / "daemon.log", environment, webhook_socket);
  const bool answers = eventually([&] {
    if (!daemon_->running()) return true;
    try {
      return request("GET", "/v1/status").status == 200;
    } catch (const ctl::NoConnection&) {
      return false;
    }
  });
  BOOST_TEST_REQUIRE((answers && daemon_->running()), daemon_log());
}

std::string World::start_and_expect_exit(int code) {
  write_configuration();
  std::filesystem::remove(folder / "daemon.log");
  Process process(BANKCONNECTD, {"--config", folder / "config.toml"}, folder / "daemon.log");
  const auto ended = process.wait();
  BOOST_TEST(ended.value_or(-1) == code);
  return daemon_log();
}

void World::kill_daemon() {
  daemon_->signal(SIGKILL);
  BOOST_TEST_REQUIRE(daemon_->wait().has_value());
}

int World::stop_daemon() {
  daemon_->signal(SIGTERM);
  return daemon_->wait().value_or(-1);
}

ctl::Reply World::request(const std::string& method, const std::string& target, const std::string& type,
                          const std::string& body) const {
  return ctl::Client((folder / "socket").string()).request(method, target, type, body);
}

int World::submit(const std::string& id, const std::string& more) {
  return request("POST", "/v1/sessions", "application/json", "{\"session_id\":\"" + id + "\"" + more + "}")
      .status;
}

json::object World::session(const std::string& id) const {
  const ctl::Reply reply = request("GET", "/v1/sessions/" + id);
  BOOST_TEST_REQUIRE(reply.status == 200, reply.body);
  return json::parse(reply.body).as_object();
}

std::string World::state(const std::string& id) const {
  return text(session(id), "state");
}

bool World::reaches(const std::string& id, const std::string& wanted,
                    std::chrono::milliseconds timeout) const {
  return eventually([&] { return state(id) == wanted; }, timeout);
}

std::string World::ending(const std::string& id, std::chrono::milliseconds timeout) const {
  const bool ended = eventually([&] { return session(id).at("final").as_bool(); }, timeout);
  const json::object last = session(id);
  if (!ended) return "not final: " + json::serialize(last);
  std::string out = text(last, "state");
  const std::string detail = text(last, "outcome") + text(last, "reason");
  return detail.empty() ? out : out + " " + detail;
}

json::object World::status() const {
  return json::parse(request("GET", "/v1/status").body).as_object();
}

std::vector<Logged> World::requests() const {
  std::vector<Logged> out;
  std::istringstream in(read_file(folder / "requests.log"));
  for (std::string line; std::getline(in, line);) {
    boost::system::error_code ec;
    const json::value parsed = json::parse(line, ec);
    if (ec) continue;  // an incomplete last line
    const json::object& object = parsed.as_object();
    out.push_back({text(object, "call"), text(object, "session_id"), text(object, "effect"),
                   object.at("steady_us").to_number<std::int64_t>(),
                   object.at("http_status").to_number<int>()});
  }
  return out;
}

int World::initiates(const std::string& id, const std::string& effect) const {
  int count = 0;
  for (const Logged& one : requests()) {
    count += one.call == "initiate" && one.session_id == id && one.effect == effect ? 1 : 0;
  }
  return count;
}

}  // namespace bankconnect::test
