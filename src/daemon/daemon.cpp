// The command line, and where every exception ends.
#include "bankconnect/daemon.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include <CLI/CLI.hpp>
#include <boost/system/system_error.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string_view>
#include <system_error>

#include "bankconnect/config.hpp"
#include "bankconnect/version.hpp"
#include "src/daemon/application.hpp"
#include "src/daemon/restore.hpp"
#include "src/daemon/service.hpp"

namespace bankconnect {
namespace {

/// A core dump would contain the secrets.
void forbid_core_dumps() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  // It would keep the leak checker from attaching to the process.
  ::prctl(PR_SET_DUMPABLE, 0);
#endif
}

void report_unexpected(const std::exception& error) {
  std::fprintf(stderr, "bankconnectd: unexpected error: %s\n", error.what());
}

[[noreturn]] void out_of_memory() {
  constexpr std::string_view kMessage = "bankconnectd: out of memory; exiting, to be restarted\n";
  static_cast<void>(!::write(STDERR_FILENO, kMessage.data(), kMessage.size()));
  std::_Exit(kExitSystemError);
}

/// Exits when an allocation fails: everything durable is on disk, and a restart recovers it. OpenSSL must not
/// go on after a failed allocation, because algorithms it could not fetch stay missing.
void end_when_out_of_memory() {
  std::set_new_handler(out_of_memory);
  // Libraries throw bad_alloc themselves, and on other threads it is not caught.
  std::set_terminate([] {
    try {
      if (const auto thrown = std::current_exception()) std::rethrow_exception(thrown);
    } catch (const std::bad_alloc&) {
      out_of_memory();
    } catch (const std::exception& error) {
      report_unexpected(error);
    }
    std::abort();
  });
  CRYPTO_set_mem_functions(
      [](std::size_t size, const char*, int) {
        void* const memory = std::malloc(size);
        if (memory == nullptr && size > 0) out_of_memory();
        return memory;
      },
      [](void* old, std::size_t size, const char*, int) {
        void* const memory = std::realloc(old, size);
        if (memory == nullptr && size > 0) out_of_memory();
        return memory;
      },
      [](void* memory, const char*, int) { std::free(memory); });
}

int report(const std::vector<ConfigError>& mistakes) {
  for (const ConfigError& mistake : mistakes)
    std::fprintf(stderr, "%s\n", mistake.text().c_str());
  return kExitConfiguration;
}

int run(int argc, char** argv) {
  ConfigSources sources;
  bool check_only = false;
  CLI::App app{"Follows FinBox BankConnect sessions until their enriched data is stored.", "bankconnectd"};
  auto* config = app.add_option("--config", sources.file, "Configuration file")
                     ->option_text("FILE")
                     ->capture_default_str();
  app.add_option("--set", sources.settings, "Set one key, e.g. --set log.level=debug; repeatable")
      ->option_text("SECTION.KEY=VALUE")
      ->allow_extra_args(false);
  app.add_flag("--check-config", check_only, "Print the effective configuration, without secrets, and exit");
  std::string copy;
  app.add_option(
         "--restore", copy,
         "Put a copy that `bankconnectctl backup` made in the database's place, and exit; the daemon must "
         "not run")
      ->option_text("FILE");
  app.set_version_flag("--version", std::string("bankconnectd ") + kVersion);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return kExitUsage;
  }
  sources.file_must_exist = config->count() > 0;
  if (const char* directory = std::getenv("CREDENTIALS_DIRECTORY")) sources.credentials_directory = directory;

  for (const char* const variable : {"HTTPS_PROXY", "https_proxy"})
    if (std::getenv(variable) != nullptr) sources.proxy_variable = variable;

  LoadedConfig loaded = load_config(sources);
  if (!loaded.mistakes.empty()) return report(loaded.mistakes);
  if (check_only) {
    for (const ConfigError& warning : loaded.warnings)
      std::fprintf(stderr, "warning: %s\n", warning.text().c_str());
    std::fputs(show_config(loaded.config).c_str(), stdout);
    return kExitClean;
  }
  if (!copy.empty()) return daemon::restore(copy, loaded.config.store.path);
  std::signal(SIGPIPE, SIG_IGN);
  return daemon::Application(std::move(loaded), std::move(sources)).run();
}

/// A thread or memory that cannot be had may be available after a restart.
int exit_code_of(const std::error_code& code) {
  const bool transient =
      code == std::errc::resource_unavailable_try_again || code == std::errc::not_enough_memory;
  return transient ? kExitSystemError : EXIT_FAILURE;
}

}  // namespace

int run_daemon(int argc, char** argv) {
  daemon::hold_signals();
  try {
    forbid_core_dumps();
    end_when_out_of_memory();
    return run(argc, argv);
  } catch (const std::bad_alloc&) {
    out_of_memory();
  } catch (const std::system_error& error) {
    report_unexpected(error);
    return exit_code_of(error.code());
  } catch (const boost::system::system_error& error) {
    report_unexpected(error);
    return exit_code_of(error.code());
  } catch (const std::exception& error) {
    report_unexpected(error);
    return EXIT_FAILURE;
  }
}

}  // namespace bankconnect
