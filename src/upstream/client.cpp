#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

#include "bankconnect/await_callback.hpp"
#include "bankconnect/upstream.hpp"
#include "src/upstream/answers.hpp"
#include "src/upstream/exchanger.hpp"
#include "src/upstream/registration.hpp"
#include "src/upstream/report_client.hpp"
#include "src/upstream/stall_detector.hpp"

namespace bankconnect::upstream {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kParseOnLoop = 64 * 1024;  // larger answers are read on the worker

std::string target_of(const UpstreamConfig& config, const Question& question) {
  std::string session = config.base_url.path + "/session_data/" + question.id.text() + "/";
  switch (question.call) {
    case Call::upload_status: return session + std::string(to_string(config.upload_status_path)) + "/";
    case Call::initiate: return session + "initiate_processing/";
    case Call::progress: return session + "progress/";
    case Call::session_status: return session + "session_status/";
    case Call::insights: return session + "insights/";
  }
  return session;
}

HttpRequest request_for(const UpstreamConfig& config, const Question& question) {
  HttpRequest request;
  request.post = question.call == Call::initiate;
  request.target = target_of(config, question);
  if (request.post) request.body = "{}";
  return request;
}

Duration time_limit_of(const Question& question, Duration every_call) {
  const bool shorter = question.time_limit > Duration::zero() && question.time_limit < every_call;
  return shorter ? question.time_limit : every_call;
}

/// Calls whose result is stored or cannot be undone. On a new connection no answer can be left over from
/// another call, and there is no doubt whether a dead connection swallowed the request.
bool needs_fresh_connection(Call call) {
  return call == Call::initiate || is_stored(call);
}

class Client final : public UpstreamClient {
 public:
  Client(asio::io_context& loop, asio::thread_pool& worker, const Clock& clock, const UpstreamConfig& config,
         std::string user_agent, Credentials credentials)
      : loop_(loop),
        worker_(worker),
        clock_(clock),
        config_(config),
        memory_(loop, config.max_memory),
        reports_(loop, worker, clock, config, memory_, user_agent, credentials.proxy),
        exchanger_(loop, clock, config, std::move(user_agent), std::move(credentials)) {}

  void ask(const Question& question, std::function<void(Answer)> done) override {
    if (++in_flight_ == 1) start_stall_detector();
    auto memory = memory_.share();
    const bool taken = !is_stored(question.call) || memory->try_grow(kFetchedAtLeast);
    asio::co_spawn(loop_, call(question, std::move(memory), taken),
                   [this, done = std::move(done)](const std::exception_ptr& error, Answer answer) {
                     if (error) std::rethrow_exception(error);
                     if (--in_flight_ == 0) stall_timer_.cancel();
                     done(std::move(answer));
                   });
  }

  bool has_memory() const override { return memory_.has(kFetchedAtLeast); }

  void fetch_report(const ReportLink& link, std::function<void(ReportAnswer)> done) override {
    reports_.fetch(link, std::move(done));
  }

  void register_webhook(const std::string& url, const std::string& mode,
                        std::function<void(RegistrationAnswer)> done) override {
    asio::co_spawn(loop_, upstream::register_webhook(exchanger_, clock_, config_, url, mode),
                   [done = std::move(done)](const std::exception_ptr& error, RegistrationAnswer answer) {
                     if (error) std::rethrow_exception(error);
                     done(std::move(answer));
                   });
  }

  void set_credentials(Credentials credentials) override {
    reports_.set_proxy_credentials(credentials.proxy);
    exchanger_.set_credentials(std::move(credentials));
  }
  void reload_roots(const std::string& ca_file) override {
    exchanger_.reload_roots(ca_file);
    reports_.reload_roots(ca_file);
  }
  void set_max_memory(std::uint64_t bytes) override { memory_.set_bytes(bytes); }
  bool resolving() const override { return exchanger_.resolving() || reports_.resolving(); }

 private:
  /// One call. An answer that names no session, and on which much would rest, may be left over from another
  /// call when its connection had carried others: then the call is made again, on a new connection.
  asio::awaitable<Answer> call(Question question, std::shared_ptr<MemoryBudget::Share> share,
                               bool has_memory) {
    const std::shared_ptr<MemoryBudget::Share> memory = std::move(share);
    co_await asio::post(loop_, asio::use_awaitable);  // so that `done` never comes from inside `ask`
    if (!has_memory) co_await memory->grow(kFetchedAtLeast);
    const auto began = SteadyClock::now();
    const HttpRequest request = request_for(config_, question);
    ExchangeLimits limits;
    // A poll waits for no memory: its answer is small, and its place is not to be held for a disk that hangs.
    if (is_stored(question.call)) limits.answer.memory = memory;
    limits.answer.max_body = max_body_of(question.call, config_.max_response_size);
    limits.answer.min_throughput = config_.min_throughput;
    limits.answer.grace = config_.answer_grace;
    limits.answer.deadline = began + time_limit_of(question, config_.request_timeout);
    limits.not_after = question.not_after;
    limits.fresh_connection = question.new_connection || needs_fresh_connection(question.call);
    for (;;) {
      Exchange exchange = co_await exchanger_.exchange(request, limits);
      const auto took = SteadyClock::now() - began;
      const Moment now = clock_.now();
      const Elapsed answered_at = now.elapsed - stall_detector_.stalled_for(now.elapsed);
      Answer answer = co_await read(question, std::move(exchange.outcome), exchange.sent, now.wall);
      if (exchange.reused && requires_session_id(answer)) {
        limits.fresh_connection = true;
        continue;
      }
      if (answer.payload) answer.payload = with_share(std::move(answer.payload), memory);
      if (answer.event.trigger != Trigger::passing_fault) exchanger_.keep(std::move(exchange));
      answer.event.call = question.call;
      answer.event.age += clock_.now().elapsed - answered_at;
      answer.took = std::chrono::ceil<Duration>(took);
      co_return answer;
    }
  }

  /// Reads the outcome, on the worker when that takes long.
  asio::awaitable<Answer> read(Question question, std::variant<HttpAnswer, TransportError> outcome, bool sent,
                               Wall now) {
    Answer answer;
    if (!sent) {
      answer.event.trigger = Trigger::not_sent;
      co_return answer;
    }
    if (const auto* error = std::get_if<TransportError>(&outcome)) co_return failed_answer(*error, now);
    auto http = std::make_shared<HttpAnswer>(std::move(std::get<HttpAnswer>(outcome)));
    http->max_body = max_body_of(question.call, config_.max_response_size);
    if (http->body.size() <= kParseOnLoop && http->content_encoding.empty() && !is_stored(question.call))
      co_return read_answer(question, std::move(*http), now);
    const auto on_worker = [this, question, http, now](auto done) {
      asio::post(worker_, [this, question, http, now, done, alive = asio::make_work_guard(loop_)] {
        auto read = std::make_shared<Answer>();
        try {
          *read = read_answer(question, std::move(*http), now);
        } catch (const std::exception& error) {  // e.g. out of memory: this answer is lost, not the daemon
          *read = failed_answer({"INTERNAL", error.what()}, now);
        }
        asio::post(loop_, [read, done] { done(std::move(*read)); });
      });
    };
    answer = co_await await_callback<Answer>(on_worker);
    co_return answer;
  }

  void start_stall_detector() {
    stall_detector_.start(clock_.now().elapsed);
    tick();
  }

  void tick() {
    stall_timer_.expires_after(StallDetector::kInterval);
    stall_timer_.async_wait([this](const boost::system::error_code& ec) {
      if (ec || in_flight_ == 0) return;
      stall_detector_.tick(clock_.now().elapsed);
      tick();
    });
  }

  asio::io_context& loop_;
  asio::thread_pool& worker_;
  const Clock& clock_;
  const UpstreamConfig config_;
  MemoryBudget memory_;
  ReportClient reports_;
  Exchanger exchanger_;
  std::uint32_t in_flight_ = 0;
  StallDetector stall_detector_;
  asio::steady_timer stall_timer_{loop_};
};

}  // namespace
}  // namespace bankconnect::upstream

namespace bankconnect {

std::string_view to_string(UploadStatusPath path) {
  return path == UploadStatusPath::upload_status ? "upload_status" : "session_upload_status";
}

std::unique_ptr<UpstreamClient> make_upstream_client(boost::asio::io_context& loop,
                                                     boost::asio::thread_pool& worker, const Clock& clock,
                                                     const UpstreamConfig& config, std::string user_agent,
                                                     Credentials credentials) {
  return std::make_unique<upstream::Client>(loop, worker, clock, config, std::move(user_agent),
                                            std::move(credentials));
}

}  // namespace bankconnect
