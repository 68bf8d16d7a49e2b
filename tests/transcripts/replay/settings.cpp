#include "tests/transcripts/replay/settings.hpp"

#include <array>
#include <utility>

#include "tests/transcripts/replay/mistake.hpp"
#include "tests/transcripts/replay/times.hpp"

namespace bankconnect::transcripts {

namespace {

constexpr std::array<std::pair<const char*, Duration Policy::*>, 10> kSpans = {{
    {"polling.progress_interval", &Policy::progress_interval},
    {"polling.upload_interval_min", &Policy::upload_interval_min},
    {"polling.upload_interval_max", &Policy::upload_interval_max},
    {"polling.safety_interval", &Policy::safety_interval},
    {"polling.not_found_grace", &Policy::not_found_grace},
    {"polling.follow_for", &Policy::follow_for},
    {"polling.stalled_after", &Policy::stalled_after},
    {"polling.processing_timeout", &Policy::processing_timeout},
    {"processing.settle", &Policy::settle},
    {"webhook.grace", &Policy::webhook_grace},
}};

/// The value that `text` names.
template <class T, std::size_t N>
T chosen(const std::string& text, const std::array<std::pair<const char*, T>, N>& choices) {
  std::string names;
  for (const auto& [name, value] : choices) {
    if (text == name) return value;
    names += names.empty() ? name : std::string(", ") + name;
  }
  throw Mistake("'" + text + "' should be one of " + names);
}

void configure_options(FollowOptions& options, Words& words) {
  if (const auto most = words.number_option("upstream.max_connections")) options.max_in_flight = *most;
  if (const auto rate = words.number_option("upstream.max_requests_per_second"))
    options.max_requests_per_second = *rate;
}

}  // namespace

void configure(Settings& settings, Words& words) {
  Policy& policy = settings.policy;
  for (const auto& [key, member] : kSpans)
    if (const auto value = words.option(key)) policy.*member = parse_span(*value);
  if (const auto value = words.option("processing.auto"))
    policy.auto_process = chosen<bool, 2>(*value, {{{"true", true}, {"false", false}}});
  if (const auto value = words.option("processing.expired_sessions"))
    policy.expired_sessions = chosen<ExpiredSessions, 2>(
        *value, {{{"process", ExpiredSessions::process}, {"stop", ExpiredSessions::stop}}});
  if (words.option("webhook.listen")) settings.options.webhooks = true;
  if (const auto value = words.option("webhook.unknown_sessions"))
    settings.options.unknown_sessions =
        chosen<UnknownSessions, 3>(*value, {{{"keep", UnknownSessions::keep},
                                             {"follow", UnknownSessions::follow},
                                             {"ignore", UnknownSessions::ignore}}});
  configure_options(settings.options, words);
}

}  // namespace bankconnect::transcripts
