// Makers of configuration keys, one for each type of value; all of them rest on make_key.
#pragma once

#include <fmt/format.h>
#include <sys/types.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/daemon/config_keys.hpp"

namespace bankconnect::daemon {

/// Where in Config a key's value is.
template <class Section, class T>
struct Field {
  Section Config::*section;
  T Section::*member;

  T& in(Config& config) const { return config.*section.*member; }
  const T& in(const Config& config) const { return config.*section.*member; }
};

template <class Section, class T>
Field<Section, T> field(Section Config::*section, T Section::*member) {
  return {section, member};
}

/// Sets the field to what was read, or says why not.
template <class T>
std::optional<ValueError> set(T& field, std::optional<T> value, const std::string& expected) {
  if (!value) return ValueError{"expected " + expected};
  field = *std::move(value);
  return std::nullopt;
}
template <class T>
std::optional<ValueError> set(T& field, std::optional<Result<T>> parsed, const std::string& expected) {
  if (!parsed) return ValueError{"expected " + expected};
  if (parsed->has_error()) return ValueError{parsed->error().message, true};
  field = **std::move(parsed);
  return std::nullopt;
}

/// `read` makes a std::optional<T> of a RawValue, or a std::optional<Result<T>> of one that must be parsed;
/// without a value it is of the wrong type or out of range. `show` makes TOML of a value.
template <class Section, class T, class Read, class Show>
Key make_key(std::string name, Field<Section, T> field, std::string meaning, std::string expected, Read read,
             Show show, bool reloads = false) {
  Key key;
  key.name = std::move(name);
  key.meaning = std::move(meaning);
  key.reloads = reloads;
  key.read = [field, read, expected](Config& config, const RawValue& raw) {
    return set(field.in(config), read(raw), expected);
  };
  key.show = [field, show](const Config& config) { return show(field.in(config)); };
  key.same = [field](const Config& a, const Config& b) { return field.in(a) == field.in(b); };
  key.expected = std::move(expected);
  return key;
}

inline constexpr bool kReloads = true;

/// The value when it is of type T.
template <class T>
std::optional<T> value_as(const RawValue& raw) {
  const auto* value = std::get_if<T>(&raw);
  return value == nullptr ? std::nullopt : std::optional<T>(*value);
}

template <class Section>
Key string_key(std::string name, Field<Section, std::string> field, std::string meaning,
               bool reloads = false) {
  return make_key(std::move(name), field, std::move(meaning), "a string", &value_as<std::string>, &in_quotes,
                  reloads);
}

template <class Section>
Key bool_key(std::string name, Field<Section, bool> field, std::string meaning) {
  return make_key(std::move(name), field, std::move(meaning), "true or false", &value_as<bool>,
                  [](bool value) -> std::string { return value ? "true" : "false"; });
}

template <class Section>
Key count_key(std::string name, Field<Section, std::uint32_t> field, std::uint32_t least, std::uint32_t most,
              std::string meaning) {
  const auto read = [least, most](const RawValue& raw) -> std::optional<std::uint32_t> {
    const auto* value = std::get_if<std::int64_t>(&raw);
    if (value == nullptr || *value < least || *value > most) return std::nullopt;
    return static_cast<std::uint32_t>(*value);
  };
  return make_key(std::move(name), field, std::move(meaning),
                  "a whole number from " + std::to_string(least) + " to " + std::to_string(most), read,
                  [](std::uint32_t value) { return std::to_string(value); });
}

/// Zero needs no unit.
inline std::optional<Duration> duration_of(const RawValue& raw) {
  const auto* number = std::get_if<std::int64_t>(&raw);
  if (number != nullptr && *number == 0) return Duration::zero();
  const auto* text = std::get_if<std::string>(&raw);
  if (text == nullptr) return std::nullopt;
  return *text == "0" ? Duration::zero() : parse_duration(*text);
}

template <class Section>
Key duration_key(std::string name, Field<Section, Duration> field, Duration least, Duration most,
                 std::string meaning) {
  const auto read = [least, most](const RawValue& raw) -> std::optional<Duration> {
    const auto value = duration_of(raw);
    if (!value || *value < least || *value > most) return std::nullopt;
    return value;
  };
  const auto show = [](Duration value) { return in_quotes(show_duration(value)); };
  return make_key(std::move(name), field, std::move(meaning),
                  "a duration from " + show(least) + " to " + show(most) +
                      ", such as \"500ms\", \"2s\", \"5m\", \"1h\" or \"30d\"",
                  read, show);
}

template <class Section>
Key size_key(std::string name, Field<Section, std::uint64_t> field, std::int64_t least, std::int64_t most,
             std::string meaning) {
  const auto read = [least, most](const RawValue& raw) -> std::optional<std::uint64_t> {
    const auto* text = std::get_if<std::string>(&raw);
    const auto value = text != nullptr ? parse_size(*text) : std::nullopt;
    if (!value || *value < least || *value > most) return std::nullopt;
    return static_cast<std::uint64_t>(*value);
  };
  return make_key(std::move(name), field, std::move(meaning),
                  "a size from " + in_quotes(show_size(least)) + " to " + in_quotes(show_size(most)) +
                      ", such as \"64MiB\"",
                  read,
                  [](std::uint64_t value) { return in_quotes(show_size(static_cast<std::int64_t>(value))); });
}

template <class Enum>
struct Choice {
  std::string_view text;
  Enum value;
};

template <class Section, class Enum>
Key choice_key(std::string name, Field<Section, Enum> field, std::vector<Choice<Enum>> choices,
               std::string meaning, bool reloads = false) {
  std::string expected = "one of";
  for (const Choice<Enum>& choice : choices)
    expected += (expected == "one of" ? " " : ", ") + in_quotes(choice.text);
  const auto read = [choices](const RawValue& raw) -> std::optional<Enum> {
    const auto* text = std::get_if<std::string>(&raw);
    const auto found = std::ranges::find_if(
        choices, [text](const Choice<Enum>& choice) { return text != nullptr && choice.text == *text; });
    return found == choices.end() ? std::nullopt : std::optional<Enum>(found->value);
  };
  const auto show = [choices](Enum value) {
    return in_quotes(std::ranges::find(choices, value, &Choice<Enum>::value)->text);
  };
  return make_key(std::move(name), field, std::move(meaning), expected, read, show, reloads);
}

/// Parses a string; an empty one is nothing.
template <class T, class Parse>
std::optional<Result<std::optional<T>>> parsed_or_none(const RawValue& raw, Parse parse) {
  const auto* text = std::get_if<std::string>(&raw);
  if (text == nullptr) return std::nullopt;
  if (text->empty()) return Result<std::optional<T>>(std::nullopt);
  const auto parsed = parse(*text);
  if (parsed.has_error()) return Result<std::optional<T>>(parsed.error());
  return Result<std::optional<T>>(*parsed);
}

/// An empty string is no address.
template <class Section>
Key address_key(std::string name, Field<Section, std::optional<net::ListenAddress>> field,
                std::string meaning) {
  using Address = std::optional<net::ListenAddress>;
  const auto read = [](const RawValue& raw) {
    return parsed_or_none<net::ListenAddress>(raw, &net::parse_listen_address);
  };
  const auto show = [](const Address& address) { return in_quotes(address ? to_string(*address) : ""); };
  return make_key(std::move(name), field, std::move(meaning), "a string", read, show);
}

/// An empty string is no proxy.
template <class Section>
Key proxy_key(std::string name, Field<Section, std::optional<BaseUrl>> field, std::string meaning) {
  using Proxy = std::optional<BaseUrl>;
  const auto read = [](const RawValue& raw) { return parsed_or_none<BaseUrl>(raw, &parse_proxy_url); };
  const auto show = [](const Proxy& proxy) { return in_quotes(proxy ? proxy->text : ""); };
  return make_key(std::move(name), field, std::move(meaning), "a string", read, show);
}

/// `["a", "b"]`
inline std::string show_list(const std::vector<std::string>& list) {
  std::string out = "[";
  for (const std::string& one : list)
    out += (out.size() == 1 ? "" : ", ") + in_quotes(one);
  return out + "]";
}

template <class Section>
Key list_key(std::string name, Field<Section, std::vector<std::string>> field, std::string meaning) {
  return make_key(std::move(name), field, std::move(meaning), "a list of strings",
                  &value_as<std::vector<std::string>>, &show_list);
}

/// A list of formats of reports.
template <class Section>
Key formats_key(std::string name, Field<Section, std::vector<ReportFormat>> field, std::string meaning) {
  using Formats = std::vector<ReportFormat>;
  const auto read = [](const RawValue& raw) -> std::optional<Formats> {
    const auto* list = std::get_if<std::vector<std::string>>(&raw);
    if (list == nullptr) return std::nullopt;
    Formats formats;
    for (const std::string& text : *list) {
      const auto format = parse_report_format(text);
      if (!format) return std::nullopt;
      if (std::ranges::find(formats, *format) == formats.end()) formats.push_back(*format);
    }
    return formats;
  };
  const auto show = [](const Formats& formats) {
    std::vector<std::string> texts;
    for (const ReportFormat format : formats)
      texts.emplace_back(to_string(format));
    return show_list(texts);
  };
  return make_key(std::move(name), field, std::move(meaning), "a list of \"xlsx\" and \"xml\"", read, show);
}

template <class Section>
Key base_url_key(std::string name, Field<Section, BaseUrl> field, std::string meaning) {
  const auto read = [](const RawValue& raw) -> std::optional<Result<BaseUrl>> {
    const auto* text = std::get_if<std::string>(&raw);
    if (text == nullptr) return std::nullopt;
    return parse_base_url(*text);
  };
  return make_key(std::move(name), field, std::move(meaning), "a string", read,
                  [](const BaseUrl& url) { return in_quotes(url.text); });
}

/// Permissions of a file.
template <class Section>
Key mode_key(std::string name, Field<Section, mode_t> field, std::string meaning) {
  const auto read = [](const RawValue& raw) -> std::optional<mode_t> {
    const auto* text = std::get_if<std::string>(&raw);
    const bool octal = text != nullptr && text->size() == 4 && text->front() == '0' &&
                       text->find_first_not_of("01234567") == std::string::npos;
    if (!octal) return std::nullopt;
    return static_cast<mode_t>(std::stoul(*text, nullptr, 8));
  };
  return make_key(std::move(name), field, std::move(meaning), "four octal digits, such as \"0660\"", read,
                  [](mode_t mode) { return fmt::format("\"{:04o}\"", mode); });
}

/// An integer or a list of event names.
template <class Section>
Key webhook_mode_key(std::string name, Field<Section, WebhookMode> field, std::string meaning) {
  const auto read = [](const RawValue& raw) -> std::optional<WebhookMode> {
    if (const auto* number = std::get_if<std::int64_t>(&raw)) return *number;
    if (const auto* events = std::get_if<std::vector<std::string>>(&raw)) return *events;
    return std::nullopt;
  };
  const auto show = [](const WebhookMode& mode) {
    if (const auto* number = std::get_if<std::int64_t>(&mode)) return std::to_string(*number);
    return show_list(std::get<std::vector<std::string>>(mode));
  };
  return make_key(std::move(name), field, std::move(meaning), "an integer or a list of event names", read,
                  show);
}

}  // namespace bankconnect::daemon
