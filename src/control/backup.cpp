// Copying the database, and going on after a copy was put back.
#include <boost/json.hpp>

#include "bankconnect/await_callback.hpp"
#include "src/control/control_impl.hpp"
#include "src/control/doubled_member.hpp"

namespace bankconnect {

namespace json = boost::json;
using Reply = ControlServer::Impl::Reply;

namespace {

/// The path in `{"path": "…"}`.
Result<std::string> read_target(const net::Request& request) {
  if (request.content_type != "application/json")
    return Error(ErrorCode::unsupported_media_type, "send application/json: {\"path\": \"/where/to\"}");
  if (request.body.size() > control::kMaxObject) return control::object_too_long();
  boost::system::error_code ec;
  const json::value body = json::parse(request.body, ec);
  const json::object* object = ec ? nullptr : body.if_object();
  const json::value* path = object != nullptr ? object->if_contains("path") : nullptr;
  if (!control::doubled_member(request.body).empty())
    return Error(ErrorCode::bad_request, "\"path\" is there twice");
  if (path == nullptr || !path->is_string() || object->size() != 1)
    return Error(ErrorCode::bad_request, "expected {\"path\": \"/where/to\"}");
  return std::string(path->get_string().data(), path->get_string().size());
}

}  // namespace

Reply ControlServer::Impl::backup(const Request& request) {
  const Result<std::string> target = read_target(request);
  if (target.has_error()) co_return target.error();
  const auto act = [this, &target](auto done) { dependencies_.backup(*target, done); };
  auto done = co_await await_callback<Result<void>>(act);
  if (done.has_error()) co_return done.error();
  log_change(request.peer_uid, "backup", "");
  co_return net::json_response(200, json::serialize(json::object{{"path", *target}}) + "\n");
}

Reply ControlServer::Impl::resume(const Request& request) {
  const auto act = [this, uid = request.peer_uid](Done<void> done) {
    dependencies_.resume([this, uid, done = std::move(done)](const Result<void>& resumed) {
      if (resumed.has_value()) log_change(uid, "resume", "");
      done(resumed);
    });
  };
  auto done =
      co_await write_in_time<void>("not on disk yet, it may still take effect; ask again to be sure", act);
  if (done.has_error()) co_return done.error();
  co_return net::json_response(200, "{\"resumed\":true}\n");
}

}  // namespace bankconnect
