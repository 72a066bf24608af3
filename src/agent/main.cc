#include <signal.h>

#include <cstdlib>
#include <iostream>

#include "agent/allocator/allocator.h"
#include "agent/config/config_parser.h"
#include "agent/process/server.h"
#include "runtime/process/stop_signals.h"
#include "runtime/run_task.h"

namespace {

using streamhouse::agent::Config;

constexpr int kFailed = 1;
constexpr int kUsage = 2;

std::optional<std::string> environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

void print_ready(std::string_view line) { std::cout << line << std::endl; }

int run(Config config) {
  namespace runtime = streamhouse::runtime;
  const std::unique_ptr<runtime::LogSink> sink = runtime::make_stderr_sink(config.log.format);
  const runtime::Log log(*sink, config.log.level);
  runtime::AsioRuntime core;
  streamhouse::agent::Server server(core, log, std::move(config));
  const runtime::StopSignals signals(core, [&server] { server.request_stop(); });
  const streamhouse::base::Status ended = runtime::run_task(core, server.run(print_ready));
  if (ended) return EXIT_SUCCESS;
  log.error("stopped", {{"error", to_string(ended.error())}});
  return kFailed;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  auto invocation = streamhouse::agent::parse_config(arguments, environment);
  if (!invocation) {
    std::cerr << "streamhouse-server: " << invocation.error().text << '\n';
    return kUsage;
  }
  if (std::holds_alternative<streamhouse::agent::ShowHelp>(*invocation)) {
    std::cout << streamhouse::agent::help_text();
    return EXIT_SUCCESS;
  }
  if (std::holds_alternative<streamhouse::agent::ShowVersion>(*invocation)) {
    std::cout << "streamhouse-server " SH_VERSION "\n";
    return EXIT_SUCCESS;
  }
  streamhouse::agent::configure_allocator();
  ::signal(SIGPIPE, SIG_IGN);
  return run(std::get<Config>(std::move(*invocation)));
}
