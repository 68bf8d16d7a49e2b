// Fetches reports from the hosts that insights link to: no keys, no redirects, and hosts that are allowed
// only.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "bankconnect/upstream.hpp"
#include "src/upstream/exchanger.hpp"
#include "src/upstream/report_answers.hpp"

namespace bankconnect::upstream {

class ReportClient {
 public:
  /// Of `config` it takes the proxy, the trusted roots and the limits of reports.
  ReportClient(boost::asio::io_context& loop, boost::asio::thread_pool& worker, const Clock& clock,
               const UpstreamConfig& config, MemoryBudget& memory, std::string user_agent,
               std::string proxy_credentials);
  ~ReportClient();
  ReportClient(const ReportClient&) = delete;
  ReportClient& operator=(const ReportClient&) = delete;

  /// `done` comes on the event-loop thread, never from inside this call.
  void fetch(const ReportLink& link, std::function<void(ReportAnswer)> done);

  void set_proxy_credentials(std::string credentials);
  /// For the fetches that follow.
  void reload_roots(const std::string& ca_file);
  bool resolving() const;

 private:
  struct Host {
    std::string origin;
    std::shared_ptr<Exchanger> exchanger;
  };

  boost::asio::awaitable<ReportAnswer> answer_to(std::string url);
  boost::asio::awaitable<ReportAnswer> read(std::variant<HttpAnswer, TransportError> outcome,
                                            std::shared_ptr<MemoryBudget::Share> memory, Wall now);
  std::shared_ptr<Exchanger> exchanger_for(const BaseUrl& host);
  void drop(std::list<Host>::iterator host);
  void wipe_credentials();

  boost::asio::io_context& loop_;
  boost::asio::thread_pool& worker_;
  const Clock& clock_;
  UpstreamConfig config_;
  MemoryBudget& memory_;
  const std::string user_agent_;
  std::string proxy_credentials_;
  std::optional<boost::asio::ssl::context> roots_;  ///< loaded for the first fetch by https
  std::list<Host> hosts_;                           ///< used last first
  std::list<Host> looking_up_;                      ///< dropped, and a name look-up of theirs goes on
};

}  // namespace bankconnect::upstream
