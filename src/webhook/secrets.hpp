// The accepted values of `x-secret-key`.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bankconnect::webhook {

class Secrets {
 public:
  Secrets() = default;
  /// Keeps their hashes and wipes the values.
  explicit Secrets(std::vector<std::string> values);

  /// Whether a secret is asked for at all.
  bool required() const { return !digests_.empty(); }
  /// Takes the same time whichever value is given, right or wrong, whatever its length compared with the
  /// right one's: hashes are compared, all of them, to the end.
  bool accept(std::string_view given) const;

 private:
  std::vector<std::array<std::uint8_t, 32>> digests_;
};

}  // namespace bankconnect::webhook
