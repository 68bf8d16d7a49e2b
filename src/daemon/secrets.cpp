#include "src/daemon/secrets.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <utility>

#include "bankconnect/text.hpp"
#include "src/daemon/config_value.hpp"

namespace bankconnect::daemon {
namespace {

using Words = std::vector<std::string>;

/// A word of printable ASCII a line; blanks at the end of a line and empty lines at the end do not count.
/// Empty when the text holds anything else.
Words read_words(std::string_view text) {
  Words words;
  bool ended = false;
  bool valid = true;
  while (!text.empty() && valid) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    line = line.substr(0, line.find_last_not_of(" \t\r") + 1);  // npos + 1: nothing
    valid =
        (line.empty() || !ended) && std::ranges::all_of(line, [](char c) { return c > 0x20 && c < 0x7f; });
    ended = ended || line.empty();
    if (!line.empty()) words.emplace_back(line);
  }
  if (valid) return words;
  std::ranges::for_each(words, wipe);
  return {};
}

/// A relative name is looked up among systemd's credentials, else beside the configuration file.
std::string key_file_path(const std::string& name, const ConfigSources& sources) {
  const std::filesystem::path path(name);
  if (path.is_absolute()) return name;
  const bool given = sources.credentials_directory && !sources.credentials_directory->empty();
  const std::filesystem::path folder = given ? std::filesystem::path(*sources.credentials_directory)
                                             : std::filesystem::path(sources.file).parent_path();
  return (folder / name).string();
}

enum class Expected { one_word, word_a_line };

struct KeyFile {
  Words words;
  std::string error;  ///< empty: the words are valid
};

KeyFile read_key_file(const std::string& path, Expected expected) {
  FileText text = read_text(path);
  if (text.error != 0)
    return {{},
            "names " + path + ", which cannot be read: " + std::strerror(text.error) +
                "; put the secret there, one word a line"};
  Words words = read_words(text.text);
  wipe(text.text);
  const bool one = expected == Expected::one_word;
  if (words.size() == 1 || (words.size() > 1 && !one)) return {std::move(words), ""};
  std::ranges::for_each(words, wipe);
  return {{},
          "names " + path +
              (one ? ", which does not hold the secret as one word of printable ASCII characters on one line "
                     "and nothing else"
                   : ", which does not hold one word of printable ASCII characters a line and nothing else")};
}

/// Why the file's mode lets others at the secret; empty: it does not.
std::string loose_mode(const std::string& path) {
  struct stat found {};
  constexpr mode_t kOthers = S_IROTH | S_IWOTH | S_IWGRP;
  if (::stat(path.c_str(), &found) != 0 || (found.st_mode & kOthers) == 0) return "";
  const char* const what = (found.st_mode & S_IWOTH) != 0   ? "every user of this machine may change"
                           : (found.st_mode & S_IROTH) != 0 ? "every user of this machine may read"
                                                            : "its group may change";
  return "names " + path + ", which " + what + ": chmod g-w,o= " + path;
}

}  // namespace

Secrets read_secrets(const Config& config, const WrittenKeys& written, const ConfigSources& sources) {
  Secrets out;
  const auto warn = [&out](const std::string& key, const std::string& path) {
    std::string why = loose_mode(path);
    if (!why.empty()) out.warnings.push_back({key, std::move(why)});
  };
  const auto read = [&](const std::string& key, const std::string& name, Expected expected) -> Words {
    if (!written.accepted({key})) return {};
    const std::string path = key_file_path(name, sources);
    warn(key, path);
    KeyFile file = read_key_file(path, expected);
    if (!file.error.empty()) out.errors.push_back({key, std::move(file.error)});
    return std::move(file.words);
  };
  const auto read_word = [&](const std::string& key, const std::string& name) -> std::string {
    Words words = read(key, name, Expected::one_word);
    return words.empty() ? "" : std::move(words.front());
  };
  const WebhookConfig& webhook = config.webhook;
  out.credentials.api_key = read_word("upstream.api_key_file", config.upstream.api_key_file);
  out.credentials.server_hash = read_word("upstream.server_hash_file", config.upstream.server_hash_file);
  if (!config.upstream.proxy_credentials_file.empty()) {
    out.credentials.proxy =
        read_word("upstream.proxy_credentials_file", config.upstream.proxy_credentials_file);
    const bool pair = out.credentials.proxy.find(':') != std::string::npos;
    if (!out.credentials.proxy.empty() && !pair)
      out.errors.push_back(
          {"upstream.proxy_credentials_file", "names a file that does not hold user:password on one line"});
  }
  if (!webhook.secret_file.empty())
    out.webhook_secrets = read("webhook.secret_file", webhook.secret_file, Expected::word_a_line);
  if (webhook.tls_certificate_file.empty() || webhook.tls_key_file.empty()) return out;
  warn("webhook.tls_key_file", key_file_path(webhook.tls_key_file, sources));
  auto tls = net::load_tls_identity(key_file_path(webhook.tls_certificate_file, sources),
                                    key_file_path(webhook.tls_key_file, sources));
  if (tls.has_value()) {
    out.webhook_tls = *std::move(tls);
  } else {
    const bool at_key = tls.error().code == ErrorCode::tls_key;
    out.errors.push_back(
        {at_key ? "webhook.tls_key_file" : "webhook.tls_certificate_file", "names " + tls.error().message});
  }
  return out;
}

}  // namespace bankconnect::daemon
