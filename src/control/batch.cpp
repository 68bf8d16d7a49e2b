// Handing sessions in, one or a hundred thousand.
#include "bankconnect/awaited.hpp"
#include "bankconnect/view.hpp"
#include "src/control/control_impl.hpp"

namespace bankconnect {

using control::Line;
using Task = ControlServer::Impl::Task;

namespace {

/// Lines of a batch that are one commit. Between two chunks everybody else gets their turn.
constexpr std::size_t kChunk = 500;
/// It has no more lines once they are this long together: reading them takes time, too.
constexpr std::size_t kChunkBytes = 512 * 1024;

struct Chunk {
  std::vector<Line> lines;
  std::vector<Submission> submissions;  ///< of the lines that have one, in order
};

Chunk next_chunk(control::Lines& lines, bool objects) {
  Chunk chunk;
  std::size_t bytes = 0;
  while (chunk.lines.size() < kChunk && bytes < kChunkBytes) {
    const auto text = lines.next();
    if (!text) break;
    bytes += text->size();
    Line line = objects ? control::read_object(*text) : control::read_id(*text);
    if (line.submission) chunk.submissions.push_back(*line.submission);
    chunk.lines.push_back(std::move(line));
  }
  return chunk;
}

std::string results_of(const Chunk& chunk, const Result<std::vector<Submitted>>& outcome) {
  std::string out;
  std::size_t submitted = 0;
  for (const Line& line : chunk.lines) {
    if (!line.submission) {
      out += control::result_line(line, line.error);
      continue;
    }
    const std::size_t index = submitted++;
    out += outcome.has_error() ? control::result_line(line, outcome.error())
                               : control::result_line(*line.submission, (*outcome)[index].accepted);
  }
  return out;
}

}  // namespace

Task ControlServer::Impl::post_sessions(const Request& request, Responder& responder) {
  if (stopping) {
    Error error("STORE_UNAVAILABLE", "the daemon is stopping");
    co_await refuse(responder, std::move(error));
  } else if (request.content_type == "application/json") {
    co_await submit_one(request, responder);
  } else if (request.content_type == "application/x-ndjson" || request.content_type == "text/plain") {
    co_await submit_batch(request, responder);
  } else {
    Error error("UNSUPPORTED_MEDIA_TYPE",
                "send application/json, application/x-ndjson or text/plain as Content-Type");
    co_await refuse(responder, std::move(error));
  }
}

Task ControlServer::Impl::submit_one(const Request& request, Responder& responder) {
  const Line line = control::read_object(request.body);
  if (!line.submission) {
    co_await refuse(responder, line.error);
    co_return;
  }
  const std::vector<Submission> batch = {*line.submission};
  const auto act = [this, batch](auto done) { world.follower.submit(batch, done); };
  auto outcome = co_await awaited<Result<std::vector<Submitted>>>(act);
  if (outcome.has_error()) {
    co_await refuse(responder, outcome.error());
    co_return;
  }
  const bool accepted = outcome->front().accepted;
  if (accepted) log_change(request.peer_uid, "submit", line.as_given);
  co_await send_session(responder, line.submission->id, accepted ? 201 : 200);
}

Task ControlServer::Impl::submit_batch(const Request& request, Responder& responder) {
  const bool objects = request.content_type == "application/x-ndjson";
  control::Lines lines(request.body);
  bool begun = false;
  std::int64_t accepted = 0;
  for (Chunk chunk = next_chunk(lines, objects); !chunk.lines.empty(); chunk = next_chunk(lines, objects)) {
    const auto act = [this, &chunk](auto done) { world.follower.submit(chunk.submissions, done); };
    Result<std::vector<Submitted>> outcome = std::vector<Submitted>();
    if (stopping) {
      outcome = Error{"STORE_UNAVAILABLE", "the daemon is stopping"};
    } else if (!chunk.submissions.empty()) {
      outcome = co_await awaited<Result<std::vector<Submitted>>>(act);
    }
    if (outcome.has_error() && !begun) {
      co_await refuse(responder, outcome.error());
      co_return;
    }
    if (!begun) {
      co_await responder.begin(200, "application/x-ndjson");
      begun = true;
    }
    if (outcome.has_value()) {
      for (const Submitted& one : *outcome)
        accepted += one.accepted ? 1 : 0;
    }
    std::string results = results_of(chunk, outcome);
    co_await responder.write(std::move(results));
    if (!responder.connected()) break;  // nobody would learn what became of the rest
  }
  if (!begun) {
    co_await responder.send(200, "application/x-ndjson", "");
    co_return;
  }
  world.log.info("control", "",
                 {{"command", "submit"}, {"sessions", accepted}, {"peer_uid", request.peer_uid}});
  co_await responder.end();
}

}  // namespace bankconnect
