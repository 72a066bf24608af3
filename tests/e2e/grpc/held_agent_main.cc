// An agent as streamhouse-server is one, but for its object store: while the file `hold` exists in
// the current directory no put begins or ends.
#include <filesystem>
#include <iostream>

#include "agent/config/config_parser.h"
#include "agent/process/server.h"
#include "objectstore/wrappers/fault_object_store.h"
#include "runtime/process/stop_signals.h"
#include "runtime/run_task.h"

namespace {

using namespace streamhouse;

constexpr auto kLookInterval = std::chrono::milliseconds(20);

runtime::Task<void> follow_file(runtime::TaskGroup& group, objectstore::StoreFaults& faults) {
  while (!group.stopping()) {
    std::error_code ignored;
    if (std::filesystem::exists("hold", ignored)) {
      faults.hold(objectstore::StoreOperation::kPut);
    } else {
      faults.release();
    }
    co_await group.sleep_until_stop(kLookInterval);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  auto invocation = agent::parse_config(arguments, [](const std::string&) { return std::nullopt; });
  if (!invocation) return 2;
  auto config = std::get<agent::Config>(*std::move(invocation));
  const auto sink = runtime::make_stderr_sink(config.log.format);
  const runtime::Log log(*sink, config.log.level);
  runtime::AsioRuntime core;
  objectstore::StoreFaults faults(core, 1);
  const auto wrap = [&](objectstore::ObjectStore& real) {
    return std::make_unique<objectstore::FaultObjectStore>(real, core, faults);
  };
  agent::Server server(core, log, std::move(config), wrap);
  runtime::TaskGroup group(core);
  group.spawn(follow_file(group, faults));
  const runtime::StopSignals signals(core, [&server] { server.request_stop(); });
  const auto print = [](std::string_view line) { std::cout << line << std::endl; };
  const base::Status ended = runtime::run_task(core, server.run(print));
  runtime::run_task(core, group.close());
  return ended ? EXIT_SUCCESS : EXIT_FAILURE;
}
