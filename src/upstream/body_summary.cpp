#include "src/upstream/body_summary.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <vector>

#include "bankconnect/json_handler.hpp"
#include "bankconnect/lenient_json.hpp"
#include "src/upstream/keys.hpp"

namespace bankconnect::upstream {

namespace json = boost::json;

namespace {

constexpr std::size_t kLongestMember = 4096;  // of a member; callers mask it, and cut it shorter

/// Collects the summary while the parser reads.
class BodyScanner : public JsonHandler {
 public:
  explicit BodyScanner(DuplicateCheck check) : check_(check) {}

  BodySummary found;
  bool object = false;

  bool on_object_begin(EC&) {
    if (depth_ == 0) object = true;
    if (at("session_id")) found.session_id_not_a_string = true;
    if (depth_ == 2 && found.lists_accounts && top_ == Key("accounts").place()) found.has_account = true;
    ++depth_;
    keys_.push_back(0);
    return true;
  }
  bool on_object_end(std::size_t, EC&) {
    --depth_;
    keys_.pop_back();
    return true;
  }
  bool on_array_begin(EC&) {
    if (at("session_id")) found.session_id_not_a_string = true;
    if (at("accounts")) found.lists_accounts = true;
    ++depth_;
    return true;
  }
  bool on_array_end(std::size_t, EC&) {
    --depth_;
    return true;
  }
  bool on_key_part(Text part, std::size_t, EC&) { return append(partial_key_, part); }
  bool on_key(Text part, std::size_t, EC&) {
    append(partial_key_, part);
    if (depth_ <= 2 || check_ == DuplicateCheck::every_object) begin_member(place_of(partial_key_));
    partial_key_.clear();
    return true;
  }
  bool on_string_part(Text part, std::size_t, EC&) { return append(partial_text_, part); }
  bool on_string(Text part, std::size_t, EC&) {
    append(partial_text_, part);
    if (in_error() && !partial_text_.empty()) found.has_error = true;
    if (std::string* wanted = wanted_text()) *wanted = partial_text_;
    partial_text_.clear();
    return true;
  }
  bool on_int64(std::int64_t, Text, EC&) { return scalar(true); }
  bool on_uint64(std::uint64_t, Text, EC&) { return scalar(true); }
  bool on_double(double, Text, EC&) { return scalar(true); }
  bool on_bool(bool yes, EC&) { return scalar(yes); }

 private:
  /// Whether the value is the one of this key at the top.
  bool at(Key key) const { return depth_ == 1 && top_ == key.place(); }
  bool in_error() const { return depth_ >= 1 && top_ == Key("error").place(); }
  bool in_error_at(Key key) const { return depth_ == 2 && in_error() && error_key_ == key.place(); }

  void begin_member(std::size_t place) {
    if (depth_ == 1) top_ = place;
    const bool of_error = depth_ == 2 && in_error();
    if (of_error) error_key_ = place;
    if (place == kNoKey || (depth_ > 1 && !of_error && check_ == DuplicateCheck::top)) return;
    const std::uint64_t bit = std::uint64_t{1} << place;
    if ((keys_.back() & bit) != 0 && found.duplicate_key.empty()) found.duplicate_key = kKeysRead[place];
    keys_.back() |= bit;
  }
  std::string* wanted_text() {
    if (at("session_id")) return &found.session_id;
    if (at("detail")) return &found.detail;
    if (at("message")) return &found.message;
    if (at("statement_id") || in_error_at("statement_id")) return &found.statement_id;
    if (in_error_at("code")) return &found.error_code;
    if (at("error") || in_error_at("message")) return &found.error_message;
    return nullptr;
  }
  /// A number or a boolean.
  bool scalar(bool something) {
    if (at("session_id")) found.session_id_not_a_string = true;
    if (in_error() && something) found.has_error = true;
    return true;
  }
  static bool append(std::string& text, Text part) {
    if (text.size() < kLongestMember)
      text.append(part.data(), std::min(part.size(), kLongestMember - text.size()));
    return true;
  }

  static_assert(kKeysRead.size() <= 64, "a bit each");

  const DuplicateCheck check_;
  int depth_ = 0;
  std::vector<std::uint64_t> keys_;  ///< of each open object: those seen, a bit each
  std::size_t top_ = kNoKey;
  std::size_t error_key_ = kNoKey;
  std::string partial_key_;
  std::string partial_text_;
};

Error no_json(std::string what) {
  return {ErrorCode::not_json, "the answer " + std::move(what)};
}

/// What is wrong with a text of which the parser took the first `read` bytes.
Error why_not(std::string_view text, std::size_t read, boost::system::error_code ec) {
  if (text.empty()) return no_json("has no body");
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return no_json("is blank");
  if (text[first] == '<') return no_json("is a web page, not JSON");
  const std::string place = " after " + std::to_string(read) + " bytes";
  if (ec == json::error::incomplete) return no_json("is not JSON: it ends early," + place);
  if (ec == json::error::too_deep) return no_json("is nested too deep" + place);
  if (!ec) return no_json("is not JSON: something follows it" + place);
  const bool beyond_ascii = read < text.size() && static_cast<unsigned char>(text[read]) >= 0x80;
  return no_json((beyond_ascii ? "is not JSON: no valid UTF-8" : "is not JSON") + place);
}

Result<BodySummary> read(std::string_view text, DuplicateCheck check) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::basic_parser<BodyScanner> parser(options, check);
  boost::system::error_code ec;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
  if (ec || read != text.size()) return why_not(text, read, ec);
  if (!parser.handler().object) return no_json("is JSON, but not an object");
  return std::move(parser.handler().found);
}

}  // namespace

std::string duplicate_key_error(const BodySummary& body) {
  return "the answer has \"" + body.duplicate_key + "\" twice";
}

Result<BodySummary> scan(std::string_view text, DuplicateCheck check) {
  Result<BodySummary> found = read(text, check);
  if (found) return found;
  std::string other = lenient_json(text);
  if (other == text) return found;
  found = read(other, check);
  if (found) found->repaired = std::move(other);
  return found;
}

}  // namespace bankconnect::upstream
