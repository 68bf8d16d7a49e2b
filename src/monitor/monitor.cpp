// Collects, counts and logs; tells the files when to be written.
#include "bankconnect/monitor.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <future>
#include <utility>

#include "src/monitor/file_writer.hpp"
#include "src/monitor/monitor_impl.hpp"
#include "statemachine/why.hpp"

namespace bankconnect {

namespace asio = boost::asio;
using Kind = UpstreamCondition::Kind;

void Monitor::Impl::start(std::function<void(SessionRecord&)> fill_in, std::function<Followed()> followed) {
  fill_in_ = std::move(fill_in);
  followed_ = std::move(followed);
  file_written(monitor::make_directory(options_.status_dir + "/sessions"));
  mark_left_ = monitor::files_through_in(monitor::read_whole(options_.status_dir + "/status.json"));
  files_.reconcile();
  tick();
}

void Monitor::Impl::stop() {
  stopped_ = true;
  mark_.advance(last_seq_);
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
  webhooks_.tick();
  if (!std::exchange(facts_asked_, true)) ask_facts();
  look_after_files();
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
    if (mark_left_) mark_.catch_up(*std::exchange(mark_left_, std::nullopt), store_.last_event_seq);
  });
}

void Monitor::Impl::look_after_files() {
  const std::uint64_t before = mark_.through();
  mark_.advance(last_seq_);
  dirty_ = dirty_ || mark_.through() != before;
  files_.try_again(last_file_written_ ? SIZE_MAX : monitor::SessionFiles::kAtOnce);
}

void Monitor::Impl::write_status() {
  if (stopped_) return;
  dirty_ = false;
  quiet_ticks_ = 0;
  asio::post(world_.worker, [this, content = status_json()] {
    const Result<void> result = monitor::write_whole(options_.status_dir + "/status.json", content);
    asio::post(world_.loop, [this, result] {
      status_written_ = result.has_value();
      file_written(result);
    });
  });
}

void Monitor::Impl::file_written(const Result<void>& result) {
  last_file_written_ = result.has_value();
  // One that can be written does not make up for another that cannot.
  if (last_file_written_ && (files_.some_unwritten() || !status_written_)) return;
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

void Monitor::webhook(const WebhookSeen& seen) {
  impl_->webhooks().count(seen);
}
void Monitor::webhook_missed(const SessionId& id, News news) {
  impl_->webhooks().missed(id, news);
}
void Monitor::webhook_health(WebhookHealth health) {
  impl_->webhooks().health(health);
}

}  // namespace bankconnect
