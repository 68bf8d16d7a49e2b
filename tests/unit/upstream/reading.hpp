// Reading of answers, and the parts of the result that tests compare.
#pragma once

#include <string>
#include <utility>

#include "src/upstream/answers.hpp"

namespace bankconnect::test {

inline const SessionId kSession = *SessionId::parse("bfb98ac5-7224-401b-a643-175235856187");
inline const char* const kOtherSession = "d35b9df1-871d-43d1-b6c1-67ded2c2e8e5";
/// 2025-11-13 06:48:44 UTC
inline constexpr Wall kNow{std::chrono::seconds(1763016524)};

inline Question question(Call call, Elapsed not_after = kNoLimit) {
  return {kSession, call, kNoSteady, not_after};
}

inline Answer read(Call call, int status, std::string body, std::string retry_after = "",
                   std::string content_encoding = "") {
  upstream::HttpAnswer http;
  http.status = status;
  http.retry_after = std::move(retry_after);
  http.content_encoding = std::move(content_encoding);
  http.body = std::move(body);
  return upstream::read_answer(question(call), std::move(http), kNow);
}

inline std::string trigger(const Answer& answer) {
  return std::string(to_string(answer.event.trigger));
}
inline std::string error_code(const Answer& answer) {
  return answer.error ? answer.error->code : "";
}

inline std::string error_message(const Answer& answer) {
  return answer.error ? answer.error->message : "";
}

/// A documented answer to `call` of 200, with `session_id` (JSON; empty: it is left out) in it.
inline std::string success_body(Call call, const std::string& session_id) {
  const std::string named = session_id.empty() ? "" : R"("session_id":)" + session_id + ",";
  switch (call) {
    case Call::upload_status: return "{" + named + R"("upload_status":"COMPLETED","accounts":[]})";
    case Call::initiate: return "{" + named + R"("message":"success"})";
    case Call::progress: return "{" + named + R"("session_progress":"completed"})";
    default: return "{" + named + R"("accounts":[]})";
  }
}

/// `{"error":{"code":…,"message":"m"}}`
inline std::string error_body(const std::string& code) {
  return R"({"error":{"code":")" + code + R"(","message":"m"}})";
}

}  // namespace bankconnect::test
