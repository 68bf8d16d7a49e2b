#include "src/sandbox/options.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/ip/address.hpp>
#include <iostream>

#include "src/sandbox/number_parsing.hpp"

namespace bankconnect::sandbox {
namespace {

constexpr int kUsage = 2;

void check_webhook_url(const std::string& url) {
  try {
    parse_webhook_url(url);
  } catch (const std::invalid_argument& problem) {
    throw std::invalid_argument(std::string("--webhook-url ") + problem.what());
  }
}

}  // namespace

boost::asio::ip::tcp::endpoint parse_listen(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto port =
      colon == std::string::npos ? std::nullopt : parse_number<std::uint16_t>(text.substr(colon + 1));
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error || !port)
    throw std::invalid_argument("--listen " + text + ": give ADDRESS:PORT, such as 127.0.0.1:8900");
  if (!address.is_loopback()) {
    throw std::invalid_argument("--listen " + text +
                                ": the sandbox serves this machine only; give a loopback address");
  }
  return {address, *port};
}

CommandLine read_command_line(int argc, char** argv) {
  CLI::App app{"A stand-in for the FinBox BankConnect API, to try bankconnectd and to test it.",
               "bankconnect-sandbox"};
  Options options;
  std::string listen = "127.0.0.1:8900";
  app.add_option("--listen", listen, "loopback address and port; port 0 takes any free one")
      ->capture_default_str();
  app.add_option("--scenario", options.scenario_file, "TOML file of scenarios (docs/sandbox.md)");
  app.add_option("--request-log", options.request_log,
                 "append one JSON object per request and per webhook to this file");
  app.add_option("--api-key", options.credentials.api_key, "expected x-api-key")->capture_default_str();
  app.add_option("--server-hash", options.credentials.server_hash, "expected server-hash")
      ->capture_default_str();
  app.add_option("--webhook-url", options.webhook_url,
                 "send webhooks to this http:// URL, until update_webhook replaces it");
  app.add_option("--webhook-secret-file", options.webhook_secret_file,
                 "file whose first line is the x-secret-key of webhooks");
  auto* certificate =
      app.add_option("--tls-certificate", options.tls_certificate, "serve HTTPS with this PEM chain");
  auto* key = app.add_option("--tls-key", options.tls_key, "private key of the certificate, PEM");
  certificate->needs(key);
  key->needs(certificate);
  try {
    app.parse(argc, argv);
    options.listen = parse_listen(listen);
    if (!options.webhook_url.empty()) check_webhook_url(options.webhook_url);
  } catch (const CLI::ParseError& error) {
    return {std::nullopt, app.exit(error) == 0 ? 0 : kUsage};
  } catch (const std::invalid_argument& error) {
    std::cerr << error.what() << '\n';
    return {std::nullopt, kUsage};
  }
  return {std::move(options), 0};
}

}  // namespace bankconnect::sandbox
