// Submitting sessions, one or a hundred thousand.
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "bankconnect/await_callback.hpp"
#include "bankconnect/view.hpp"
#include "src/control/control_impl.hpp"

namespace bankconnect {

using control::BatchLine;
using Reply = ControlServer::Impl::Reply;

namespace {

/// Lines of a batch that are one commit. Between two chunks other requests are served.
constexpr std::size_t kChunkLines = 500;
/// A chunk ends once its lines have that many bytes: parsing them blocks the event loop.
constexpr std::size_t kChunkBytes = 512 * 1024;

struct Chunk {
  std::vector<BatchLine> lines;
  std::vector<Submission> submissions;  ///< of the lines that have one, in order
};

Chunk next_chunk(control::Lines& lines, bool objects) {
  Chunk chunk;
  std::size_t bytes = 0;
  while (chunk.lines.size() < kChunkLines && bytes < kChunkBytes) {
    const auto text = lines.next();
    if (!text) break;
    bytes += text->size() + 1;
    if (control::is_no_submission(*text)) continue;
    BatchLine line = control::read_batch_line(*text, lines.number(), objects);
    if (line.submission) chunk.submissions.push_back(*line.submission);
    chunk.lines.push_back(std::move(line));
  }
  return chunk;
}

constexpr const char* kLate = "not on disk yet, it may still be followed; submit it again to be sure";

/// One line for each line of the chunk, in order.
std::string results_of(const Chunk& chunk, const Result<std::vector<Submitted>>& outcome) {
  std::string out;
  std::size_t submitted = 0;
  for (const BatchLine& line : chunk.lines) {
    if (!line.submission) {
      out += control::rejected_line(line, line.error);
      continue;
    }
    const std::size_t index = submitted++;
    out += outcome.has_error() ? control::rejected_line(line, outcome.error())
                               : control::accepted_line(line, (*outcome)[index]);
  }
  return out;
}

}  // namespace

/// A batch on its way through the store.
struct Batch {
  explicit Batch(const net::Request& from)
      : request(from), objects(from.content_type == "application/x-ndjson"), lines(from.body) {}

  const net::Request& request;
  bool objects;
  control::Lines lines;
  std::int64_t accepted = 0;
  bool begun = false;  ///< the first chunk was stored: later errors are those of their lines
};

Reply ControlServer::Impl::post_sessions(const Request& request) {
  const std::string& type = request.content_type;
  if (type == "application/json") co_return co_await submit_one(request);
  if (type == "application/x-ndjson" || type == "text/plain") co_return co_await submit_batch(request);
  co_return Error(ErrorCode::unsupported_media_type,
                  "send application/json, application/x-ndjson or text/plain as Content-Type");
}

Reply ControlServer::Impl::submit_one(const Request& request) {
  BatchLine line = control::read_submission(request.body);
  if (!line.submission) co_return line.error;
  line.submission->return_known = true;
  const SessionId id = line.submission->id;
  const std::vector<Submission> batch = {*line.submission};
  const auto act = [this, batch, uid = request.peer_uid,
                    text = line.id_as_given](Done<std::vector<Submitted>> done) {
    dependencies_.follower.submit(batch, [this, uid, text, hold = batch.front().hold,
                                          done = std::move(done)](Result<std::vector<Submitted>> outcome) {
      const bool accepted = outcome.has_value() && outcome->front().accepted;
      const bool held = outcome.has_value() && !accepted && hold && !outcome->front().not_held;
      if (accepted) log_change(uid, "submit", text);
      if (held) log_change(uid, "hold", text);
      done(std::move(outcome));
    });
  };
  auto outcome = co_await write_in_time<std::vector<Submitted>>(kLate, act);
  if (outcome.has_error()) co_return outcome.error();
  Submitted& submitted = outcome->front();
  if (submitted.not_held) co_return *submitted.not_held;
  const int status = submitted.accepted ? 201 : 200;
  if (submitted.record) co_return session_response(std::move(*submitted.record), status);
  co_return co_await read_session(id, status);
}

/// The results of the next chunk; empty after the last one. An error: it is the first and was not stored.
boost::asio::awaitable<Result<std::string>> ControlServer::Impl::submit_chunk(Batch& batch) {
  const Chunk chunk = next_chunk(batch.lines, batch.objects);
  const auto act = [this, &chunk](auto done) { dependencies_.follower.submit(chunk.submissions, done); };
  Result<std::vector<Submitted>> outcome = std::vector<Submitted>();
  if (stopping_) {
    outcome = Error{ErrorCode::store_unavailable, "the daemon is stopping"};
  } else if (chunk.submissions.empty()) {
    co_await boost::asio::post(dependencies_.loop, boost::asio::use_awaitable);  // other handlers run first
  } else {
    outcome = co_await write_in_time<std::vector<Submitted>>(kLate, act);
  }
  if (outcome.has_error() && !batch.begun && !chunk.lines.empty()) co_return outcome.error();
  batch.begun = true;
  if (outcome.has_value()) {
    for (std::size_t i = 0; i < outcome->size(); ++i) {
      const Submitted& one = (*outcome)[i];
      const Submission& submission = chunk.submissions[i];
      batch.accepted += one.accepted ? 1 : 0;
      if (!one.accepted && submission.hold && !one.not_held)
        log_change(batch.request.peer_uid, "hold", submission.id.text());
    }
  }
  co_return results_of(chunk, outcome);
}

Reply ControlServer::Impl::submit_batch(const Request& request) {
  const auto batch = std::make_shared<Batch>(request);
  Result<std::string> first = co_await submit_chunk(*batch);
  if (first.has_error()) co_return first.error();
  Response response;
  response.content_type = "application/x-ndjson";
  if (first->empty() && batch->lines.at_end()) co_return response;
  response.stream = [this, batch, results = std::move(*first)](net::BodyStream& out) mutable {
    return submit_rest(batch, std::move(results), out);
  };
  co_return response;
}

boost::asio::awaitable<void> ControlServer::Impl::submit_rest(std::shared_ptr<Batch> batch,
                                                              std::string results, net::BodyStream& out) {
  const std::shared_ptr<Batch> held = std::move(batch);
  std::string lines = std::move(results);
  // Without a client there is no one to tell what becomes of the other chunks.
  for (;;) {
    if (!lines.empty()) co_await out.write(std::move(lines));
    if (!out.connected() || held->lines.at_end()) break;
    Result<std::string> next = co_await submit_chunk(*held);
    lines = std::move(*next);
  }
  dependencies_.log.info(
      "control", "",
      {{"command", "submit"}, {"sessions", held->accepted}, {"peer_uid", held->request.peer_uid}});
}

}  // namespace bankconnect
