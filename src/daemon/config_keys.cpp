#include "src/daemon/config_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "src/daemon/config_value.hpp"

namespace bankconnect::daemon {
namespace {

std::string in_quotes(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out.push_back(c);
    }
  }
  return out + "\"";
}

std::string wrong(const std::string& expected) {
  return "expected " + expected;
}

/// The makers below each turn "where in Config" into a Key; `at` gives the field, mutable or not.
template <class At>
Key text(std::string name, At at, std::string meaning, std::string expected = "a string") {
  return {std::move(name),
          expected,
          std::move(meaning),
          false,
          [at, expected](Config& config, const RawValue& raw) -> std::string {
            const auto* value = std::get_if<std::string>(&raw);
            if (value == nullptr) return wrong(expected);
            at(config) = *value;
            return "";
          },
          [at](const Config& config) { return in_quotes(at(const_cast<Config&>(config))); }};
}

template <class At>
Key flag(std::string name, At at, std::string meaning) {
  return {std::move(name),
          "true or false",
          std::move(meaning),
          false,
          [at](Config& config, const RawValue& raw) -> std::string {
            const auto* value = std::get_if<bool>(&raw);
            if (value == nullptr) return wrong("true or false");
            at(config) = *value;
            return "";
          },
          [at](const Config& config) -> std::string {
            return at(const_cast<Config&>(config)) ? "true" : "false";
          }};
}

template <class At>
Key count(std::string name, At at, std::int64_t least, std::int64_t most, std::string meaning) {
  const std::string expected = "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  return {std::move(name),
          expected,
          std::move(meaning),
          false,
          [at, least, most, expected](Config& config, const RawValue& raw) -> std::string {
            const auto* value = std::get_if<std::int64_t>(&raw);
            if (value == nullptr || *value < least || *value > most) return wrong(expected);
            at(config) = *value;
            return "";
          },
          [at](const Config& config) { return std::to_string(at(const_cast<Config&>(config))); }};
}

/// Zero needs no unit.
std::optional<Duration> duration_of(const RawValue& raw) {
  if (const auto* number = std::get_if<std::int64_t>(&raw); number != nullptr && *number == 0)
    return Duration::zero();
  const auto* text = std::get_if<std::string>(&raw);
  if (text == nullptr) return std::nullopt;
  return *text == "0" ? Duration::zero() : parse_duration(*text);
}

template <class At>
Key span(std::string name, At at, Duration least, Duration most, std::string meaning) {
  const std::string expected = "a duration from " + in_quotes(show_duration(least)) + " to " +
                               in_quotes(show_duration(most)) +
                               ", such as \"500ms\", \"2s\", \"5m\", \"1h\" or \"30d\"";
  return {std::move(name),
          expected,
          std::move(meaning),
          false,
          [at, least, most, expected](Config& config, const RawValue& raw) -> std::string {
            const auto value = duration_of(raw);
            if (!value || *value < least || *value > most) return wrong(expected);
            at(config) = *value;
            return "";
          },
          [at](const Config& config) { return in_quotes(show_duration(at(const_cast<Config&>(config)))); }};
}

template <class At>
Key size(std::string name, At at, std::int64_t least, std::int64_t most, std::string meaning) {
  const std::string expected = "a size from " + in_quotes(show_size(least)) + " to " +
                               in_quotes(show_size(most)) + ", such as \"64MiB\"";
  return {std::move(name),
          expected,
          std::move(meaning),
          false,
          [at, least, most, expected](Config& config, const RawValue& raw) -> std::string {
            const auto* given = std::get_if<std::string>(&raw);
            const auto value = given != nullptr ? parse_size(*given) : std::nullopt;
            if (!value || *value < least || *value > most) return wrong(expected);
            at(config) = *value;
            return "";
          },
          [at](const Config& config) { return in_quotes(show_size(at(const_cast<Config&>(config)))); }};
}

template <class At>
Key choice(std::string name, At at, std::vector<std::string> choices, std::string meaning) {
  std::string expected = "one of";
  for (std::size_t i = 0; i < choices.size(); ++i)
    expected += (i == 0 ? " " : ", ") + in_quotes(choices[i]);
  return {std::move(name),
          expected,
          std::move(meaning),
          false,
          [at, choices, expected](Config& config, const RawValue& raw) -> std::string {
            const auto* value = std::get_if<std::string>(&raw);
            if (value == nullptr || std::ranges::find(choices, *value) == choices.end())
              return wrong(expected);
            at(config) = *value;
            return "";
          },
          [at](const Config& config) { return in_quotes(at(const_cast<Config&>(config))); }};
}

/// `webhook.mode` is an integer or a list of event names.
Key webhook_mode() {
  const std::string expected = "an integer or a list of event names";
  return {"webhook.mode",
          expected,
          "the `webhook_mode` that registering sends",
          false,
          [expected](Config& config, const RawValue& raw) -> std::string {
            if (const auto* number = std::get_if<std::int64_t>(&raw)) {
              config.webhook.mode = *number;
            } else if (const auto* names = std::get_if<std::vector<std::string>>(&raw)) {
              config.webhook.mode = *names;
            } else {
              return wrong(expected);
            }
            return "";
          },
          [](const Config& config) -> std::string {
            if (const auto* number = std::get_if<std::int64_t>(&config.webhook.mode))
              return std::to_string(*number);
            std::string out = "[";
            for (const std::string& name : std::get<std::vector<std::string>>(config.webhook.mode)) {
              out += (out.size() == 1 ? "" : ", ") + in_quotes(name);
            }
            return out + "]";
          }};
}

Key control_mode() {
  Key key = text(
      "control.mode", [](Config& c) -> std::string& { return c.control.mode; },
      "permissions of the socket, set before anyone can connect", "four octal digits, such as \"0660\"");
  key.take = [expected = key.expected](Config& config, const RawValue& raw) -> std::string {
    const auto* value = std::get_if<std::string>(&raw);
    const bool octal = value != nullptr && value->size() == 4 && value->front() == '0' &&
                       value->find_first_not_of("01234567") == std::string::npos;
    if (!octal) return wrong(expected);
    config.control.mode = *value;
    return "";
  };
  return key;
}

Key reloading(Key key) {
  key.reloads = true;
  return key;
}

// NOLINTBEGIN(bugprone-macro-parentheses): a member's name is no expression
#define AT(field)           \
  [](Config & c) -> auto& { \
    return c.field;         \
  }
// NOLINTEND(bugprone-macro-parentheses)

std::vector<Key> make_keys() {
  using std::chrono::days;
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  constexpr Duration kMs{1};
  constexpr Duration kTick{100};
  return {
      text("upstream.base_url", AT(upstream.base_url),
           "where BankConnect answers; http for loopback only, unless `upstream.allow_http`"),
      flag("upstream.allow_http", AT(upstream.allow_http),
           "allow http to hosts that are not loopback: the keys travel readable"),
      reloading(text("upstream.api_key_file", AT(upstream.api_key_file),
                     "file with the `x-api-key`; a relative name is looked up in `$CREDENTIALS_DIRECTORY`, "
                     "else beside the configuration file")),
      reloading(text("upstream.server_hash_file", AT(upstream.server_hash_file),
                     "file with the `server-hash`, looked up likewise")),
      text("upstream.ca_file", AT(upstream.ca_file), "PEM roots to trust instead of the system's"),
      count("upstream.max_connections", AT(upstream.max_connections), 1, 4096, "calls in flight at once"),
      count("upstream.max_requests_per_second", AT(upstream.max_requests_per_second), 0, 100'000,
            "0 = no limit; when more is due, intervals stretch evenly, oldest due first; initiate and "
            "fetches go before polls"),
      span("upstream.connect_timeout", AT(upstream.connect_timeout), kTick, minutes(5),
           "for name lookup, connecting and the TLS handshake"),
      span("upstream.request_timeout", AT(upstream.request_timeout), kTick, minutes(30),
           "for a whole call, connecting included"),
      size("upstream.max_response_size", AT(upstream.max_response_size), 64LL << 10, 1LL << 30,
           "larger answers are refused"),
      span("polling.progress_interval", AT(polling.progress_interval), kTick, hours(1),
           "how often progress is asked, start to start, while webhooks are off, unproven or degraded"),
      span("polling.upload_interval_min", AT(polling.upload_interval_min), kTick, days(1),
           "how often the upload status is asked after a change"),
      span("polling.upload_interval_max", AT(polling.upload_interval_max), kTick, days(1),
           "the interval grows up to this by half with every answer that changes nothing; also asks once "
           "just after the expiry timestamp"),
      span("polling.safety_interval", AT(polling.safety_interval), kTick, days(1),
           "while webhooks are healthy, both for uploads (as minimum) and progress"),
      span("polling.not_found_grace", AT(polling.not_found_grace), Duration::zero(), days(30),
           "SESSION_NOT_FOUND for this long, then FAILED"),
      span("polling.follow_for", AT(polling.follow_for), seconds(1), days(3650),
           "gives up on a session with no known expiry, or this long after a known one"),
      span("polling.stalled_after", AT(polling.stalled_after), kTick, days(30),
           "PROCESSING this long is flagged stalled and asked about every 30 s"),
      span("polling.processing_timeout", AT(polling.processing_timeout), kTick, days(365),
           "PROCESSING this long is FAILED(PROCESSING_TIMEOUT)"),
      flag("processing.auto", AT(processing.auto_process),
           "false: COMPLETED and EXPIRED sessions wait for `process`"),
      span("processing.settle", AT(processing.settle), Duration::zero(), days(30),
           "wait this long on COMPLETED, asking again before initiate, for users who add another bank"),
      choice("processing.expired_sessions", AT(processing.expired_sessions), {"process", "stop"},
             "`process`: try initiate once when an expired session has a statement; `stop`: never"),
      text("webhook.listen", AT(webhook.listen),
           "`127.0.0.1:8080`, `[::]:8443`, `unix:/run/…`; empty = no listener"),
      text("webhook.path", AT(webhook.path), "the path webhooks are taken at"),
      reloading(text(
          "webhook.secret_file", AT(webhook.secret_file),
          "file with the expected `x-secret-key`; several lines are several accepted values, for rotation")),
      reloading(text("webhook.tls_certificate_file", AT(webhook.tls_certificate_file),
                     "PEM certificate chain of the listener")),
      reloading(text("webhook.tls_key_file", AT(webhook.tls_key_file), "PEM key of the listener")),
      size("webhook.max_body_size", AT(webhook.max_body_size), 1LL << 10, 64LL << 20,
           "larger webhooks are refused"),
      count("webhook.max_connections", AT(webhook.max_connections), 1, 65'536,
            "connections to the listener at once"),
      span("webhook.grace", AT(webhook.grace), kMs, hours(1),
           "how long after a poll found news its webhook may still come before the channel counts as "
           "degraded"),
      choice("webhook.unknown_sessions", AT(webhook.unknown_sessions), {"keep", "follow", "ignore"},
             "webhooks for sessions nobody submitted: `keep` for a later submission (bounded; no call is "
             "made); `follow` submits them (needs a secret); `ignore`"),
      text("webhook.public_url", AT(webhook.public_url),
           "the URL BankConnect is to send webhooks to: what registering sends"),
      webhook_mode(),
      flag("webhook.register_on_start", AT(webhook.register_on_start),
           "register the webhook at every start; it replaces the account's URL, whoever set it"),
      text("store.path", AT(store.path), "the database file"),
      span("store.retention", AT(store.retention), Duration::zero(), days(36'500),
           "sessions in a final state, their payloads and files are erased after this; 0 = never"),
      text("control.socket", AT(control.socket), "the local socket"),
      control_mode(),
      text("control.group", AT(control.group),
           "group of the socket, by name or number; empty = the daemon's"),
      text("status.dir", AT(status.dir), "folder of the status files"),
      reloading(choice("log.level", AT(log.level), {"debug", "info", "warning", "error"},
                       "the least important lines that are written")),
      choice("log.format", AT(log.format), {"auto", "journal", "json", "text"},
             "`journal`, or `json` or `text` on standard error; auto = journal under systemd, text on a "
             "terminal, else json"),
  };
}

#undef AT

}  // namespace

const std::vector<Key>& keys() {
  static const std::vector<Key> all = make_keys();
  return all;
}

const Key* find_key(std::string_view name) {
  const auto found = std::ranges::find(keys(), name, &Key::name);
  return found == keys().end() ? nullptr : &*found;
}

std::string nearest_key(std::string_view name) {
  // Written without its section, or in a section of another name, a key is still itself.
  const std::string_view last = name.substr(name.rfind('.') + 1);
  const auto same_last = [last](const Key& key) { return key.name.substr(key.name.find('.') + 1) == last; };
  if (std::ranges::count_if(keys(), same_last) == 1) return std::ranges::find_if(keys(), same_last)->name;
  const auto nearest =
      std::ranges::min_element(keys(), {}, [name](const Key& key) { return distance(key.name, name); });
  return distance(nearest->name, name) <= std::max<std::size_t>(3, name.size() / 3) ? nearest->name : "";
}

}  // namespace bankconnect::daemon
