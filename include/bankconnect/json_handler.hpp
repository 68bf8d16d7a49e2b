// The callbacks of boost::json::basic_parser, each doing nothing: a scanner derives from it and hides those
// it needs. Including basic_parser_impl.hpp is left to the scanner's own file.
#pragma once

#include <boost/json/string_view.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>

namespace bankconnect {

struct JsonHandler {
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);
  using EC = boost::system::error_code;
  using Text = boost::json::string_view;

  bool on_document_begin(EC&) { return true; }
  bool on_document_end(EC&) { return true; }
  bool on_object_begin(EC&) { return true; }
  bool on_object_end(std::size_t, EC&) { return true; }
  bool on_array_begin(EC&) { return true; }
  bool on_array_end(std::size_t, EC&) { return true; }
  bool on_key_part(Text, std::size_t, EC&) { return true; }
  bool on_key(Text, std::size_t, EC&) { return true; }
  bool on_string_part(Text, std::size_t, EC&) { return true; }
  bool on_string(Text, std::size_t, EC&) { return true; }
  bool on_number_part(Text, EC&) { return true; }
  bool on_int64(std::int64_t, Text, EC&) { return true; }
  bool on_uint64(std::uint64_t, Text, EC&) { return true; }
  bool on_double(double, Text, EC&) { return true; }
  bool on_bool(bool, EC&) { return true; }
  bool on_null(EC&) { return true; }
  bool on_comment_part(Text, EC&) { return true; }
  bool on_comment(Text, EC&) { return true; }
};

/// One that counts how deep it is in objects and arrays: 1 for the members of the outermost object.
struct NestingHandler : JsonHandler {
  bool on_object_begin(EC&) {
    ++depth;
    return true;
  }
  bool on_object_end(std::size_t, EC&) {
    --depth;
    return true;
  }
  bool on_array_begin(EC&) {
    ++depth;
    return true;
  }
  bool on_array_end(std::size_t, EC&) {
    --depth;
    return true;
  }

  int depth = 0;
};

}  // namespace bankconnect
