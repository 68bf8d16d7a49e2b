#include "src/upstream/skim.hpp"

#include <boost/json/basic_parser_impl.hpp>

namespace bankconnect::upstream {

namespace json = boost::json;

namespace {

constexpr std::size_t kMaxDepth = 256;
constexpr std::size_t kLongestKept = 4096;  // cut shorter, and masked before that, by whoever shows it

/// What the parser calls while it reads. Only texts at `session_id`, `error.code` and `error.message` are
/// kept.
struct Skimmer {
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);
  using EC = boost::system::error_code;

  Skimmed found;
  bool object = false;

  bool on_document_begin(EC&) { return true; }
  bool on_document_end(EC&) { return true; }
  bool on_object_begin(EC&) {
    if (depth_ == 0) object = true;
    if (depth_ == 1) in_error_ = key_ == "error";
    ++depth_;
    return true;
  }
  bool on_object_end(std::size_t, EC&) { return leave(); }
  bool on_array_begin(EC&) {
    ++depth_;
    return true;
  }
  bool on_array_end(std::size_t, EC&) { return leave(); }
  bool on_key_part(json::string_view part, std::size_t, EC&) { return keep(partial_key_, part); }
  bool on_key(json::string_view part, std::size_t, EC&) {
    keep(partial_key_, part);
    if (depth_ == 1 || (depth_ == 2 && in_error_)) key_ = partial_key_;
    partial_key_.clear();
    forget_what_comes_again();
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, EC&) { return keep(partial_text_, part); }
  bool on_string(json::string_view part, std::size_t, EC&) {
    keep(partial_text_, part);
    if (depth_ == 1 && key_ == "session_id") found.session_id = partial_text_;
    if (depth_ == 2 && in_error_ && key_ == "code") found.error_code = partial_text_;
    if (depth_ == 2 && in_error_ && key_ == "message") found.error_message = partial_text_;
    partial_text_.clear();
    return true;
  }
  bool on_number_part(json::string_view, EC&) { return true; }
  bool on_int64(std::int64_t, json::string_view, EC&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, EC&) { return true; }
  bool on_double(double, json::string_view, EC&) { return true; }
  bool on_bool(bool, EC&) { return true; }
  bool on_null(EC&) { return true; }
  bool on_comment_part(json::string_view, EC&) { return true; }
  bool on_comment(json::string_view, EC&) { return true; }

 private:
  /// Of a key that comes twice the last one counts.
  void forget_what_comes_again() {
    if (depth_ == 1 && key_ == "session_id") found.session_id.clear();
    if ((depth_ == 1 && key_ == "error") || (depth_ == 2 && in_error_ && key_ == "code"))
      found.error_code.clear();
    if ((depth_ == 1 && key_ == "error") || (depth_ == 2 && in_error_ && key_ == "message")) {
      found.error_message.clear();
    }
  }
  bool leave() {
    --depth_;
    if (depth_ <= 1) in_error_ = false;
    return true;
  }
  static bool keep(std::string& text, json::string_view part) {
    if (text.size() < kLongestKept)
      text.append(part.data(), std::min(part.size(), kLongestKept - text.size()));
    return true;
  }

  int depth_ = 0;
  bool in_error_ = false;
  std::string key_;
  std::string partial_key_;
  std::string partial_text_;
};

}  // namespace

std::optional<Skimmed> skim(std::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::basic_parser<Skimmer> parser(options);
  boost::system::error_code ec;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
  if (ec || read != text.size() || !parser.handler().object) return std::nullopt;
  return std::move(parser.handler().found);
}

}  // namespace bankconnect::upstream
