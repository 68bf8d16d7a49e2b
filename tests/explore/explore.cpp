// explore [--all | WORLD…]: visits all situations of a session in each world that is not large, in all, or in
// those named. Exit code 1: a promise is broken, and the way there is printed; or no world takes some row of
// the table.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <set>
#include <string>

#include "tests/explore/explorer.hpp"
#include "tests/explore/worlds.hpp"

namespace bankconnect::explore {
namespace {

bool explore(const World& world, std::set<const Row*>& taken) {
  const auto began = std::chrono::steady_clock::now();
  Explorer explorer(world);
  const std::string broken = explorer.run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  taken.insert(explorer.rows_taken().begin(), explorer.rows_taken().end());
  std::printf("%-12s %9zu situations %10zu steps %4zu rows %6.1f s\n", std::string(world.name).c_str(),
              explorer.situations(), explorer.steps(), explorer.rows_taken().size(), took.count());
  std::fflush(stdout);
  if (broken.empty()) return true;
  std::printf("BROKEN: %s", broken.c_str());
  return false;
}

bool all_rows(const std::set<const Row*>& taken) {
  bool all = true;
  for (const Row& row : table()) {
    if (taken.contains(&row)) continue;
    std::printf("NEVER TAKEN: %s: %s\n", std::string(to_string(row.trigger)).c_str(),
                std::string(row.text).c_str());
    all = false;
  }
  return all;
}

bool is_world(const std::string& name) {
  const std::vector<World> all = worlds();
  return std::ranges::any_of(all, [&name](const World& world) { return world.name == name; });
}

int run(const std::set<std::string>& wanted) {
  for (const std::string& name : wanted) {
    if (name == "--all" || is_world(name)) continue;
    std::printf("there is no world %s\n", name.c_str());
    return 2;
  }
  bool good = true;
  std::set<const Row*> taken;
  for (const World& world : worlds()) {
    const bool named = wanted.contains(std::string(world.name)) || wanted.contains("--all");
    if (!named && (world.large || !wanted.empty())) continue;
    good = explore(world, taken) && good;
  }
  if (wanted.empty() || wanted.contains("--all")) good = all_rows(taken) && good;
  return good ? 0 : 1;
}

}  // namespace
}  // namespace bankconnect::explore

int main(int argc, char** argv) {
  return bankconnect::explore::run({argv + 1, argv + argc});
}
