#include <openssl/crypto.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>
#include <exception>
#include <optional>
#include <variant>

#include "bankconnect/upstream.hpp"
#include "src/upstream/answers.hpp"
#include "src/upstream/base_url.hpp"
#include "src/upstream/connector.hpp"
#include "src/upstream/idle_connections.hpp"
#include "src/upstream/pulse.hpp"
#include "src/upstream/registration.hpp"
#include "src/upstream/tls.hpp"

namespace bankconnect {

namespace asio = boost::asio;
using upstream::Connection;
using upstream::Deadline;
using upstream::Exchanged;
using upstream::Fault;
using upstream::HttpAnswer;

namespace {

constexpr std::size_t kParseOnLoop = 64 * 1024;  // larger answers are read on the worker

std::string target_of(const std::string& base, const Question& question) {
  std::string session = base + "/session_data/" + question.id.text() + "/";
  switch (question.call) {
    case Call::upload_status: return session + "session_upload_status/";
    case Call::initiate: return session + "initiate_processing/";
    case Call::progress: return session + "progress/";
    case Call::session_status: return session + "session_status/";
    case Call::insights: return session + "insights/";
  }
  return session;
}

/// What came of a call, before anybody has read the answer.
struct Spoken {
  bool in_time = false;  ///< false: it was not sent, and would be too late by now
  std::variant<HttpAnswer, Fault> outcome;
  std::unique_ptr<Connection> connection;  ///< fit for another call, if the answer is believed; else null
  bool had_served = false;                 ///< the connection had carried other calls before
};

/// A question on its way.
struct Asked {
  Question question;
  std::function<void(Answer)> done;
  std::chrono::steady_clock::time_point began;
  Deadline deadline;
  bool afresh;                      ///< on a connection that has served nobody before
  Reckoned answered = kNoReckoned;  ///< at the earliest
};

/// What comes of these calls is not taken back. On a new connection no answer can be left over from somebody
/// else's call, and there is no doubt whether a dead one swallowed the request.
bool counts_for_good(Call call) {
  return call == Call::initiate || call == Call::session_status || call == Call::insights;
}

/// Whether nothing at all came back on a connection that had served before: it may have died long ago.
bool found_dead(const Exchanged& exchanged) {
  return exchanged.silent && std::holds_alternative<Fault>(exchanged.result);
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
        tls_(context_for(base_, options_)),
        connector_(loop, base_, tls_ ? &*tls_ : nullptr, options_.connect_timeout,
                   upstream::system_look_up(loop, base_.host, base_.port)) {}

  ~Impl() {
    wipe(credentials_.api_key);
    wipe(credentials_.server_hash);
  }

  void set_credentials(Credentials credentials) {
    wipe(credentials_.api_key);
    wipe(credentials_.server_hash);
    credentials_ = std::move(credentials);
  }

  bool resolving() const { return connector_.resolving(); }

  void begin_registration(Registration registration, std::function<void(RegistrationAnswer)> done) {
    asio::co_spawn(loop_, call_registration(std::move(registration), std::move(done)),
                   [](const std::exception_ptr& error) {
                     if (error) std::rethrow_exception(error);
                   });
  }

  void begin(const Question& question, std::function<void(Answer)> done) {
    // Posted, so that `done` can never come from inside `ask`.
    asio::post(loop_, [this, question, done = std::move(done)]() mutable {
      const auto began = std::chrono::steady_clock::now();
      auto ended = [this, done = std::move(done)](Answer answer) {
        if (--in_flight_ == 0) pulse_timer_.cancel();
        done(std::move(answer));
      };
      if (++in_flight_ == 1) start_pulse();
      spawn_call({question, std::move(ended), began, began + options_.request_timeout,
                  counts_for_good(question.call)});
    });
  }

 private:
  static std::optional<asio::ssl::context> context_for(const upstream::BaseUrl& base,
                                                       const UpstreamOptions& options) {
    if (!base.tls) return std::nullopt;
    return upstream::make_tls_context(options.ca_file);
  }

  void start_pulse() {
    pulse_.start(clock_.now().reckoned);
    wait_for_beat();
  }

  void wait_for_beat() {
    pulse_timer_.expires_after(upstream::Pulse::kBeat);
    pulse_timer_.async_wait([this](const boost::system::error_code& ec) {
      if (ec || in_flight_ == 0) return;
      pulse_.beat(clock_.now().reckoned);
      wait_for_beat();
    });
  }

  void spawn_call(Asked asked) {
    asio::co_spawn(loop_, call(std::move(asked)), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
  }

  asio::awaitable<void> call(Asked asked) {
    upstream::HttpRequest request = request_for(asked.question);
    const std::uint64_t max_body = upstream::max_body_of(asked.question.call, options_.max_response_size);
    Spoken spoken =
        co_await exchange(request, max_body, asked.question.not_after, asked.deadline, asked.afresh);
    if (!spoken.in_time) {
      Answer answer;
      answer.event.trigger = Trigger::not_sent;
      answer.event.call = asked.question.call;
      asked.done(std::move(answer));
      co_return;
    }
    conclude(std::move(asked), std::move(spoken));
  }

  asio::awaitable<void> call_registration(Registration registration,
                                          std::function<void(RegistrationAnswer)> done) {
    upstream::HttpRequest request;
    request.post = true;
    request.target = base_.path + "/session_data/update_webhook/";
    request.body =
        "{\"webhook_url\":" + boost::json::serialize(boost::json::string(registration.webhook_url)) +
        ",\"webhook_mode\":" + registration.webhook_mode + "}";
    const Deadline deadline = std::chrono::steady_clock::now() + options_.request_timeout;
    Spoken spoken = co_await exchange(request, options_.max_response_size, kNever, deadline, true);
    registration.at = clock_.now().wall;
    RegistrationAnswer answer;
    if (const auto* fault = std::get_if<Fault>(&spoken.outcome)) {
      answer.registration = std::move(registration);
      answer.registration.code = fault->code;
      answer.registration.message = fault->message;
    } else {
      answer = upstream::read_registration(std::move(registration),
                                           std::move(std::get<HttpAnswer>(spoken.outcome)));
      keep_if(answer.registration.code.empty(), std::move(spoken.connection));
    }
    done(std::move(answer));
  }

  /// One request and its answer, or what went wrong; not sent later than `not_after`. A kept connection may
  /// have been dead before the request reached it: then it is sent once more.
  asio::awaitable<Spoken> exchange(const upstream::HttpRequest& request, std::uint64_t max_body,
                                   Steady not_after, Deadline deadline, bool afresh) {
    Spoken spoken;
    if (clock_.now().steady > not_after) co_return spoken;
    std::unique_ptr<Connection> connection;
    if (afresh) {
      idle_.make_room();
    } else {
      connection = idle_.take();
    }
    if (connection) {
      connection->break_unacknowledged_after(options_.connect_timeout);
      spoken.had_served = true;
      const bool dead = co_await speak(connection, request, max_body, deadline, &spoken);
      if (!dead) co_return spoken;
      idle_.distrust();
      if (std::chrono::steady_clock::now() >= deadline) co_return spoken;
      spoken.had_served = false;
    }
    // A new one: where one idle connection was dead, the others may be.
    auto connected = co_await connector_.connect(deadline);
    if (const auto* fault = std::get_if<Fault>(&connected)) {
      spoken.in_time = true;
      spoken.outcome = *fault;
      co_return spoken;
    }
    connection = std::move(std::get<std::unique_ptr<Connection>>(connected));
    if (clock_.now().steady > not_after) {
      spoken.in_time = false;
      co_return spoken;
    }
    const bool dead = co_await speak(connection, request, max_body, deadline, &spoken);
    static_cast<void>(dead);  // it was new: what it says of itself is the answer
    co_return spoken;
  }

  /// Whether the connection was found dead.
  asio::awaitable<bool> speak(std::unique_ptr<Connection>& connection, const upstream::HttpRequest& wanted,
                              std::uint64_t max_body, Deadline deadline, Spoken* spoken) {
    upstream::HttpRequest request = with_keys(wanted);
    Exchanged exchanged = co_await connection->exchange(request, max_body, deadline);
    wipe(request.api_key);
    wipe(request.server_hash);
    const bool dead = found_dead(exchanged);
    spoken->in_time = true;
    spoken->outcome = std::move(exchanged.result);
    spoken->connection = exchanged.reusable ? std::move(connection) : nullptr;
    co_return dead;
  }

  /// Of an answer nobody believes, the next one on its connection may be the one that belongs here.
  void keep_if(bool believed, std::unique_ptr<Connection> connection) {
    if (believed && connection) idle_.put(std::move(connection));
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
  void conclude(Asked asked, Spoken spoken) {
    const Moment moment = clock_.now();
    const Wall now = moment.wall;
    asked.answered = moment.reckoned - pulse_.asleep(moment.reckoned);
    const auto took = std::chrono::ceil<Duration>(std::chrono::steady_clock::now() - asked.began);
    if (const auto* fault = std::get_if<Fault>(&spoken.outcome)) {
      Answer answer = upstream::fault_answer(*fault, now);
      answer.event.call = asked.question.call;
      answer.took = took;
      asked.done(std::move(answer));
      return;
    }
    const HttpAnswer& http = std::get<HttpAnswer>(spoken.outcome);
    const Call call = asked.question.call;
    const bool packs = call == Call::session_status || call == Call::insights;
    if (http.body.size() <= kParseOnLoop && !packs) {
      Answer answer = read(asked.question, spoken, now);
      answer.took = took;
      tell(std::move(asked), std::move(spoken), std::move(answer));
      return;
    }
    asio::post(worker_, [this, asked = std::move(asked), spoken = std::move(spoken), now, took,
                         alive = asio::make_work_guard(loop_)]() mutable {
      auto answer = std::make_shared<Answer>();
      try {
        *answer = read(asked.question, spoken, now);
      } catch (const std::exception& error) {  // out of memory, say: this answer is lost, not the daemon
        *answer = upstream::fault_answer({"INTERNAL", error.what()}, now);
      }
      answer->took = took;
      asio::post(loop_, [this, answer, asked = std::move(asked), spoken = std::move(spoken)]() mutable {
        tell(std::move(asked), std::move(spoken), std::move(*answer));
      });
    });
  }

  static Answer read(const Question& question, Spoken& spoken, Wall now) {
    return upstream::read_answer(question, std::move(std::get<HttpAnswer>(spoken.outcome)), now);
  }

  void tell(Asked asked, Spoken spoken, Answer answer) {
    if (spoken.had_served && upstream::must_say_whose(answer)) {
      // It may be left over from another call. On a new connection it can only be the answer to this one.
      asked.afresh = true;
      spoken.connection.reset();
      spawn_call(std::move(asked));
      return;
    }
    keep_if(answer.event.trigger != Trigger::passing_fault, std::move(spoken.connection));
    answer.event.age = clock_.now().reckoned - asked.answered;
    asked.done(std::move(answer));
  }

  asio::io_context& loop_;
  asio::thread_pool& worker_;
  const Clock& clock_;
  const UpstreamOptions options_;
  Credentials credentials_;
  const upstream::BaseUrl base_;
  std::optional<asio::ssl::context> tls_;
  upstream::Connector connector_;
  upstream::IdleConnections idle_;
  std::uint32_t in_flight_ = 0;
  upstream::Pulse pulse_;
  asio::steady_timer pulse_timer_{loop_};
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
