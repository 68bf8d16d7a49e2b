#include "src/upstream/report_links.hpp"

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>

#include "bankconnect/json_handler.hpp"
#include "src/upstream/body_summary.hpp"

namespace bankconnect::upstream {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostLinks = 200;
constexpr std::size_t kLongestToken = 8192;  // of a key or a URL
constexpr std::size_t kLongestAccount = 64;

// The outermost object, `accounts`, an account, its `data`.
constexpr int kTop = 1;
constexpr int kAccounts = 2;
constexpr int kAccount = 3;
constexpr int kData = 4;

bool names_a_file(std::string_view account) {
  const auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  };
  return !account.empty() && account.size() <= kLongestAccount && std::ranges::all_of(account, fits);
}

class LinkScanner : public NestingHandler {
 public:
  explicit LinkScanner(const std::vector<ReportFormat>& wanted) : wanted_(wanted) {}

  ReportLinks found;

  bool on_object_begin(EC& ec) {
    if (depth == kAccounts) begin_account();
    return NestingHandler::on_object_begin(ec);
  }
  bool on_object_end(std::size_t size, EC& ec) {
    const bool goes_on = NestingHandler::on_object_end(size, ec);
    if (depth == kAccounts && in_accounts_) end_account();
    return goes_on;
  }
  bool on_array_end(std::size_t size, EC& ec) {
    const bool goes_on = NestingHandler::on_array_end(size, ec);
    if (depth == kTop) in_accounts_ = false;
    return goes_on;
  }
  bool on_array_begin(EC& ec) {
    if (depth == kTop) in_accounts_ = key_ == "accounts";
    return NestingHandler::on_array_begin(ec);
  }
  bool on_key_part(Text part, std::size_t, EC&) { return append(partial_, part); }
  bool on_key(Text part, std::size_t, EC&) {
    append(partial_, part);
    key_ = std::exchange(partial_, {});
    if (depth == kAccount) in_data_ = key_ == "data";
    return true;
  }
  bool on_string_part(Text part, std::size_t, EC&) { return append(partial_, part); }
  bool on_string(Text part, std::size_t, EC&) {
    append(partial_, part);
    if (in_accounts_) take(partial_);
    partial_.clear();
    return true;
  }

 private:
  void begin_account() {
    account_.clear();
    urls_ = {};
  }

  void take(const std::string& text) {
    if (depth == kAccount && key_ == "account_id") account_ = text;
    const bool of_account = depth == kAccount || (depth == kData && in_data_);
    if (!of_account) return;
    for (const ReportFormat format : wanted_) {
      if (key_ == std::string(to_string(format)) + "_report_url")
        urls_[static_cast<std::size_t>(format)] = text;
    }
  }

  void end_account() {
    for (const ReportFormat format : kAllReportFormats) {
      const std::string& url = urls_[static_cast<std::size_t>(format)];
      const ReportName name{account_, format};
      const bool known =
          std::ranges::any_of(found.links, [&name](const ReportLink& link) { return link.name == name; });
      if (url.empty() || known) continue;
      if (!names_a_file(account_) || found.links.size() == kMostLinks) {
        found.some_unusable = true;
      } else {
        found.links.push_back({name, url.size() < kLongestToken ? url : ""});
      }
    }
  }

  static bool append(std::string& text, Text part) {
    if (text.size() < kLongestToken)
      text.append(part.data(), std::min(part.size(), kLongestToken - text.size()));
    return true;
  }

  const std::vector<ReportFormat>& wanted_;
  std::string partial_;
  std::string key_;
  bool in_accounts_ = false;
  bool in_data_ = false;
  std::string account_;
  std::array<std::string, kAllReportFormats.size()> urls_;
};

}  // namespace

ReportLinks report_links(std::string_view insights, const std::vector<ReportFormat>& wanted) {
  if (wanted.empty()) return {};
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::basic_parser<LinkScanner> parser(options, wanted);
  boost::system::error_code ec;
  parser.write_some(false, insights.data(), insights.size(), ec);
  if (ec) return {};
  return std::move(parser.handler().found);
}

}  // namespace bankconnect::upstream
