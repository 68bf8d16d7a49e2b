#include "statemachine/drawing.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "statemachine/table.hpp"

namespace bankconnect {
namespace {

constexpr std::array<std::pair<Source, std::string_view>, 13> kPositions = {{
    {kNew, "[*]"},
    {kNoUploads, "NO_UPLOADS"},
    {kInProgress, "IN_PROGRESS"},
    {kCompleted, "COMPLETED"},
    {kExpired, "EXPIRED"},
    {kExpiredFinal, "EXPIRED_final"},
    {kProcessing, "PROCESSING"},
    {kEnriched, "ENRICHED"},
    {kFailed, "FAILED"},
    {kRefreshing, "ENRICHED"},
    {kRechecked, "FAILED"},
    {kAwaitingReports, "PROCESSING"},
    {kReportsAnew, "ENRICHED"},
}};

std::string_view destination(const Row& row, std::string_view from) {
  const bool final = (row.marks & kFinal) != 0;
  switch (row.to) {
    case Target::stay: return from;
    case Target::no_uploads: return "NO_UPLOADS";
    case Target::in_progress: return "IN_PROGRESS";
    case Target::completed: return "COMPLETED";
    case Target::expired: return final ? "EXPIRED_final" : "EXPIRED";
    case Target::processing: return "PROCESSING";
    case Target::enriched: return "ENRICHED";
    case Target::failed: return "FAILED";
    case Target::where_it_failed: return "where_it_failed";
  }
  return from;
}

std::string_view name_in_table(Source position, std::string_view label) {
  switch (position) {
    case kNew: return "new";
    case kExpiredFinal: return "EXPIRED (final)";
    case kRefreshing: return "ENRICHED (refreshing)";
    case kRechecked: return "FAILED (asked again)";
    case kAwaitingReports: return "PROCESSING (reports)";
    case kReportsAnew: return "ENRICHED (reports)";
    default: return label;
  }
}

std::string positions(std::uint16_t from) {
  if (from == kLive) return "any live";
  if (from == kBeforeInitiate) return "any before PROCESSING";
  std::string out;
  for (const auto& [bit, label] : kPositions) {
    if ((from & bit) == 0) continue;
    if (!out.empty()) out += ", ";
    out += name_in_table(bit, label);
  }
  return out;
}

std::string replaced(std::string document, std::string_view marker, const std::string& with) {
  const std::string open = "<!-- generated:" + std::string(marker) + " -->\n";
  const std::string close = "<!-- end:" + std::string(marker) + " -->";
  const auto begin = document.find(open);
  const auto end = document.find(close);
  if (begin == std::string::npos || end == std::string::npos || end < begin) return document;
  return document.replace(begin + open.size(), end - begin - open.size(), with);
}

}  // namespace

std::string mermaid_diagram() {
  // Many rows may lead from one state to another: their triggers share an arrow.
  std::vector<std::pair<std::pair<std::string_view, std::string_view>, std::vector<std::string_view>>> arrows;
  for (const Row& row : table()) {
    for (const auto& [bit, from] : kPositions) {
      const std::string_view to = destination(row, from);
      if ((row.from & bit) == 0 || to == from) continue;
      auto arrow = std::ranges::find(arrows, std::pair{from, to}, [](const auto& a) { return a.first; });
      if (arrow == arrows.end()) arrow = arrows.insert(arrows.end(), {{from, to}, {}});
      if (std::ranges::find(arrow->second, to_string(row.trigger)) == arrow->second.end()) {
        arrow->second.push_back(to_string(row.trigger));
      }
    }
  }
  std::string out = "```mermaid\nstateDiagram-v2\n";
  out += "    EXPIRED_final: EXPIRED (final)\n    where_it_failed: the state it failed in\n";
  for (const auto& [ends, triggers] : arrows) {
    out += "    " + std::string(ends.first) + " --> " + std::string(ends.second) + ": ";
    for (std::size_t i = 0; i < triggers.size(); ++i) {
      out += (i == 0 ? "" : ", ") + std::string(triggers[i]);
    }
    out += "\n";
  }
  return out + "    ENRICHED --> [*]\n    FAILED --> [*]\n    EXPIRED_final --> [*]\n```\n";
}

std::string markdown_table() {
  std::string out =
      "| # | from | event | if | to | next call | when | because |\n|---|---|---|---|---|---|---|---|\n";
  int number = 0;
  for (const Row& row : table()) {
    std::string to(destination(row, ""));
    std::replace(to.begin(), to.end(), '_', row.to == Target::where_it_failed ? ' ' : '_');
    if (to == "EXPIRED_final") to = "EXPIRED (final)";
    if (row.to == Target::failed) to.append(" ").append(to_string(row.reason));
    const std::string from = positions(row.from);
    out += "| " + std::to_string(++number);
    for (const std::string_view cell :
         {std::string_view(from), to_string(row.trigger), to_string(row.guard), std::string_view(to),
          to_string(row.next), to_string(row.when), row.text}) {
      out += " | " + std::string(cell);
    }
    out += " |\n";
  }
  return out;
}

std::string with_drawings(const std::string& document) {
  return replaced(replaced(document, "diagram", mermaid_diagram()), "table", markdown_table());
}

}  // namespace bankconnect
