// A folder with a configuration in it, for the length of one test.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "bankconnect/config.hpp"

namespace bankconnect::test {

struct Folder {
  std::filesystem::path path;
  ConfigSources sources;

  Folder() {
    char name[] = "/tmp/bankconnect-config-XXXXXX";
    if (::mkdtemp(name) == nullptr) throw std::runtime_error("no temporary folder");
    path = name;
    sources.file = (path / "bankconnectd.toml").string();
    write("api-key", "the-key\n");
    write("server-hash", "the-hash\n");
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
    std::filesystem::permissions(path / name, std::filesystem::perms(0600));
  }

  LoadedConfig load(const std::string& toml) const {
    write("bankconnectd.toml", toml);
    return load_config(sources);
  }

  LoadedConfig load_with(std::vector<std::string> settings) {
    sources.settings = std::move(settings);
    return load_config(sources);
  }
};

/// All mistakes, a line each.
inline std::string lines(const LoadedConfig& loaded) {
  std::string out;
  for (const ConfigError& mistake : loaded.mistakes)
    out += mistake.text() + "\n";
  return out;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace bankconnect::test
