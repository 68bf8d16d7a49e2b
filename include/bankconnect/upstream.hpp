// The BankConnect client: the documented calls over a pool of kept-alive connections, answers turned into
// events. It decides nothing: when to call is the follower's, what an answer means is
// statemachine/answer_rules.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "bankconnect/clock.hpp"
#include "bankconnect/ports.hpp"

namespace bankconnect {

struct Credentials {
  std::string api_key;
  std::string server_hash;
};

struct UpstreamOptions {
  std::string base_url;  ///< checked by `check_base_url`
  std::string ca_file;   ///< PEM roots to trust instead of the system's; empty: the system's
  Duration connect_timeout = std::chrono::seconds(5);
  Duration request_timeout = std::chrono::seconds(30);  ///< for the whole exchange, connecting included
  std::uint64_t max_response_size = 64ULL << 20;
  std::string user_agent;
};

/// Nothing when `url` can be used, else what is wrong with it and what would be right. http is for loopback
/// only, unless `allow_http`.
std::optional<std::string> check_base_url(const std::string& url, bool allow_http);

/// Nothing when the PEM roots in `ca_file` (empty: the system's) can be loaded, else why not.
std::optional<std::string> check_ca_file(const std::string& ca_file);

class UpstreamClient final : public UpstreamPort {
 public:
  /// Runs on `loop`; packs and parses large answers on `worker`. Throws std::runtime_error when the trusted
  /// roots cannot be loaded.
  UpstreamClient(boost::asio::io_context& loop, boost::asio::thread_pool& worker, const Clock& clock,
                 UpstreamOptions options, Credentials credentials);
  ~UpstreamClient() override;

  void ask(const Question& question, std::function<void(Answer)> done) override;

  /// Tells BankConnect where to send the account's webhooks, instead of wherever it sends them now. `mode` is
  /// JSON: an integer, or a list of event names.
  void register_webhook(const std::string& url, const std::string& mode,
                        std::function<void(RegistrationAnswer)> done);

  /// From the next call on. The old ones are wiped.
  void set_credentials(Credentials credentials);

  /// Whether a name lookup is under way; it cannot be interrupted and would hold up the end of the process.
  bool resolving() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bankconnect
