#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bankconnect::sandbox {

// Random numbers seeded with a text, such as a session id. All generated content of a session (account ids,
// numbers, hashes, amounts) comes from them, so it is the same at every call and in every run.
class SeededRandom {
 public:
  explicit SeededRandom(std::string_view text);

  std::uint64_t next();  // SplitMix64
  std::uint64_t below(std::uint64_t limit) { return next() % limit; }

 private:
  std::uint64_t state_;
};

bool is_uuid(std::string_view text);  // 8-4-4-4-12 hexadecimal digits, any case
std::string lower_case(std::string_view text);
std::string derived_uuid(std::string_view text);  // depends on the text only
std::string random_uuid();
std::string derived_digits(std::string_view text, int count);

}  // namespace bankconnect::sandbox
