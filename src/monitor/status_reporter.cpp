// Writes status.json every second while something changes, and the files of sessions.
#include "src/monitor/status_reporter.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <future>
#include <utility>

#include "src/monitor/file_writer.hpp"

namespace bankconnect {

namespace asio = boost::asio;

StatusReporter::Impl::Impl(Dependencies dependencies, std::string version, std::string status_dir)
    : dependencies_(dependencies),
      version_(std::move(version)),
      status_dir_(std::move(status_dir)),
      activity_(dependencies_.counters.impl().activity),
      started_at_(dependencies_.clock.now().wall),
      timer_(dependencies_.loop),
      files_({dependencies_.loop, dependencies_.worker, dependencies_.store, dependencies_.follower,
              [this](const Result<void>& result) { file_written(result); }},
             status_dir_ + "/sessions"),
      watermark_(files_, dependencies_.store) {
  dependencies_.counters.impl().files = &files_;
}

StatusReporter::Impl::~Impl() {
  dependencies_.counters.impl().files = nullptr;
}

void StatusReporter::Impl::start(OldFiles old_files) {
  file_written(monitor::make_directory(status_dir_ + "/sessions"));
  previous_watermark_ = monitor::files_through_in(monitor::read_file(status_path()));
  if (old_files == OldFiles::reconciled) files_.reconcile();
  tick();
}

void StatusReporter::Impl::stop() {
  stopped_ = true;
  watermark_.advance(announced_seq());
  files_.stop();
  timer_.cancel();
  // The worker is one thread: once this is done, everything posted before it is, too.
  std::promise<void> written;
  asio::post(dependencies_.worker, [&written, path = status_path(), content = monitor::to_json(status())] {
    static_cast<void>(monitor::write_file_atomically(path, content));
    written.set_value();
  });
  written.get_future().wait();
}

void StatusReporter::Impl::tick() {
  if (stopped_) return;
  requests_per_second_ = static_cast<double>(activity_.requests - requests_at_last_tick_);
  requests_at_last_tick_ = activity_.requests;
  activity_.webhooks.tick();
  if (!std::exchange(asking_facts_, true)) ask_facts();
  check_disk();
  retry_files();
  if (dirty_ || activity_.changed || ++quiet_ticks_ >= 9) write_status();
  timer_.expires_after(std::chrono::seconds(1));
  timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec) tick();
  });
}

/// One question at a time: a slow store does not accumulate them, and status.json does not wait for it.
void StatusReporter::Impl::ask_facts() {
  dependencies_.store.facts([this](const Result<StoreFacts>& facts) {
    asking_facts_ = false;
    if (facts.has_error()) return;
    dirty_ = dirty_ || facts->disk_full != facts_.disk_full;
    facts_ = *facts;
    if (!seq_at_start_) seq_at_start_ = facts_.last_event_seq;
    // A snapshot from before the end of a session that ended meanwhile.
    if (facts_.last_event_seq >= activity_.last_event_seq) activity_.oldest_live = facts_.oldest_live;
    if (previous_watermark_)
      watermark_.catch_up(*std::exchange(previous_watermark_, std::nullopt), facts_.last_event_seq);
  });
}

/// Asked on the loop: a store that hangs answers nothing else.
void StatusReporter::Impl::check_disk() {
  const WriteDelay delay = dependencies_.store.write_delay();
  const monitor::DiskCondition condition = monitor::condition_of(delay);
  if (condition == std::exchange(disk_, condition)) return;
  dirty_ = true;
  if (condition == monitor::DiskCondition::answers) {
    dependencies_.log.info("disk_answers", "");
    return;
  }
  const bool hangs = condition == monitor::DiskCondition::hangs;
  dependencies_.log.warning(hangs ? "disk_hangs" : "disk_slow", "writes to the database wait",
                            {{"oldest_ms", delay.oldest.count()}, {"longest_ms", delay.longest.count()}});
}

void StatusReporter::Impl::retry_files() {
  const std::uint64_t before = watermark_.through();
  watermark_.advance(announced_seq());
  dirty_ = dirty_ || watermark_.through() != before;
  files_.retry(last_write_succeeded_ ? SIZE_MAX : monitor::SessionFiles::kMaxUnderWay);
}

void StatusReporter::Impl::write_status() {
  if (stopped_) return;
  dirty_ = false;
  activity_.changed = false;
  quiet_ticks_ = 0;
  asio::post(dependencies_.worker, [this, content = monitor::to_json(status())] {
    const Result<void> result = monitor::write_file_atomically(status_path(), content);
    asio::post(dependencies_.loop, [this, result] {
      status_written_ = result.has_value();
      file_written(result);
    });
  });
}

void StatusReporter::Impl::file_written(const Result<void>& result) {
  last_write_succeeded_ = result.has_value();
  // The problem ends only when every file is written, not with the first that can be.
  if (last_write_succeeded_ && (files_.has_failures() || !status_written_)) return;
  const std::string problem = result.has_error() ? result.error().message : "";
  // Logged when it begins and when it ends, not for every file.
  if (problem.empty() != files_problem_.empty()) {
    if (problem.empty()) {
      dependencies_.log.info("status_files_writable", "");
    } else {
      dependencies_.log.error("status_files_unwritable", problem);
    }
    dirty_ = true;
  }
  files_problem_ = problem;
}

bool StatusReporter::Impl::set_problem(const std::string& code, std::string text) {
  const auto shown = problems_.find(code);
  if (text == (shown == problems_.end() ? "" : shown->second)) return false;
  dirty_ = true;
  if (text.empty()) {
    problems_.erase(shown);
  } else {
    problems_.insert_or_assign(code, std::move(text));
  }
  return true;
}

void StatusReporter::Impl::set_certificate_expiry(Wall at) {
  dirty_ = dirty_ || certificate_expires_at_ != at;
  certificate_expires_at_ = at;
}

/// The newest event that the files were notified of. The store may know of newer ones, just committed.
std::uint64_t StatusReporter::Impl::announced_seq() const {
  return std::max(activity_.last_event_seq, seq_at_start_.value_or(0));
}

std::uint64_t StatusReporter::Impl::last_event_seq() const {
  return std::max(activity_.last_event_seq, facts_.last_event_seq);
}

monitor::Status StatusReporter::Impl::status() const {
  return {version_,
          started_at_,
          dependencies_.clock.now().wall,
          activity_,
          dependencies_.follower.followed(),
          activity_.recent_calls.lately(dependencies_.clock.now().steady),
          facts_,
          dependencies_.store.write_delay(),
          requests_per_second_,
          last_event_seq(),
          previous_watermark_.value_or(watermark_.through()),
          files_problem_,
          problems_,
          certificate_expires_at_};
}

StatusReporter::StatusReporter(Dependencies dependencies, std::string version, std::string status_dir)
    : impl_(std::make_unique<Impl>(dependencies, std::move(version), std::move(status_dir))) {}

StatusReporter::~StatusReporter() = default;

void StatusReporter::start(OldFiles old_files) {
  impl_->start(old_files);
}
void StatusReporter::stop() {
  impl_->stop();
}
bool StatusReporter::idle() const {
  return impl_->files().idle();
}
std::string StatusReporter::status_json() const {
  return monitor::to_json(impl_->status());
}
std::string StatusReporter::status_line() const {
  return monitor::to_line(impl_->status());
}
bool StatusReporter::set_problem(const std::string& code, std::string text) {
  return impl_->set_problem(code, std::move(text));
}
void StatusReporter::set_certificate_expiry(Wall at) {
  impl_->set_certificate_expiry(at);
}

void StatusReporter::remove_file(const SessionId& id, Done<void> done) {
  impl_->files().remove(id, std::move(done));
}

LogPosition last_log_position(const std::string& status_dir) {
  return monitor::log_position_in(monitor::read_file(status_dir + "/status.json"));
}

}  // namespace bankconnect
