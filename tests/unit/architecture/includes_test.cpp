// Arrows between rooms point one way: daemon → the shell's rooms → follow → statemachine.
#include <boost/test/unit_test.hpp>
#include <map>
#include <optional>
#include <regex>
#include <set>

#include "tests/unit/architecture/sources.hpp"

namespace bankconnect::test {

namespace {

using Rooms = std::set<std::string>;

/// What a room may use besides itself.
const std::map<std::string, Rooms>& allowed() {
  static const std::map<std::string, Rooms> table = {
      {"statemachine", {}},
      {"follow", {"statemachine"}},
      {"payload", {"statemachine", "follow"}},
      {"view", {"statemachine", "follow"}},
      {"net", {"statemachine", "follow"}},
      {"store", {"statemachine", "follow"}},
      {"upstream", {"statemachine", "follow", "payload"}},
      {"control", {"statemachine", "follow", "payload", "view", "net"}},
      {"webhook", {"statemachine", "follow", "view", "net"}},
      {"monitor", {"statemachine", "follow", "view"}},
      {"daemon",
       {"statemachine", "follow", "payload", "view", "net", "store", "upstream", "control", "webhook",
        "monitor", "version"}},
      {"ctl", {"version"}},
      {"sandbox", {}},
      {"version", {}},
  };
  return table;
}

/// Which room a door in include/bankconnect/ belongs to.
const std::map<std::string, std::string>& doors() {
  static const std::map<std::string, std::string> table = {
      {"archive", "follow"},  {"clock", "follow"},    {"error", "follow"},    {"follow", "follow"},
      {"log", "follow"},      {"ports", "follow"},    {"records", "follow"},  {"payload", "payload"},
      {"view", "view"},       {"http_server", "net"}, {"store", "store"},     {"upstream", "upstream"},
      {"control", "control"}, {"webhook", "webhook"}, {"awaited", "net"},     {"monitor", "monitor"},
      {"config", "daemon"},   {"daemon", "daemon"},   {"version", "version"},
  };
  return table;
}

std::optional<std::string> room_of(const std::string& path) {
  std::smatch match;
  if (path.starts_with("statemachine/")) return "statemachine";
  if (std::regex_match(path, match, std::regex("src/([a-z]+)/.*"))) return match[1].str();
  if (std::regex_match(path, match, std::regex("(?:include/)?bankconnect/([a-z_]+)\\.hpp(\\.in)?"))) {
    const auto door = doors().find(match[1].str());
    return door == doors().end() ? "a door nobody knows" : door->second;
  }
  return std::nullopt;
}

std::vector<std::string> included(const Source& source) {
  static const std::regex pattern("#include [<\"]([^>\"]+)[>\"].*");
  std::vector<std::string> out;
  for (const std::string& line : source.lines) {
    std::smatch match;
    if (std::regex_match(line, match, pattern)) out.push_back(match[1].str());
  }
  return out;
}

std::vector<Source> all_code() {
  return sources({"statemachine", "src", "include"}, {".hpp", ".cpp"});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(includes)

BOOST_AUTO_TEST_CASE(a_room_uses_only_the_rooms_below_it) {
  for (const Source& source : all_code()) {
    const auto room = room_of(source.path);
    BOOST_TEST_REQUIRE(room.has_value(), source.path);
    BOOST_TEST_REQUIRE(allowed().contains(*room), source.path << " is in " << *room);
    for (const std::string& path : included(source)) {
      const auto used = room_of(path);
      if (!used || *used == *room) continue;
      BOOST_TEST(allowed().at(*room).contains(*used), source.path << " (" << *room << ") includes " << path);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_room_is_entered_by_its_door_only) {
  for (const Source& source : all_code()) {
    const auto room = room_of(source.path);
    for (const std::string& path : included(source)) {
      if (!path.starts_with("src/")) continue;
      BOOST_TEST((room_of(path) == room), source.path << " includes " << path);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_rules_use_the_standard_library_only) {
  for (const Source& source : sources({"statemachine"}, {".hpp", ".cpp"})) {
    for (const std::string& path : included(source)) {
      const bool own = path.starts_with("statemachine/");
      BOOST_TEST((own || path.find('/') == std::string::npos), source.path << " includes " << path);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_follower_knows_no_sockets_no_json_and_no_database) {
  for (const Source& source : sources({"src/follow"}, {".hpp", ".cpp"})) {
    for (const std::string& path : included(source)) {
      for (const std::string forbidden : {"boost/asio", "boost/beast", "boost/json", "sqlite3"}) {
        BOOST_TEST(!path.starts_with(forbidden), source.path << " includes " << path);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(beast_stays_inside_a_few_files) {
  const std::set<std::string> behind_doors = {"src/net/boost_beast.cpp", "src/net/http_session.hpp",
                                              "src/net/wire.cpp", "src/upstream/connection.cpp",
                                              "src/ctl/client.cpp"};
  for (const Source& source : all_code()) {
    if (source.path.starts_with("src/sandbox/")) continue;
    for (const std::string& path : included(source)) {
      if (path.starts_with("boost/beast")) BOOST_TEST(behind_doors.contains(source.path), source.path);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
