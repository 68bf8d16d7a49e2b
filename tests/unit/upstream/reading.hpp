// Answers as the tests write them down, and what was read out of them.
#pragma once

#include <string>
#include <utility>

#include "src/upstream/answers.hpp"

namespace bankconnect::test {

inline const SessionId kSession = *SessionId::parse("bfb98ac5-7224-401b-a643-175235856187");
inline const char* const kOtherSession = "d35b9df1-871d-43d1-b6c1-67ded2c2e8e5";
/// 2025-11-13 06:48:44 UTC
inline constexpr Wall kNow{std::chrono::seconds(1763016524)};

inline Answer read(Call call, int status, std::string body, std::string retry_after = "",
                   std::string content_encoding = "") {
  Question question;
  question.id = kSession;
  question.call = call;
  return upstream::read_answer(
      question, {status, std::move(retry_after), std::move(content_encoding), std::move(body)}, kNow);
}

inline std::string trigger(const Answer& answer) {
  return std::string(name(answer.event.trigger));
}
inline std::string error_code(const Answer& answer) {
  return answer.error ? answer.error->code : "";
}

/// `{"error":{"code":…,"message":"m"}}`
inline std::string error_body(const std::string& code) {
  return R"({"error":{"code":")" + code + R"(","message":"m"}})";
}

}  // namespace bankconnect::test
