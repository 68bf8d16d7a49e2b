// Includes point one way: daemon, then the shell's modules, then follow, then statemachine.
#include <boost/test/unit_test.hpp>
#include <map>
#include <optional>
#include <regex>
#include <set>

#include "tests/unit/architecture/sources.hpp"

namespace bankconnect::test {

namespace {

using Modules = std::set<std::string>;

/// What a module may include besides its own files. `base` and `statemachine` are open to all modules of the
/// daemon.
const std::map<std::string, Modules>& allowed() {
  static const std::map<std::string, Modules> table = {
      {"statemachine", {}},
      {"base", {}},
      {"payload", {}},
      {"view", {}},
      {"log", {"view"}},
      {"net", {}},
      {"follow", {}},
      {"store_sqlite", {}},
      {"upstream", {"payload", "net"}},
      {"control", {"follow", "payload", "view", "net", "log"}},
      {"webhook", {"follow", "view", "net"}},
      {"monitor", {"follow", "view", "log"}},
      {"daemon",
       {"follow", "payload", "view", "net", "store_sqlite", "upstream", "control", "webhook", "monitor",
        "log", "version"}},
      {"ctl", {"version"}},
      {"sandbox", {}},
      {"version", {}},
  };
  return table;
}

/// These stand for themselves: neither may include what the daemon's modules share.
const Modules kIndependent = {"statemachine", "ctl", "sandbox"};

/// The module that implements a header of include/bankconnect.
const std::map<std::string, std::string>& interfaces() {
  static const std::map<std::string, std::string> table = {
      {"await_callback", "net"}, {"base_url", "upstream"}, {"clock", "base"},
      {"config", "daemon"},      {"control", "control"},   {"daemon", "daemon"},
      {"digest", "base"},        {"error", "base"},        {"follow", "follow"},
      {"http_server", "net"},    {"json_handler", "base"}, {"lenient_json", "base"},
      {"listen", "net"},         {"log", "log"},           {"monitor", "monitor"},
      {"payload", "payload"},    {"percentile", "base"},   {"ports", "base"},
      {"records", "base"},       {"store", "base"},        {"store_sqlite", "store_sqlite"},
      {"proxy", "upstream"},     {"text", "base"},         {"tls_identity", "net"},
      {"upstream", "upstream"},  {"version", "version"},   {"view", "view"},
      {"webhook", "webhook"},
  };
  return table;
}

std::optional<std::string> module_of(const std::string& path) {
  std::smatch match;
  if (path.starts_with("statemachine/")) return "statemachine";
  if (std::regex_match(path, match, std::regex("src/([a-z_]+)/.*"))) return match[1].str();
  if (std::regex_match(path, match, std::regex("(?:include/)?bankconnect/([a-z_]+)\\.hpp(\\.in)?"))) {
    const auto found = interfaces().find(match[1].str());
    return found == interfaces().end() ? "an unlisted header" : found->second;
  }
  return std::nullopt;
}

bool may_include(const std::string& module, const std::string& used) {
  const bool shared = used == "statemachine" || (used == "base" && module != "statemachine");
  return module == used || (shared && !kIndependent.contains(module)) || allowed().at(module).contains(used);
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

BOOST_AUTO_TEST_CASE(every_header_of_include_has_a_module) {
  for (const Source& source : sources({"include"}, {".hpp"})) {
    const auto module = module_of(source.path);
    BOOST_TEST_REQUIRE(module.has_value(), source.path);
    BOOST_TEST(allowed().contains(*module), source.path << " is " << *module);
  }
}

BOOST_AUTO_TEST_CASE(a_module_includes_only_the_modules_below_it) {
  for (const Source& source : all_code()) {
    const auto module = module_of(source.path);
    BOOST_TEST_REQUIRE(module.has_value(), source.path);
    BOOST_TEST_REQUIRE(allowed().contains(*module), source.path << " is in " << *module);
    for (const std::string& path : included(source)) {
      const auto used = module_of(path);
      if (!used) continue;
      BOOST_TEST(may_include(*module, *used), source.path << " (" << *module << ") includes " << path);
    }
  }
}

BOOST_AUTO_TEST_CASE(other_modules_include_only_the_interface_headers_of_a_module) {
  for (const Source& source : all_code()) {
    const auto module = module_of(source.path);
    for (const std::string& path : included(source)) {
      if (!path.starts_with("src/")) continue;
      BOOST_TEST((module_of(path) == module), source.path << " includes " << path);
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

BOOST_AUTO_TEST_CASE(the_follower_includes_no_sockets_no_json_and_no_database) {
  for (const Source& source : sources({"src/follow"}, {".hpp", ".cpp"})) {
    for (const std::string& path : included(source)) {
      for (const std::string forbidden : {"boost/asio", "boost/beast", "boost/json", "sqlite3"}) {
        BOOST_TEST(!path.starts_with(forbidden), source.path << " includes " << path);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(beast_is_included_only_where_http_is_read_and_written) {
  const std::set<std::string> expected = {
      "src/net/boost_beast.cpp",   "src/net/http_connection.hpp",    "src/net/http_header.cpp",
      "src/net/http_header.hpp",   "src/net/http_request.cpp",       "src/net/http_response.cpp",
      "src/net/stream.cpp",        "src/upstream/answer_reader.hpp", "src/upstream/connection.cpp",
      "src/upstream/messages.cpp", "src/upstream/messages.hpp",      "src/upstream/connection.hpp",
      "src/ctl/client.cpp"};
  for (const Source& source : all_code()) {
    if (source.path.starts_with("src/sandbox/")) continue;
    for (const std::string& path : included(source)) {
      if (path.starts_with("boost/beast")) BOOST_TEST(expected.contains(source.path), source.path);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace bankconnect::test
