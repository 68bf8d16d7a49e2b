// The transition table as a diagram and as a table a person reads. Both are generated: statemachine/README.md
// and docs/states.md hold them between markers, and a test fails when they are stale.
#pragma once

#include <string>

namespace bankconnect {

/// A Mermaid state diagram: an arrow for every change of state the table knows.
std::string mermaid_diagram();

/// A Markdown table with a line for every row.
std::string markdown_table();

/// `document` with what stands between `<!-- generated:NAME -->` and `<!-- end:NAME -->` replaced, for the
/// names `diagram` and `table`. A document without a marker keeps its text there.
std::string with_drawings(const std::string& document);

}  // namespace bankconnect
