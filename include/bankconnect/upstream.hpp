// The BankConnect client: the documented calls over a pool of kept-alive connections, answers turned into
// events. It decides nothing: when to call is the follower's decision, what an answer means is
// statemachine/answer_rules.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bankconnect/base_url.hpp"
#include "bankconnect/clock.hpp"
#include "bankconnect/ports.hpp"
#include "bankconnect/proxy.hpp"

namespace bankconnect {

struct Credentials {
  std::string api_key;
  std::string server_hash;
  std::string proxy = {};  ///< `user:password` for the egress proxy; empty: none
  bool operator==(const Credentials&) const = default;
};

/// How the call for the upload status is named in its URL; `upload_status` is for older accounts.
enum class UploadStatusPath : std::uint8_t { session_upload_status, upload_status };
std::string_view to_string(UploadStatusPath);

/// Section `[upstream]`, but for what concerns the follower.
struct UpstreamConfig {
  BaseUrl base_url = *parse_base_url("https://apis.bankconnect.finbox.in/bank-connect/v1");
  bool allow_http = false;
  std::string api_key_file = "api-key";
  std::string server_hash_file = "server-hash";
  UploadStatusPath upload_status_path = UploadStatusPath::session_upload_status;
  std::string ca_file;                                  ///< PEM roots to trust; empty: the system's
  std::optional<BaseUrl> proxy;                         ///< an egress proxy, by CONNECT
  std::string proxy_credentials_file;                   ///< empty: no credentials
  std::vector<std::string> no_proxy;                    ///< hosts that are reached without it
  Duration connect_timeout = std::chrono::seconds(5);   ///< for a name look-up, and again for connecting
  Duration request_timeout = std::chrono::seconds(30);  ///< for the whole exchange, connecting included
  std::uint64_t max_response_size = 64ULL << 20;
  std::uint64_t max_memory =
      256ULL << 20;                     ///< for all answers that are being read or stored, see MemoryBudget
  std::uint32_t min_throughput = 1024;  ///< of an answer, in bytes a second; 0: no minimum
  Duration answer_grace = std::chrono::seconds(5);  ///< an answer may pause for so long in all

  // Section `[reports]`, but for what concerns the follower.
  std::vector<std::string> report_hosts = {"*.amazonaws.com"};  ///< from which reports are fetched
  std::uint64_t max_report_size = 64ULL << 20;
};

/// Nothing when the PEM roots in `ca_file` (empty: the system's) can be loaded, else why not.
std::optional<std::string> check_ca_file(const std::string& ca_file);

class UpstreamClient : public UpstreamPort {
 public:
  /// Tells BankConnect where to send the account's webhooks, replacing the URL it has now. `mode` is JSON: an
  /// integer, or a list of event names.
  virtual void register_webhook(const std::string& url, const std::string& mode,
                                std::function<void(RegistrationAnswer)> done) = 0;

  /// For the calls that follow. The old ones are wiped.
  virtual void set_credentials(Credentials credentials) = 0;

  /// Reads the trusted roots anew, for the connections that follow. Throws std::runtime_error when they
  /// cannot be loaded; then the old ones stay.
  virtual void reload_roots(const std::string& ca_file) = 0;

  /// See UpstreamConfig::max_memory. Zero: what is stored is fetched one after the other.
  virtual void set_max_memory(std::uint64_t bytes) = 0;

  /// Whether a name look-up is under way; it cannot be interrupted and would delay the end of the process.
  virtual bool resolving() const = 0;
};

/// Runs on `loop`; compresses and parses large answers on `worker`. Throws std::runtime_error when the
/// trusted roots cannot be loaded.
std::unique_ptr<UpstreamClient> make_upstream_client(boost::asio::io_context& loop,
                                                     boost::asio::thread_pool& worker, const Clock& clock,
                                                     const UpstreamConfig& config, std::string user_agent,
                                                     Credentials credentials);

}  // namespace bankconnect
