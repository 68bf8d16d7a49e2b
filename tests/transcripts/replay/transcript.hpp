// A transcript as it stands in its file: blocks of commands, each with what has to come of it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bankconnect::transcripts {

struct CommandLine {
  std::size_t line = 0;  ///< in the file, from 1
  std::string text;
};

/// Comments and commands, `----`, output, a blank line. A block may be a comment alone.
struct Block {
  std::vector<std::string> input;  ///< comments and commands as written
  std::vector<CommandLine> commands;
  std::vector<std::string> output;  ///< what the file says
  bool has_output = false;          ///< `----` is there
  std::size_t output_line = 0;      ///< where the output begins, or would
};

std::vector<Block> parse(std::string_view text);

/// The file's text, in the one form that `parse` reads and that is written.
std::string written(const std::vector<Block>& blocks);

}  // namespace bankconnect::transcripts
