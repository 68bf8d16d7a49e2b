// simulate --seed N          one run, a line for everything that happens
// simulate --seeds A..B      many, silently; a report at the end
// simulate --from A --for S  as many as fit into S seconds
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/rows_taken.hpp"
#include "tests/simulation/run.hpp"

namespace {

using namespace bankconnect;
using namespace bankconnect::simulation;

constexpr double kForever = 1e12;

struct Totals {
  std::uint64_t runs = 0;
  std::uint64_t steps = 0;
  std::uint64_t asks = 0;
  std::uint64_t sessions = 0;
  std::uint64_t kills = 0;
  double virtual_days = 0;
  std::uint64_t hash = 0;
  std::array<std::uint64_t, kFaults> faults{};

  void add(const RunResult& run) {
    ++runs;
    steps += run.steps;
    asks += run.asks;
    sessions += run.sessions;
    kills += run.kills;
    virtual_days += static_cast<double>(run.virtual_time.count()) / 86'400'000.0;
    hash = hash * 31 + run.hash;
    for (std::size_t i = 0; i < kFaults; ++i)
      faults[i] += run.faults[i];
  }
};

bool parse(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && error == std::errc{} && end == text.data() + text.size();
}

/// False when a fault never struck or a row of the table was never taken: then the runs prove too little.
bool report(const Totals& totals, double seconds, bool complete) {
  std::printf(
      "%llu runs in %.1f s: %llu sessions, %llu calls, %llu steps, %llu kills, %.0f days, hash %016llx\n",
      static_cast<unsigned long long>(totals.runs), seconds, static_cast<unsigned long long>(totals.sessions),
      static_cast<unsigned long long>(totals.asks), static_cast<unsigned long long>(totals.steps),
      static_cast<unsigned long long>(totals.kills), totals.virtual_days,
      static_cast<unsigned long long>(totals.hash));
  bool all = true;
  for (std::size_t i = 0; i < kFaults; ++i) {
    const std::string_view fault = to_string(static_cast<Fault>(i));
    std::printf("  %-20.*s %12llu\n", static_cast<int>(fault.size()), fault.data(),
                static_cast<unsigned long long>(totals.faults[i]));
    all = all && totals.faults[i] > 0;
  }
  return rows_taken(complete) && all;
}

int run_one(std::uint64_t seed) {
  try {
    const RunResult result = Run(seed, true).go();
    std::printf("seed %llu: %llu steps, hash %016llx\n", static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(result.steps), static_cast<unsigned long long>(result.hash));
    return 0;
  } catch (const Broken& broken) {
    std::printf("seed %llu: BROKEN: %s\n", static_cast<unsigned long long>(seed), broken.what());
    return 1;
  }
}

int run_many(std::uint64_t from, std::uint64_t to, double seconds, bool complete) {
  const auto began = std::chrono::steady_clock::now();
  Totals totals;
  int broken_runs = 0;
  const auto elapsed = [began] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  for (std::uint64_t seed = from; seed <= to && broken_runs < 10 && elapsed() < seconds; ++seed) {
    try {
      totals.add(Run(seed, false).go());
    } catch (const Broken& broken) {
      ++broken_runs;
      std::printf("seed %llu: BROKEN: %s\n", static_cast<unsigned long long>(seed), broken.what());
      std::fflush(stdout);
    }
  }
  std::printf(
      "seeds %llu..%llu\n", static_cast<unsigned long long>(from),
      static_cast<unsigned long long>(from + totals.runs + static_cast<std::uint64_t>(broken_runs) - 1));
  const bool hit = report(totals, elapsed(), complete);
  if (complete && !hit) std::puts("BROKEN: something above was never hit");
  return broken_runs > 0 || (complete && !hit) ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  if (words.size() == 2 && words[0] == "--seed" && parse(words[1], from)) return run_one(from);
  const bool many = words.size() >= 2 && words[0] == "--seeds";
  const auto dots = many ? words[1].find("..") : std::string_view::npos;
  if (many && dots != std::string_view::npos && parse(words[1].substr(0, dots), from) &&
      parse(words[1].substr(dots + 2), to)) {
    return run_many(from, to, kForever, words.size() == 3 && words[2] == "--complete");
  }
  std::uint64_t seconds = 0;
  if (words.size() == 4 && words[0] == "--from" && words[2] == "--for" && parse(words[1], from) &&
      parse(words[3], seconds)) {
    return run_many(from, UINT64_MAX, static_cast<double>(seconds), false);
  }
  std::fputs("usage: simulate --seed N | --seeds A..B [--complete] | --from A --for SECONDS\n", stderr);
  return 2;
}
