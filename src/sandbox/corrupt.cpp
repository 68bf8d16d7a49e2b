#include "src/sandbox/corrupt.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <boost/json.hpp>

#include "src/sandbox/ids.hpp"

namespace bankconnect::sandbox {
namespace {

namespace json = boost::json;

std::string retry_after_text(const RetryAfter& retry_after, Instant now) {
  if (retry_after.as_date) return http_date(now + retry_after.wait);
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(retry_after.wait).count());
}

json::object error_object(const Fault& fault) {
  return {{"code", fault.code}, {"message", fault.message}};
}

Reply error_body_reply(const Fault& fault, const std::string& session_id) {
  switch (fault.shape) {
    case BodyShape::error:
      return json_reply(fault.status, json::serialize(json::object{{"error", error_object(fault)}}));
    case BodyShape::error_with_ids:
      return json_reply(fault.status, json::serialize(json::object{{"session_id", session_id},
                                                                   {"statement_id", ""},
                                                                   {"error", error_object(fault)}}));
    case BodyShape::detail: return detail_reply(fault.status, fault.message);
    case BodyShape::message:
      return json_reply(fault.status, json::serialize(json::object{{"message", fault.message}}));
    case BodyShape::html: return html_reply(fault.status, fault.message);
    case BodyShape::empty: return json_reply(fault.status, "");
  }
  return {};
}

Reply status_reply(const Fault& fault, const std::string& session_id, Instant now) {
  Reply reply = error_body_reply(fault, session_id);
  if (fault.retry_after) reply.headers.emplace_back("Retry-After", retry_after_text(*fault.retry_after, now));
  return reply;
}

Reply redirect_reply(const Fault& fault) {
  Reply reply = html_reply(fault.status, "Moved");
  reply.headers.emplace_back("Location", fault.location);
  return reply;
}

void replace_session_id(std::string& body, const std::string& session_id) {
  const std::string other = derived_uuid("not " + session_id);
  for (auto at = body.find(session_id); !session_id.empty() && at != std::string::npos;
       at = body.find(session_id, at + other.size())) {
    body.replace(at, session_id.size(), other);
  }
}

// Puts members before the others of a JSON object.
void insert_members(std::string& body, const std::string& members) {
  if (body.size() > 2 && body.front() == '{') body.insert(1, members + ",");
}

// Replaces a member that is there.
void replace_member(std::string& body, json::string_view key, json::value with) {
  boost::system::error_code ec;
  json::value value = json::parse(body, ec);
  if (ec || !value.is_object() || !value.get_object().contains(key)) return;
  value.get_object()[key] = std::move(with);
  body = json::serialize(value);
}

void compress(Reply& reply) {
  z_stream stream{};
  constexpr int kGzip = 15 + 16;
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK) return;
  std::string out(deflateBound(&stream, reply.body.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(reply.body.data());
  stream.avail_in = static_cast<uInt>(reply.body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool complete = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (!complete) return;
  reply.body = std::move(out);
  reply.headers.emplace_back("Content-Encoding", "gzip");
}

void pad(std::string& body, std::uint64_t size) {
  if (body.size() < size) body.append(static_cast<std::size_t>(size) - body.size(), ' ');
}

}  // namespace

Reply corrupt(Reply reply, const Fault& fault, const std::string& session_id, Instant now) {
  switch (fault.kind) {
    case FaultKind::status: return status_reply(fault, session_id, now);
    case FaultKind::html: return html_reply(200, "Scheduled maintenance");
    case FaultKind::redirect: return redirect_reply(fault);
    case FaultKind::drop:
    case FaultKind::drop_after: reply.delivery.mode = DeliveryMode::dropped; break;
    case FaultKind::reset: reply.delivery.mode = DeliveryMode::reset; break;
    case FaultKind::truncated: reply.delivery.mode = DeliveryMode::truncated; break;
    case FaultKind::stall: reply.delivery.mode = DeliveryMode::head_only; break;
    case FaultKind::slow: reply.delivery.delay = fault.delay; break;
    case FaultKind::slow_body:
      reply.delivery.mode = DeliveryMode::slow_body;
      reply.delivery.delay = fault.delay;
      break;
    case FaultKind::bad_json: reply.body.resize(reply.body.size() / 2); break;
    case FaultKind::wrong_session: replace_session_id(reply.body, session_id); break;
    case FaultKind::oversize: pad(reply.body, fault.size); break;
    case FaultKind::informational: reply.delivery.informational = fault.status; break;
    case FaultKind::close: reply.delivery.close = true; break;
    case FaultKind::chunked: reply.delivery.chunked = true; break;
    case FaultKind::cached:
      reply.headers.emplace_back(
          "Age", std::to_string(std::chrono::duration_cast<std::chrono::seconds>(fault.age).count()));
      break;
    case FaultKind::beside_data:
      insert_members(reply.body, "\"error\":" + json::serialize(error_object(fault)));
      break;
    case FaultKind::no_accounts: replace_member(reply.body, "accounts", json::array()); break;
    case FaultKind::not_strict:
      insert_members(reply.body, R"("balance":NaN,"limit":-Infinity,"name":"\ud800")");
      reply.body.insert(0, "\xEF\xBB\xBF");
      break;
    case FaultKind::gzip: compress(reply); break;
    case FaultKind::expired_early:
      replace_member(reply.body, "upload_status", "EXPIRED");
      replace_member(reply.body, "accounts", json::array());
      break;
    case FaultKind::insights_denied: replace_member(reply.body, "insights_available", false); break;
  }
  return reply;
}

}  // namespace bankconnect::sandbox
