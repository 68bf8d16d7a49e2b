// A read transaction as of another process: until it ends, the write-ahead log cannot be truncated.
#pragma once

#include <sqlite3.h>

#include <boost/test/unit_test.hpp>
#include <string>

namespace bankconnect::test {

class ForeignReader {
 public:
  explicit ForeignReader(const std::string& path) {
    BOOST_REQUIRE(sqlite3_open_v2(path.c_str(), &handle_, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
    BOOST_REQUIRE(sqlite3_exec(handle_, "BEGIN; SELECT count(*) FROM sessions", nullptr, nullptr, nullptr) ==
                  SQLITE_OK);
  }
  ~ForeignReader() { sqlite3_close(handle_); }
  void end() { sqlite3_exec(handle_, "COMMIT", nullptr, nullptr, nullptr); }

 private:
  sqlite3* handle_ = nullptr;
};

}  // namespace bankconnect::test
