// Spans and times as a transcript writes them.
#pragma once

#include <string>
#include <string_view>

#include "statemachine/moment.hpp"

namespace bankconnect::transcripts {

/// `500ms`, `2s`, `5m`, `1h`, `30d`, as in the configuration file.
Duration parse_span(std::string_view text);

/// `500ms`, `7.5s`, `1m30s`, `24h`.
std::string span(Duration);

/// How long after the beginning: `0:00:07.500`, `1d 0:00:00`.
std::string clock_time(Duration since_the_beginning);

}  // namespace bankconnect::transcripts
