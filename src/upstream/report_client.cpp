#include "src/upstream/report_client.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <iterator>
#include <stdexcept>

#include "bankconnect/await_callback.hpp"
#include "bankconnect/text.hpp"
#include "src/upstream/tls.hpp"

namespace bankconnect::upstream {

namespace asio = boost::asio;

namespace {

constexpr auto kReportTimeout = std::chrono::seconds(60);  // for a whole fetch: a report may be large
constexpr std::size_t kHostsKept = 4;

ReportAnswer try_again(const char* code, const std::exception& error, Wall now) {
  ReportAnswer answer;
  answer.result = ReportAnswer::Result::try_again;
  answer.error = {code, error.what(), now};
  return answer;
}

}  // namespace

ReportClient::ReportClient(asio::io_context& loop, asio::thread_pool& worker, const Clock& clock,
                           const UpstreamConfig& config, MemoryBudget& memory, std::string user_agent,
                           std::string proxy_credentials)
    : loop_(loop),
      worker_(worker),
      clock_(clock),
      config_(config),
      memory_(memory),
      user_agent_(std::move(user_agent)),
      proxy_credentials_(std::move(proxy_credentials)) {}

ReportClient::~ReportClient() {
  wipe_credentials();
}

void ReportClient::wipe_credentials() {
  wipe(proxy_credentials_);
}

void ReportClient::fetch(const ReportLink& link, std::function<void(ReportAnswer)> done) {
  asio::co_spawn(loop_, answer_to(link.url),
                 [done = std::move(done)](const std::exception_ptr& error, ReportAnswer answer) {
                   if (error) std::rethrow_exception(error);
                   done(std::move(answer));
                 });
}

void ReportClient::set_proxy_credentials(std::string credentials) {
  wipe_credentials();
  proxy_credentials_ = std::move(credentials);
  for (const Host& host : hosts_)
    host.exchanger->set_credentials({"", "", proxy_credentials_});
}

void ReportClient::reload_roots(const std::string& ca_file) {
  config_.ca_file = ca_file;
  roots_.reset();
  while (!hosts_.empty())
    drop(hosts_.begin());
}

bool ReportClient::resolving() const {
  const auto busy = [](const Host& host) { return host.exchanger->resolving(); };
  return std::ranges::any_of(hosts_, busy) || std::ranges::any_of(looking_up_, busy);
}

void ReportClient::drop(std::list<Host>::iterator host) {
  std::erase_if(looking_up_, [](const Host& old) { return !old.exchanger->resolving(); });
  if (host->exchanger->resolving()) looking_up_.push_back(*host);
  hosts_.erase(host);
}

asio::awaitable<ReportAnswer> ReportClient::answer_to(std::string url) {
  co_await asio::post(loop_, asio::use_awaitable);  // so that `done` never comes from inside `fetch`
  const auto memory = memory_.share();
  co_await memory->grow(kFetchedAtLeast);
  const auto began = std::chrono::steady_clock::now();
  ReportAnswer answer;
  auto target = report_target(url, config_.report_hosts, clock_.now().wall);
  wipe(url);
  if (target.has_error()) {
    answer.result = ReportAnswer::Result::impossible;
    answer.error = target.error();
    co_return answer;
  }
  HttpRequest request;
  request.target = target->target;
  request.to_bankconnect = false;
  ExchangeLimits limits;
  limits.answer.memory = memory;
  limits.answer.max_body = config_.max_report_size;
  limits.answer.min_throughput = config_.min_throughput;
  limits.answer.grace = config_.answer_grace;
  limits.answer.deadline = began + kReportTimeout;
  limits.fresh_connection = true;
  std::shared_ptr<Exchanger> exchanger;
  try {
    exchanger = exchanger_for(target->host);
  } catch (const std::runtime_error& error) {  // the trusted roots cannot be loaded
    answer = try_again("TLS_FAILED", error, clock_.now().wall);
    co_return answer;
  }
  Exchange exchange = co_await exchanger->exchange(request, limits);
  const Wall now = clock_.now().wall;
  answer = co_await read(std::move(exchange.outcome), memory, now);
  answer.took = std::chrono::ceil<Duration>(std::chrono::steady_clock::now() - began);
  co_return answer;
}

asio::awaitable<ReportAnswer> ReportClient::read(std::variant<HttpAnswer, TransportError> outcome,
                                                 std::shared_ptr<MemoryBudget::Share> memory, Wall now) {
  const auto shared = std::make_shared<std::variant<HttpAnswer, TransportError>>(std::move(outcome));
  const auto on_worker = [this, shared, memory, now](auto done) {
    asio::post(worker_, [this, shared, memory, now, done, alive = asio::make_work_guard(loop_)] {
      auto answer = std::make_shared<ReportAnswer>();
      try {
        *answer = read_report(std::move(*shared), config_.max_report_size, now);
        if (answer->report) answer->report = with_share(std::move(answer->report), memory);
      } catch (const std::exception& error) {  // e.g. out of memory: this report is lost, not the daemon
        *answer = try_again("INTERNAL", error, now);
      }
      asio::post(loop_, [answer, done] { done(std::move(*answer)); });
    });
  };
  ReportAnswer answer = co_await await_callback<ReportAnswer>(on_worker);
  co_return answer;
}

std::shared_ptr<Exchanger> ReportClient::exchanger_for(const BaseUrl& host) {
  const auto known = std::ranges::find(hosts_, host.text, &Host::origin);
  if (known != hosts_.end()) {
    hosts_.splice(hosts_.begin(), hosts_, known);
    return known->exchanger;
  }
  UpstreamConfig config = config_;
  config.base_url = host;
  // TLS to the proxy needs TLS to the host: see make_connection.
  if (config.proxy && config.proxy->tls && !host.tls) config.proxy.reset();
  if (host.tls && !roots_) roots_ = make_tls_context(config_.ca_file);
  std::optional<asio::ssl::context> tls;
  if (host.tls) tls = shared(*roots_);
  hosts_.push_front(
      {host.text, std::make_shared<Exchanger>(loop_, clock_, config, user_agent_,
                                              Credentials{"", "", proxy_credentials_}, std::move(tls))});
  auto exchanger = hosts_.front().exchanger;
  if (hosts_.size() > kHostsKept) drop(std::prev(hosts_.end()));
  return exchanger;
}

}  // namespace bankconnect::upstream
