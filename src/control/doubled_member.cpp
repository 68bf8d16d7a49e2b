#include "src/control/doubled_member.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <set>

#include "bankconnect/json_handler.hpp"

namespace bankconnect::control {

namespace json = boost::json;

namespace {

struct MemberScanner : NestingHandler {
  std::string doubled;

  bool on_key_part(Text part, std::size_t, EC&) {
    key_.append(part.data(), part.size());
    return true;
  }
  bool on_key(Text part, std::size_t, EC&) {
    key_.append(part.data(), part.size());
    if (depth == 1 && !keys_.insert(key_).second && doubled.empty()) doubled = key_;
    key_.clear();
    return true;
  }

 private:
  std::string key_;
  std::set<std::string> keys_;
};

}  // namespace

std::string doubled_member(std::string_view text) {
  json::basic_parser<MemberScanner> parser{json::parse_options{}};
  boost::system::error_code ec;
  parser.write_some(false, text.data(), text.size(), ec);
  return ec ? "" : std::move(parser.handler().doubled);
}

}  // namespace bankconnect::control
