#include "src/monitor/session_files.hpp"

#include <boost/asio/post.hpp>
#include <filesystem>

#include "bankconnect/view.hpp"
#include "src/monitor/file_writer.hpp"

namespace bankconnect::monitor {

namespace asio = boost::asio;

namespace {

/// The ids whose files are in the folder. Files that a crash left half-written are removed.
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

SessionFiles::SessionFiles(World world, std::string directory)
    : world_(std::move(world)), directory_(std::move(directory)) {}

void SessionFiles::reconcile() {
  asio::post(world_.worker, [this] {
    asio::post(world_.loop, [this, ids = listed(directory_)] {
      for (const SessionId& id : ids)
        changed(id);
    });
  });
}

void SessionFiles::changed(const SessionId& id) {
  if (stopped_ || !is_waiting_.insert(id).second) return;
  waiting_.push_back(id);
  ++asked_;
  go_on();
}

void SessionFiles::go_on() {
  while (!stopped_ && under_way_ < kAtOnce && !waiting_.empty()) {
    const SessionId id = waiting_.front();
    waiting_.pop_front();
    is_waiting_.erase(id);
    ++under_way_;
    write(id);
  }
}

void SessionFiles::write(const SessionId& id) {
  world_.archive.session(id, [this, id](Result<std::optional<SessionRecord>> found) {
    if (found.has_error()) return finished(id, false);
    std::string content;
    if (*found) {
      world_.fill_in(**found);
      content = session_json(**found) + "\n";
    }
    // One worker thread: files of a session are written in the order in which they were rendered.
    asio::post(world_.worker, [this, id, content = std::move(content)] {
      const bool removes = content.empty();
      const Result<void> result = removes ? remove_file(path_of(id)) : write_whole(path_of(id), content);
      asio::post(world_.loop, [this, id, removes, result] {
        finished(id, result.has_value());
        // A removal needs no room: that it succeeds says nothing about writing.
        if (!removes || result.has_error()) world_.written(result);
      });
    });
  });
}

void SessionFiles::finished(const SessionId& id, bool written) {
  --under_way_;
  ++done_;
  if (written) {
    unwritten_.erase(id);
  } else {
    unwritten_.insert(id);
  }
  go_on();
}

void SessionFiles::try_again(std::size_t at_once) {
  for (auto id = unwritten_.begin(); id != unwritten_.end() && at_once > 0; ++id, --at_once)
    changed(*id);
}

void SessionFiles::remove(const SessionId& id, std::function<void(Result<void>)> done) {
  asio::post(world_.worker, [this, id, done = std::move(done)] {
    const Result<void> result = remove_file(path_of(id));
    asio::post(world_.loop, [this, id, done, result] {
      // A write that was under way when the session was erased would bring its file back.
      changed(id);
      done(result);
    });
  });
}

}  // namespace bankconnect::monitor
