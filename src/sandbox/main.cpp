#include <exception>
#include <iostream>

#include "src/sandbox/options.hpp"
#include "src/sandbox/scenario_file.hpp"
#include "src/sandbox/server.hpp"

namespace bankconnect::sandbox {
namespace {

int run(int argc, char** argv) {
  constexpr int kFailed = 1;
  constexpr int kBadConfiguration = 78;
  const CommandLine command = read_command_line(argc, argv);
  if (!command.options) return command.exit_code;
  try {
    const std::string& file = command.options->scenario_file;
    run_server(*command.options, file.empty() ? ScenarioFile{} : load_scenarios(file));
    return 0;
  } catch (const ScenarioError& error) {
    std::cerr << error.what() << '\n';
    return kBadConfiguration;
  } catch (const std::exception& error) {
    std::cerr << "bankconnect-sandbox: " << error.what() << '\n';
    return kFailed;
  }
}

}  // namespace
}  // namespace bankconnect::sandbox

int main(int argc, char** argv) {
  return bankconnect::sandbox::run(argc, argv);
}
