#include "bankconnect/monitor.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>
#include <future>
#include <utility>

#include "bankconnect/view.hpp"
#include "src/monitor/file_writer.hpp"
#include "src/monitor/recent.hpp"
#include "src/monitor/session_files.hpp"
#include "statemachine/why.hpp"

namespace bankconnect {

namespace asio = boost::asio;
namespace json = boost::json;
using Kind = UpstreamCondition::Kind;

namespace {

json::value or_null(std::string_view text) {
  if (text.empty()) return nullptr;
  return json::string(json::string_view(text.data(), text.size()));
}

struct Problem {
  std::string code;
  std::string text;
};

}  // namespace

class Monitor::Impl {
 public:
  Impl(World world, Options options)
      : world_(world),
        options_(std::move(options)),
        counts_(options_.counts),
        started_at_(world_.clock.now().wall),
        tick_(world_.loop),
        files_(
            {world_.loop, world_.worker, world_.archive, [this](SessionRecord& record) { fill_in_(record); },
             [this](const Result<void>& result) { file_written(result); }},
            options_.status_dir + "/sessions") {}

  void start(std::function<void(SessionRecord&)> fill_in, std::function<Followed()> followed);
  void stop();
  std::string status_json() const;
  std::string status_line() const;

  void transitioned(const EventRecord& event);
  void answered(const Question& question, const Answer& answer);
  void upstream_condition(const UpstreamCondition& condition);
  void erased(const SessionId& id, State last);
  void log_anomaly(const SessionId& id, Anomaly anomaly, std::optional<UploadStatus> rules_say);

  void asked(Duration late) {
    lateness_.add(late);
    ++requests_;
    dirty_ = true;
  }
  monitor::SessionFiles& files() { return files_; }
  std::function<void()> event_told;

 private:
  void tick();
  void ask_facts();
  void write_status();
  void file_written(const Result<void>& result);
  std::vector<Problem> problems() const;
  std::string_view health() const;
  json::object upstream_object() const;
  json::object store_object() const;

  World world_;
  Options options_;
  std::array<std::uint64_t, kAllStates.size()> counts_;
  Wall started_at_;
  asio::steady_timer tick_;
  monitor::SessionFiles files_;
  std::function<void(SessionRecord&)> fill_in_;
  std::function<Followed()> followed_;
  monitor::Recent lateness_;
  StoreFacts store_;
  UpstreamCondition condition_;
  std::uint64_t requests_ = 0;
  std::uint64_t errors_ = 0;
  std::uint64_t requests_at_last_tick_ = 0;
  std::uint64_t last_seq_ = 0;
  double requests_per_second_ = 0;
  std::string files_problem_;
  bool dirty_ = true;
  bool facts_asked_ = false;
  bool stopped_ = false;
  int quiet_ticks_ = 0;
};

void Monitor::Impl::start(std::function<void(SessionRecord&)> fill_in, std::function<Followed()> followed) {
  fill_in_ = std::move(fill_in);
  followed_ = std::move(followed);
  file_written(monitor::make_directory(options_.status_dir + "/sessions"));
  files_.reconcile();
  tick();
}

void Monitor::Impl::stop() {
  stopped_ = true;
  files_.stop();
  tick_.cancel();
  // The worker is one thread: once this is done, everything before it is, too.
  std::promise<void> written;
  asio::post(world_.worker, [&] {
    static_cast<void>(monitor::write_whole(options_.status_dir + "/status.json", status_json()));
    written.set_value();
  });
  written.get_future().wait();
}

void Monitor::Impl::tick() {
  if (stopped_) return;
  requests_per_second_ = static_cast<double>(requests_ - requests_at_last_tick_);
  requests_at_last_tick_ = requests_;
  if (!std::exchange(facts_asked_, true)) ask_facts();
  if (dirty_ || ++quiet_ticks_ >= 9) write_status();
  tick_.expires_after(std::chrono::seconds(1));
  tick_.async_wait([this](boost::system::error_code ec) {
    if (!ec) tick();
  });
}

/// One question at a time: a store that is slow is not asked more often for it, and status.json does not
/// wait.
void Monitor::Impl::ask_facts() {
  world_.archive.facts([this](const Result<StoreFacts>& facts) {
    facts_asked_ = false;
    if (facts.has_error()) return;
    dirty_ = dirty_ || facts->disk_full != store_.disk_full;
    store_ = *facts;
    last_seq_ = std::max(last_seq_, store_.last_event_seq);
  });
}

void Monitor::Impl::write_status() {
  if (stopped_) return;
  dirty_ = false;
  quiet_ticks_ = 0;
  asio::post(world_.worker, [this, content = status_json()] {
    const Result<void> result = monitor::write_whole(options_.status_dir + "/status.json", content);
    asio::post(world_.loop, [this, result] { file_written(result); });
  });
}

void Monitor::Impl::file_written(const Result<void>& result) {
  const std::string problem = result.has_error() ? result.error().message : "";
  // Said when it begins and when it ends, not for every file.
  if (problem.empty() != files_problem_.empty()) {
    if (problem.empty()) {
      world_.log.info("status_files_writable", "");
    } else {
      world_.log.error("status_files_unwritable", problem);
    }
    dirty_ = true;
  }
  files_problem_ = problem;
}

std::vector<Problem> Monitor::Impl::problems() const {
  std::vector<Problem> out;
  if (condition_.kind == Kind::paused) {
    out.push_back(
        {"UPSTREAM_ACCOUNT_REFUSED", "BankConnect refuses this account (" + condition_.code + ") since " +
                                         rfc3339(condition_.since) +
                                         ": check the credentials, the plan and upstream.base_url; all calls "
                                         "pause but for a slow probe"});
  }
  if (condition_.kind == Kind::broken) {
    out.push_back({"UPSTREAM_FAILING", "calls to BankConnect fail (" + condition_.code + ") since " +
                                           rfc3339(condition_.since) + "; one call at a time is tried"});
  }
  if (store_.disk_full) {
    out.push_back(
        {"DISK_FULL", "the database's disk is full: new sessions are refused, the followed ones wait"});
  }
  if (!files_problem_.empty()) out.push_back({"STATUS_FILES_UNWRITABLE", files_problem_});
  return out;
}

std::string_view Monitor::Impl::health() const {
  if (condition_.kind == Kind::paused) return "paused";
  return problems().empty() ? "ok" : "degraded";
}

json::object Monitor::Impl::upstream_object() const {
  const char* breaker = condition_.kind == Kind::flowing  ? "closed"
                        : condition_.kind == Kind::broken ? "open"
                                                          : "paused";
  json::object out;
  out["requests"] = requests_;
  out["errors"] = errors_;
  out["breaker"] = breaker;
  out["requests_per_second"] = requests_per_second_;
  out["in_flight"] = followed_ ? followed_().in_flight : 0;
  return out;
}

json::object Monitor::Impl::store_object() const {
  json::object out;
  out["size_bytes"] = store_.size_bytes;
  out["commits"] = store_.commits;
  out["commit_p50_ms"] = store_.commit_p50.count();
  out["commit_p99_ms"] = store_.commit_p99.count();
  out["last_event_seq"] = last_seq_;
  return out;
}

std::string Monitor::Impl::status_json() const {
  json::object out;
  out["version"] = options_.version;
  out["pid"] = ::getpid();
  out["started_at"] = rfc3339(started_at_);
  out["written_at"] = rfc3339(world_.clock.now().wall);
  out["health"] = or_null(health());
  json::array list;
  for (const Problem& problem : problems()) {
    list.push_back(json::object{{"code", problem.code}, {"text", problem.text}});
  }
  out["problems"] = std::move(list);
  json::object sessions;
  for (const State state : kAllStates) {
    sessions[json::string_view(name(state).data(), name(state).size())] =
        counts_[static_cast<std::size_t>(state)];
  }
  out["sessions"] = std::move(sessions);
  out["followed"] = followed_ ? followed_().live : 0;
  out["webhooks"] = json::object{{"state", "off"}, {"last_received_at", nullptr}, {"missed", 0}};
  out["upstream"] = upstream_object();
  out["poll_lateness"] = json::object{{"p50_ms", lateness_.percentile(0.50).count()},
                                      {"p99_ms", lateness_.percentile(0.99).count()}};
  out["store"] = store_object();
  json::value oldest;
  if (store_.oldest_live) {
    oldest = json::object{{"session_id", store_.oldest_live->text()},
                          {"submitted_at", rfc3339(store_.oldest_live_submitted_at)}};
  }
  out["oldest_non_final_session"] = std::move(oldest);
  return json::serialize(out) + "\n";
}

std::string Monitor::Impl::status_line() const {
  const std::uint64_t live = followed_ ? followed_().live : 0;
  return std::string(health()) + ", following " + std::to_string(live) + " sessions, " +
         std::to_string(counts_[static_cast<std::size_t>(State::enriched)]) + " enriched, " +
         std::to_string(counts_[static_cast<std::size_t>(State::failed)]) + " failed";
}

void Monitor::Impl::transitioned(const EventRecord& event) {
  const Transition& t = event.transition;
  if (t.from) --counts_[static_cast<std::size_t>(*t.from)];
  ++counts_[static_cast<std::size_t>(t.to)];
  last_seq_ = event.seq;
  dirty_ = true;
  const LogLevel level =
      t.to == State::failed && t.reason == Reason::key_required ? LogLevel::error : LogLevel::info;
  world_.log.write(level, "transition", "",
                   {{"session_id", event.id.text()},
                    {"from", t.from ? name(*t.from) : ""},
                    {"to", name(t.to)},
                    {"cause", name(t.cause)},
                    {"trigger", name(t.trigger)},
                    {"outcome", name(t.outcome)},
                    {"reason", name(t.reason)},
                    {"code", event.reason_code},
                    {"seq", static_cast<std::int64_t>(event.seq)}});
  if (event_told) event_told();
}

void Monitor::Impl::answered(const Question& question, const Answer& answer) {
  if (answer.error) ++errors_;
  world_.log.write(answer.error ? LogLevel::warning : LogLevel::debug, answer.error ? "call_failed" : "call",
                   "",
                   {{"session_id", question.id.text()},
                    {"call", name(question.call)},
                    {"http_status", answer.http_status},
                    {"result", name(answer.event.trigger)},
                    {"code", answer.error ? std::string_view(answer.error->code) : std::string_view()},
                    {"duration_ms", answer.took.count()}});
}

void Monitor::Impl::upstream_condition(const UpstreamCondition& condition) {
  condition_ = condition;
  dirty_ = true;
  if (condition.kind == Kind::flowing) {
    world_.log.info("upstream_back", "");
  } else if (condition.kind == Kind::broken) {
    world_.log.warning("upstream_failing", "one call at a time is tried until one goes through",
                       {{"code", condition.code}});
  } else {
    world_.log.error("upstream_account_refused",
                     "all calls pause; check the credentials, the plan and upstream.base_url",
                     {{"code", condition.code}});
  }
}

void Monitor::Impl::erased(const SessionId& id, State last) {
  --counts_[static_cast<std::size_t>(last)];
  dirty_ = true;
  files_.changed(id);
}

void Monitor::Impl::log_anomaly(const SessionId& id, Anomaly anomaly, std::optional<UploadStatus> rules_say) {
  for (const std::string_view code : anomaly_codes(static_cast<std::uint8_t>(anomaly))) {
    world_.log.warning("anomaly", "",
                       {{"session_id", id.text()},
                        {"code", code},
                        {"rules_say", rules_say ? name(*rules_say) : std::string_view()}});
  }
}

Monitor::Monitor(World world, Options options) : impl_(std::make_unique<Impl>(world, std::move(options))) {}
Monitor::~Monitor() = default;

void Monitor::start(std::function<void(SessionRecord&)> fill_in, std::function<Followed()> followed) {
  impl_->start(std::move(fill_in), std::move(followed));
}
void Monitor::stop() {
  impl_->stop();
}
bool Monitor::idle() const {
  return impl_->files().idle();
}
std::string Monitor::status_json() const {
  return impl_->status_json();
}
std::string Monitor::status_line() const {
  return impl_->status_line();
}
void Monitor::on_event(std::function<void()> told) {
  impl_->event_told = std::move(told);
}
void Monitor::remove_file(const SessionId& id, std::function<void(Result<void>)> done) {
  impl_->files().remove(id, std::move(done));
}

void Monitor::transitioned(const EventRecord& event) {
  impl_->transitioned(event);
}
void Monitor::changed(const SessionId& id) {
  impl_->files().changed(id);
}
void Monitor::erased(const SessionId& id, State last) {
  impl_->erased(id, last);
}
void Monitor::asked(const Question&, Duration late) {
  impl_->asked(late);
}
void Monitor::answered(const Question& question, const Answer& answer) {
  impl_->answered(question, answer);
}
void Monitor::anomaly(const SessionId& id, Anomaly anomaly, std::optional<UploadStatus> rules_say) {
  impl_->log_anomaly(id, anomaly, rules_say);
}
void Monitor::upstream_condition(const UpstreamCondition& condition) {
  impl_->upstream_condition(condition);
}

}  // namespace bankconnect
