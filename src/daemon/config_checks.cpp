#include "src/daemon/config_checks.hpp"

#include <filesystem>
#include <optional>
#include <utility>

namespace bankconnect::daemon {
namespace {

using Checked = std::optional<KeyError>;

/// The error of two keys that do not fit: at the first, unless only the other one is written anywhere.
KeyError error_of_pair(const WrittenKeys& written, const std::string& key, const std::string& says,
                       const std::string& other, const std::string& other_says) {
  if (!written.places.contains(key) && written.places.contains(other)) return {other, other_says + " " + key};
  return {key, says + " " + other};
}

Checked check_base_url(const Config& config, const WrittenKeys& written) {
  if (!written.accepted({"upstream.base_url", "upstream.allow_http"})) return std::nullopt;
  if (const auto found = written.malformed.find("upstream.base_url"); found != written.malformed.end())
    return KeyError{"upstream.base_url", found->second};
  if (config.upstream.allow_http || !exposes_keys(config.upstream.base_url)) return std::nullopt;
  return KeyError{"upstream.base_url",
                  "uses http, which sends the keys readable by anyone on the way; use https, or set "
                  "upstream.allow_http = true"};
}

Checked check_proxy(const Config& config, const WrittenKeys& written) {
  if (const auto found = written.malformed.find("upstream.proxy"); found != written.malformed.end())
    return KeyError{"upstream.proxy", found->second};
  if (!config.upstream.proxy) return std::nullopt;
  if (config.upstream.proxy->tls && !config.upstream.base_url.tls)
    return KeyError{"upstream.proxy", "uses https, which needs upstream.base_url to use it, too"};
  return std::nullopt;
}

Checked check_proxy_credentials(const Config& config, const WrittenKeys& written) {
  if (config.upstream.proxy_credentials_file.empty() || config.upstream.proxy) return std::nullopt;
  if (!written.accepted({"upstream.proxy"})) return std::nullopt;
  return KeyError{"upstream.proxy_credentials_file", "needs upstream.proxy: the proxy they are for"};
}

Checked check_roots(const Config& config, const WrittenKeys&) {
  if (config.upstream.ca_file.empty()) return std::nullopt;
  const auto fault = check_ca_file(config.upstream.ca_file);
  if (!fault) return std::nullopt;
  return KeyError{"upstream.ca_file", "cannot be used: " + *fault};
}

Checked check_report_hosts(const Config& config, const WrittenKeys&) {
  for (const std::string& host : config.upstream.report_hosts) {
    const std::string_view name = std::string_view(host).substr(host.starts_with("*.") ? 2 : 0);
    if (!name.empty() && name.find_first_of("*/:@ ") == std::string_view::npos) continue;
    return KeyError{"reports.allow", "has \"" + host + "\"; expected a host, or *. and a domain"};
  }
  if (!config.follow.report_formats.empty() && config.upstream.report_hosts.empty())
    return KeyError{"reports.allow", "is empty, and reports.fetch wants reports from somewhere"};
  return std::nullopt;
}

Checked check_upload_intervals(const Config& config, const WrittenKeys& written) {
  if (!written.accepted({"polling.upload_interval_min", "polling.upload_interval_max"})) return std::nullopt;
  if (config.policy.upload_interval_min <= config.policy.upload_interval_max) return std::nullopt;
  return error_of_pair(written, "polling.upload_interval_min", "is longer than",
                       "polling.upload_interval_max", "is shorter than");
}

Checked check_processing_times(const Config& config, const WrittenKeys& written) {
  if (!written.accepted({"polling.stalled_after", "polling.processing_timeout"})) return std::nullopt;
  if (config.policy.stalled_after <= config.policy.processing_timeout) return std::nullopt;
  return error_of_pair(written, "polling.stalled_after", "is longer than", "polling.processing_timeout",
                       "is shorter than");
}

Checked check_listen(const Config&, const WrittenKeys& written) {
  const auto found = written.malformed.find("webhook.listen");
  if (found == written.malformed.end() || !written.accepted({"webhook.listen"})) return std::nullopt;
  return KeyError{"webhook.listen", "is " + found->second};
}

Checked check_webhook_path(const Config& config, const WrittenKeys&) {
  const std::string& path = config.webhook.path;
  if (path.starts_with('/') && path.find_first_of("?#% ") == std::string::npos) return std::nullopt;
  return KeyError{"webhook.path", "must be a path such as /webhooks/bankconnect, with nothing escaped in it"};
}

Checked check_unknown_sessions(const Config& config, const WrittenKeys& written) {
  if (!written.accepted({"webhook.unknown_sessions", "webhook.secret_file"})) return std::nullopt;
  if (config.follow.unknown_sessions != UnknownSessions::follow || !config.webhook.secret_file.empty())
    return std::nullopt;
  return KeyError{
      "webhook.unknown_sessions",
      "is \"follow\", which needs webhook.secret_file: without a secret every sender could have sessions "
      "followed"};
}

Checked check_tls_files(const Config& config, const WrittenKeys& written) {
  if (config.webhook.tls_certificate_file.empty() == config.webhook.tls_key_file.empty()) return std::nullopt;
  return error_of_pair(written, "webhook.tls_certificate_file", "goes together with", "webhook.tls_key_file",
                       "goes together with");
}

/// SQLite would read more into some names than a file's path.
Checked check_store_path(const Config& config, const WrittenKeys&) {
  const std::string& path = config.store.path;
  if (path.empty()) return KeyError{"store.path", "must not be empty"};
  if (path.starts_with(':') || path.starts_with("file:") || path.starts_with('~'))
    return KeyError{"store.path",
                    "must be the path of a file, such as /var/lib/bankconnectd/bankconnectd.db"};
  std::error_code ignored;
  if (path.ends_with('/') || std::filesystem::is_directory(path, ignored))
    return KeyError{"store.path", "is a folder; give the path of a file in it"};
  return std::nullopt;
}

bool has_web_host(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (url.starts_with(scheme))
      return url.size() > scheme.size() &&
             std::string_view("/?#:").find(url[scheme.size()]) == std::string_view::npos;
  }
  return false;
}

Checked check_public_url(const Config& config, const WrittenKeys&) {
  if (config.webhook.public_url.empty() || has_web_host(config.webhook.public_url)) return std::nullopt;
  return KeyError{"webhook.public_url", "must be a URL such as https://lender.example/webhooks/bankconnect"};
}

Checked check_registration(const Config& config, const WrittenKeys& written) {
  if (!written.accepted({"webhook.public_url"})) return std::nullopt;
  if (!config.webhook.register_on_start || !config.webhook.public_url.empty()) return std::nullopt;
  return KeyError{"webhook.register_on_start", "needs webhook.public_url: the URL to register"};
}

}  // namespace

std::vector<KeyError> check_config(const Config& config, const WrittenKeys& written) {
  std::vector<KeyError> errors;
  for (const auto check :
       {check_base_url, check_proxy, check_proxy_credentials, check_roots, check_report_hosts,
        check_upload_intervals, check_processing_times, check_listen, check_webhook_path,
        check_unknown_sessions, check_tls_files, check_public_url, check_registration, check_store_path}) {
    if (auto error = check(config, written)) errors.push_back(std::move(*error));
  }
  for (const auto& [key, value] :
       {std::pair{"control.socket", &config.control.socket}, {"status.dir", &config.status.dir}}) {
    if (value->empty()) errors.push_back({key, "must not be empty"});
  }
  return errors;
}

namespace {

std::vector<KeyError> unused_proxy(const Config& config, const std::string& variable) {
  if (variable.empty() || config.upstream.proxy || !config.upstream.base_url.tls) return {};
  return {{"upstream.proxy", "is empty, and the environment has " + variable +
                                 ": it is not used; calls to BankConnect leave without a proxy"}};
}

std::vector<KeyError> other_webhook_path(const Config& config) {
  const std::string& url = config.webhook.public_url;
  if (url.empty() || !has_web_host(url)) return {};
  const auto begin = url.find_first_of("/?#", url.find("://") + 3);
  const std::string path =
      begin == std::string::npos ? "/" : url.substr(begin, url.find_first_of("?#", begin) - begin);
  if (same_webhook_path(path, config.webhook.path)) return {};
  return {{"webhook.public_url", "leads to the path " + path + ", and webhook.path is " +
                                     config.webhook.path +
                                     ": right only when something in front of the listener changes paths"}};
}

}  // namespace

std::vector<KeyError> doubtful_config(const Config& config, const std::string& proxy_variable) {
  std::vector<KeyError> out = other_webhook_path(config);
  for (KeyError& doubt : unused_proxy(config, proxy_variable))
    out.push_back(std::move(doubt));
  return out;
}

}  // namespace bankconnect::daemon
