#include "tests/transcripts/replay/transcript.hpp"

namespace bankconnect::transcripts {

namespace {

constexpr std::string_view kRuler = "----";

void take(Block& block, std::size_t line, std::string text) {
  if (block.has_output) {
    block.output.push_back(std::move(text));
    return;
  }
  block.output_line = line + 1;
  if (text == kRuler) {
    block.has_output = true;
    return;
  }
  if (!text.starts_with('#')) block.commands.push_back({line, text});
  block.input.push_back(std::move(text));
}

}  // namespace

std::vector<Block> parse(std::string_view text) {
  std::vector<Block> blocks;
  bool inside = false;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = text.find('\n');
    std::string content(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (content.empty()) {
      inside = false;
      continue;
    }
    if (!inside) blocks.emplace_back();
    inside = true;
    take(blocks.back(), line, std::move(content));
  }
  return blocks;
}

std::string written(const std::vector<Block>& blocks) {
  std::string text;
  for (const Block& block : blocks) {
    if (!text.empty()) text += "\n";
    for (const std::string& line : block.input)
      text += line + "\n";
    if (!block.has_output) continue;
    text += std::string(kRuler) + "\n";
    for (const std::string& line : block.output)
      text += line + "\n";
  }
  return text;
}

}  // namespace bankconnect::transcripts
