#include <openssl/crypto.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>
#include <exception>
#include <optional>
#include <variant>
#include <vector>

#include "bankconnect/upstream.hpp"
#include "src/upstream/answers.hpp"
#include "src/upstream/base_url.hpp"
#include "src/upstream/connection.hpp"
#include "src/upstream/resolver.hpp"

namespace bankconnect {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using upstream::Connection;
using upstream::Deadline;
using upstream::Exchanged;
using upstream::Fault;
using upstream::HttpAnswer;

namespace {

constexpr auto kIdleLimit = 60s;                 // an idle connection older than this is not trusted
constexpr std::size_t kParseOnLoop = 64 * 1024;  // larger answers are read on the worker

std::string target_of(const std::string& base, const Question& question) {
  const std::string session = base + "/session_data/" + question.id.text() + "/";
  switch (question.call) {
    case Call::upload_status: return session + "session_upload_status/";
    case Call::initiate: return session + "initiate_processing/";
    case Call::progress: return session + "progress/";
    case Call::session_status: return session + "session_status/";
    case Call::insights: return session + "insights/";
  }
  return session;
}

Fault unsent(Fault fault) {
  fault.may_have_arrived = false;
  return fault;
}

void wipe(std::string& secret) {
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

}  // namespace

class UpstreamClient::Impl {
 public:
  Impl(asio::io_context& loop, asio::thread_pool& worker, const Clock& clock, UpstreamOptions options,
       Credentials credentials)
      : loop_(loop),
        worker_(worker),
        clock_(clock),
        options_(std::move(options)),
        credentials_(std::move(credentials)),
        base_(*upstream::parse_base_url(options_.base_url, true)),
        resolver_(loop, base_.host, base_.port) {
    if (base_.tls) tls_.emplace(upstream::make_tls_context(options_.ca_file));
  }

  ~Impl() {
    wipe(credentials_.api_key);
    wipe(credentials_.server_hash);
  }

  void set_credentials(Credentials credentials) {
    wipe(credentials_.api_key);
    wipe(credentials_.server_hash);
    credentials_ = std::move(credentials);
  }

  bool resolving() const { return resolver_.busy(); }

  void begin_registration(Registration registration, std::function<void(RegistrationAnswer)> done) {
    asio::co_spawn(loop_, call_registration(std::move(registration), std::move(done)),
                   [](const std::exception_ptr& error) {
                     if (error) std::rethrow_exception(error);
                   });
  }

  void begin(const Question& question, std::function<void(Answer)> done) {
    // Posted, so that `done` can never come from inside `ask`.
    asio::post(loop_, [this, question, done = std::move(done)]() mutable {
      asio::co_spawn(loop_, call(question, std::move(done)), [](const std::exception_ptr& error) {
        if (error) std::rethrow_exception(error);
      });
    });
  }

 private:
  using Outcome = std::variant<HttpAnswer, Fault>;

  asio::awaitable<void> call(Question question, std::function<void(Answer)> done) {
    const auto began = std::chrono::steady_clock::now();
    Outcome outcome;
    // Asking again is harmless but for initiate, whose outcome must be known to be unknown.
    const bool may_repeat = question.call != Call::initiate;
    upstream::HttpRequest request = request_for(question);
    const bool sent = co_await exchange(request, question.not_after, may_repeat, &outcome);
    if (!sent) {
      Answer answer;
      answer.event.trigger = Trigger::not_sent;
      answer.event.call = question.call;
      done(std::move(answer));
      co_return;
    }
    const auto took = std::chrono::ceil<Duration>(std::chrono::steady_clock::now() - began);
    conclude(question, std::move(outcome), took, std::move(done));
  }

  asio::awaitable<void> call_registration(Registration registration,
                                          std::function<void(RegistrationAnswer)> done) {
    Outcome outcome;
    upstream::HttpRequest request;
    request.post = true;
    request.target = base_.path + "/session_data/update_webhook/";
    request.body =
        "{\"webhook_url\":" + boost::json::serialize(boost::json::string(registration.webhook_url)) +
        ",\"webhook_mode\":" + registration.webhook_mode + "}";
    const bool sent = co_await exchange(request, kNever, true, &outcome);
    static_cast<void>(sent);  // nothing limits when it may be sent
    RegistrationAnswer answer;
    answer.registration = std::move(registration);
    answer.registration.at = clock_.now().wall;
    if (const auto* fault = std::get_if<Fault>(&outcome)) {
      answer.registration.code = fault->code;
      answer.registration.message = fault->message;
      done(std::move(answer));
      co_return;
    }
    HttpAnswer& http = std::get<HttpAnswer>(outcome);
    answer.registration.http_status = http.status;
    // An answer that long is none of BankConnect's: only its status counts.
    if (http.body.size() > kParseOnLoop) http.body.clear();
    if (const auto error = upstream::error_in(http, answer.registration.at)) {
      answer.registration.code = error->code;
      answer.registration.message = error->message;
    }
    answer.body = std::move(http.body);
    done(std::move(answer));
  }

  /// One request and its answer, or what went wrong, in `outcome`. False when it was not sent by `not_after`,
  /// and then never will be. A kept-alive connection may have been closed just before the request reached it:
  /// then it is sent once more, where `may_repeat`.
  asio::awaitable<bool> exchange(const upstream::HttpRequest& wanted, Steady not_after, bool may_repeat,
                                 Outcome* outcome) {
    const Deadline deadline = std::chrono::steady_clock::now() + options_.request_timeout;
    bool sent = clock_.now().steady <= not_after;
    for (int attempt = 0; sent && attempt < 2; ++attempt) {
      // The second time on a new connection: where one idle connection was dead, the others may be.
      bool reused = attempt == 0;
      auto connection = co_await connect(deadline, &reused, outcome);
      if (connection == nullptr) break;
      if (clock_.now().steady > not_after) {
        sent = false;
        give_back(std::move(connection));
        break;
      }
      upstream::HttpRequest request = with_keys(wanted);
      Exchanged exchanged = co_await connection->exchange(request, options_.max_response_size, deadline);
      wipe(request.api_key);
      wipe(request.server_hash);
      *outcome = std::move(exchanged.result);
      if (exchanged.reusable) give_back(std::move(connection));
      const bool stale = reused && exchanged.silent && std::holds_alternative<Fault>(*outcome) &&
                         std::get<Fault>(*outcome).code != "TIMEOUT";
      if (!stale || attempt > 0 || !may_repeat) break;
    }
    co_return sent;
  }

  struct Idle {
    std::unique_ptr<Connection> connection;
    Deadline since;
  };

  /// An idle connection that still lives, if `reused` comes in true, else a new one; `reused` goes out as
  /// what it is. Null with the fault in `result`.
  asio::awaitable<std::unique_ptr<Connection>> connect(Deadline deadline, bool* reused, Outcome* result) {
    std::unique_ptr<Connection> connection;
    if (*reused) connection = take_idle();
    *reused = connection != nullptr;
    if (connection) co_return connection;
    const Deadline connect_by =
        std::min(deadline, std::chrono::steady_clock::now() + options_.connect_timeout);
    auto addresses = co_await resolver_.addresses(connect_by);
    if (const auto* fault = std::get_if<Fault>(&addresses)) {
      *result = unsent(*fault);
      co_return nullptr;
    }
    connection = upstream::make_connection(loop_, tls_ ? &*tls_ : nullptr, base_);
    const auto& endpoints = std::get<upstream::Addresses>(addresses);
    auto fault = co_await connection->connect(endpoints, connect_by);
    if (fault) {
      *result = unsent(*fault);
      connection.reset();
    }
    co_return connection;
  }

  std::unique_ptr<Connection> take_idle() {
    const auto now = std::chrono::steady_clock::now();
    while (!idle_.empty()) {
      Idle idle = std::move(idle_.back());
      idle_.pop_back();
      if (now - idle.since < kIdleLimit && !idle.connection->gone_stale()) return std::move(idle.connection);
    }
    return nullptr;
  }

  void give_back(std::unique_ptr<Connection> connection) {
    idle_.push_back({std::move(connection), std::chrono::steady_clock::now()});
  }

  upstream::HttpRequest request_for(const Question& question) const {
    upstream::HttpRequest request;
    request.post = question.call == Call::initiate;
    request.target = target_of(base_.path, question);
    if (request.post) request.body = "{}";
    return request;
  }

  upstream::HttpRequest with_keys(const upstream::HttpRequest& wanted) const {
    upstream::HttpRequest request = wanted;
    request.host_field = base_.host_field;
    request.user_agent = options_.user_agent;
    request.api_key = credentials_.api_key;
    request.server_hash = credentials_.server_hash;
    return request;
  }

  /// Reads the answer, on the worker when that takes long, and tells `done` on the loop.
  void conclude(const Question& question, std::variant<HttpAnswer, Fault> result, Duration took,
                std::function<void(Answer)> done) {
    const Wall now = clock_.now().wall;
    if (const auto* fault = std::get_if<Fault>(&result)) {
      Answer answer = upstream::fault_answer(*fault, now);
      answer.event.call = question.call;
      answer.took = took;
      done(std::move(answer));
      return;
    }
    HttpAnswer& http = std::get<HttpAnswer>(result);
    const bool packs = question.call == Call::session_status || question.call == Call::insights;
    if (http.body.size() <= kParseOnLoop && !packs) {
      Answer answer = upstream::read_answer(question, std::move(http), now);
      answer.took = took;
      done(std::move(answer));
      return;
    }
    asio::post(worker_, [this, question, http = std::move(http), now, took, done = std::move(done),
                         alive = asio::make_work_guard(loop_)]() mutable {
      auto answer = std::make_shared<Answer>();
      try {
        *answer = upstream::read_answer(question, std::move(http), now);
      } catch (const std::exception& error) {  // out of memory, say: this answer is lost, not the daemon
        *answer = upstream::fault_answer({"INTERNAL", error.what()}, now);
      }
      answer->took = took;
      asio::post(loop_, [answer, done = std::move(done)] { done(std::move(*answer)); });
    });
  }

  asio::io_context& loop_;
  asio::thread_pool& worker_;
  const Clock& clock_;
  const UpstreamOptions options_;
  Credentials credentials_;
  const upstream::BaseUrl base_;
  std::optional<asio::ssl::context> tls_;
  upstream::Resolver resolver_;
  std::vector<Idle> idle_;  ///< most recently used last; never more than calls were in flight at once
};

UpstreamClient::UpstreamClient(asio::io_context& loop, asio::thread_pool& worker, const Clock& clock,
                               UpstreamOptions options, Credentials credentials)
    : impl_(std::make_unique<Impl>(loop, worker, clock, std::move(options), std::move(credentials))) {}
UpstreamClient::~UpstreamClient() = default;

void UpstreamClient::ask(const Question& question, std::function<void(Answer)> done) {
  impl_->begin(question, std::move(done));
}

void UpstreamClient::register_webhook(const std::string& url, const std::string& mode,
                                      std::function<void(RegistrationAnswer)> done) {
  Registration registration;
  registration.webhook_url = url;
  registration.webhook_mode = mode;
  impl_->begin_registration(std::move(registration), std::move(done));
}

void UpstreamClient::set_credentials(Credentials credentials) {
  impl_->set_credentials(std::move(credentials));
}
bool UpstreamClient::resolving() const {
  return impl_->resolving();
}

}  // namespace bankconnect
