// replay FILE…             replays transcripts and shows where what happens is not what they say
// replay --refresh FILE…   writes what happens into them
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/transcripts/replay/commands.hpp"
#include "tests/transcripts/replay/difference.hpp"
#include "tests/transcripts/replay/mistake.hpp"
#include "tests/transcripts/replay/transcript.hpp"

namespace {

using namespace bankconnect::transcripts;

constexpr int kSame = 0;
constexpr int kDifferent = 1;
constexpr int kMistake = 2;

/// Where we are, for the case that a broken invariant ends the program.
std::string here;

extern "C" void say_where(int) {
  const char text[] = ": the follower gave up here\n";
  static_cast<void>(!::write(STDERR_FILENO, here.data(), here.size()));
  static_cast<void>(!::write(STDERR_FILENO, text, sizeof text - 1));
}

std::string place(const std::string& file, std::size_t line) {
  return file + ":" + std::to_string(line);
}

/// What happens, block by block. Throws Mistake with the place in front.
std::vector<std::string> happens(World& world, const std::string& file, const Block& block) {
  for (const CommandLine& command : block.commands) {
    here = place(file, command.line);
    try {
      carry_out(world, command.text);
    } catch (const Mistake& mistake) {
      throw Mistake(here + ": " + command.text + ": " + mistake.what());
    }
  }
  std::vector<std::string> lines = world.report();
  if (lines.empty()) lines.push_back("nothing");
  return lines;
}

void show(const std::string& file, const Block& block, const std::vector<std::string>& actual) {
  const Difference differs = difference(block.output, actual);
  std::printf("%s: not as it was\n", place(file, block.output_line + differs.first).c_str());
  for (const CommandLine& command : block.commands)
    std::printf(" %s\n", command.text.c_str());
  std::printf("%s----\n", block.has_output ? " " : "+");
  for (const std::string& line : differs.lines)
    std::printf("%s\n", line.c_str());
  std::fflush(stdout);  // the next block may be the end of the program
}

std::string read(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw Mistake(file + ": cannot be read");
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

int replay(const std::string& file, bool refresh) {
  const std::string text = read(file);
  std::vector<Block> blocks = parse(text);
  World world;
  bool same = true;
  for (Block& block : blocks) {
    if (block.commands.empty() && !block.has_output) continue;
    std::vector<std::string> actual = happens(world, file, block);
    if (block.has_output && block.output == actual) continue;
    if (!refresh) show(file, block, actual);
    same = false;
    block.has_output = true;
    block.output = std::move(actual);
  }
  if (!refresh) {
    if (same && written(blocks) == text) return kSame;
    if (same) std::printf("%s: the same but for blank lines; --refresh puts them right\n", file.c_str());
    return kDifferent;
  }
  if (written(blocks) != text && !(std::ofstream(file) << written(blocks)).flush())
    throw Mistake(file + ": cannot be written");
  return kSame;
}

}  // namespace

int main(int count, char** arguments) {
  std::vector<std::string> files(arguments + 1, arguments + count);
  const bool refresh = !files.empty() && files.front() == "--refresh";
  if (refresh) files.erase(files.begin());
  if (files.empty() || files.front().starts_with('-')) {
    std::fputs("usage: replay [--refresh] FILE...\n", stderr);
    return kMistake;
  }
  std::signal(SIGABRT, say_where);
  int worst = kSame;
  for (const std::string& file : files) {
    try {
      worst = std::max(worst, replay(file, refresh));
    } catch (const Mistake& mistake) {
      std::fprintf(stderr, "%s\n", mistake.what());
      worst = kMistake;
    }
  }
  return worst;
}
