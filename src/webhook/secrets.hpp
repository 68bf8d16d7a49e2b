// The accepted values of `x-secret-key`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bankconnect/digest.hpp"

namespace bankconnect::webhook {

class Secrets {
 public:
  Secrets() = default;
  /// Keeps their hashes and wipes the values.
  explicit Secrets(std::vector<std::string> values);

  /// Whether a secret is asked for at all.
  bool required() const { return !digests_.empty(); }
  /// In a time that depends on neither the accepted values nor how much of one `given` has right: all hashes
  /// are compared to the end.
  bool accept(std::string_view given) const;

 private:
  std::vector<Sha256> digests_;
};

}  // namespace bankconnect::webhook
