#pragma once

#include <string>

namespace bankconnect::test {

inline std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i)
    out += text;
  return out;
}

}  // namespace bankconnect::test
