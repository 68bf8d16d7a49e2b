// How well the daemon keeps its two seconds: reads the stand-in's request log and prints the distribution of
// the time between two progress questions of a session, start to start.
#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace {

double percentile(const std::vector<double>& sorted, double part) {
  return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: cadence REQUEST_LOG INTERVAL_MS\n");
    return 2;
  }
  const double interval = std::stod(argv[2]);
  std::ifstream in(argv[1]);
  std::map<std::string, double> last;
  std::vector<double> off;
  for (std::string line; std::getline(in, line);) {
    boost::system::error_code ec;
    const boost::json::value parsed = boost::json::parse(line, ec);
    if (ec || boost::json::value_to<std::string>(parsed.at("call")) != "progress") continue;
    const auto id = boost::json::value_to<std::string>(parsed.at("session_id"));
    const double at = parsed.at("steady_us").to_number<double>() / 1000.0;
    if (const auto before = last.find(id); before != last.end())
      off.push_back(at - before->second - interval);
    last[id] = at;
  }
  if (off.empty()) {
    std::fprintf(stderr, "no session was asked twice\n");
    return 1;
  }
  std::sort(off.begin(), off.end());
  std::printf(
      "%zu sessions, %zu intervals of %.0f ms; off by p50 %.1f  p99 %.1f  p99.9 %.1f  most %.1f  least %.1f "
      "ms\n",
      last.size(), off.size(), interval, percentile(off, 0.5), percentile(off, 0.99), percentile(off, 0.999),
      off.back(), off.front());
  return 0;
}
