#include "src/monitor/session_files.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <filesystem>
#include <utility>

#include "bankconnect/view.hpp"
#include "src/monitor/file_writer.hpp"

namespace bankconnect::monitor {

namespace asio = boost::asio;

namespace {

/// The ids whose files are in the directory. Files that a crash left half-written are removed.
std::vector<SessionId> listed(const std::string& directory) {
  std::vector<SessionId> ids;
  std::error_code ec;
  for (std::filesystem::directory_iterator entry(directory, ec), end; !ec && entry != end;
       entry.increment(ec)) {
    const std::filesystem::path& path = entry->path();
    if (path.extension() == ".new") static_cast<void>(remove_file(path.string()));
    if (path.extension() != ".json") continue;
    if (const auto id = SessionId::parse(path.stem().string())) ids.push_back(*id);
  }
  return ids;
}

}  // namespace

SessionFiles::SessionFiles(Dependencies dependencies, std::string directory)
    : dependencies_(std::move(dependencies)), directory_(std::move(directory)) {}

void SessionFiles::reconcile() {
  asio::post(dependencies_.worker, [this] {
    asio::post(dependencies_.loop, [this, ids = listed(directory_)] {
      for (const SessionId& id : ids)
        changed(id);
    });
  });
}

void SessionFiles::stored(const SessionRecord& record) {
  if (stopped_) return;
  SessionRecord kept = record;
  // What only memory knows is filled in when the file is written; a final session leaves memory before that.
  kept.attempts = 0;
  kept.next_poll_at = kNoWall;
  pending_.put(std::move(kept));
  changed(record.id);
}

void SessionFiles::erased(const SessionId& id) {
  pending_.drop(id);
  changed(id);
}

void SessionFiles::changed(const SessionId& id) {
  if (stopped_ || !is_waiting_.insert(id).second) return;
  waiting_.push_back({++requested_, id});
  schedule();
}

/// Writes start later and not inside the observer's call: what follows from the call is shown, too.
void SessionFiles::schedule() {
  if (std::exchange(scheduled_, true)) return;
  asio::post(dependencies_.loop, [this] {
    scheduled_ = false;
    start_waiting();
  });
}

void SessionFiles::start_waiting() {
  while (!stopped_ && under_way_.size() < kMaxUnderWay && !waiting_.empty()) {
    const auto [number, id] = waiting_.front();
    waiting_.pop_front();
    const auto [place, started] = under_way_.try_emplace(id, UnderWay{number});
    if (started) {
      start(id);
    } else {
      place->second.next = number;
    }
  }
}

void SessionFiles::start(const SessionId& id) {
  is_waiting_.erase(id);
  if (auto record = pending_.take(id)) return write(id, std::move(record));
  dependencies_.store.session(id, [this, id](Result<std::optional<SessionRecord>> found) {
    if (found.has_error()) return finished(id, false);
    write(id, std::move(*found));
  });
}

/// Writes the record, or removes the file of a session that is gone.
void SessionFiles::write(const SessionId& id, std::optional<SessionRecord> record) {
  std::string content;
  if (record) {
    dependencies_.follower.fill_in(*record);
    content = session_json(*record) + "\n";
  }
  asio::post(dependencies_.worker, [this, id, content = std::move(content)] {
    const bool removes = content.empty();
    const Result<void> result =
        removes ? remove_file(path_of(id)) : write_file_atomically(path_of(id), content);
    asio::post(dependencies_.loop, [this, id, removes, result] {
      finished(id, result.has_value());
      // A removal takes no disk space: its success does not show that files can be written.
      if (!removes || result.has_error()) dependencies_.written(result);
    });
  });
}

void SessionFiles::finished(const SessionId& id, bool written) {
  if (written) {
    unwritten_.erase(id);
  } else {
    unwritten_.insert(id);
  }
  const auto ended = under_way_.find(id);
  if (const std::uint64_t next = ended->second.next; next == 0) {
    under_way_.erase(ended);
  } else {
    ended->second = {next};
    if (!stopped_) start(id);
  }
  start_waiting();
}

bool SessionFiles::written(std::uint64_t requested) const {
  const auto later = [requested](std::uint64_t number) { return number > requested; };
  return unwritten_.empty() && (waiting_.empty() || later(waiting_.front().number)) &&
         std::ranges::all_of(under_way_, [&](const auto& write) { return later(write.second.number); });
}

void SessionFiles::retry(std::size_t limit) {
  for (auto id = unwritten_.begin(); id != unwritten_.end() && limit > 0; ++id, --limit)
    changed(*id);
}

void SessionFiles::remove(const SessionId& id, Done<void> done) {
  pending_.drop(id);
  asio::post(dependencies_.worker, [this, id, done = std::move(done)] {
    const Result<void> result = remove_file(path_of(id));
    asio::post(dependencies_.loop, [this, id, done, result] {
      // A write that was under way when the session was erased would bring its file back.
      changed(id);
      done(result);
    });
  });
}

}  // namespace bankconnect::monitor
