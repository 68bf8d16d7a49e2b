// What can normally fail says so in its return value: a code a program reads, a sentence a person reads.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace bankconnect {

/// `code` is one of the contract's (STORE_UNAVAILABLE, WRONG_STATE, …); `message` says what and where.
struct Error {
  Error() = default;
  Error(std::string code_, std::string message_) : code(std::move(code_)), message(std::move(message_)) {}

  std::string code;
  std::string message;
};

[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::logic_error("unchecked error " + error.code + ": " + error.message);
}

template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace bankconnect
