// An agent as streamhouse-server is one, but that it removes dead objects at once, and for its
// object store: while the file `hold` exists in the current directory no put begins or ends, while
// `keep` exists nothing is removed.
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
constexpr auto kDeletionInterval = std::chrono::milliseconds(100);

bool exists(const char* file) {
  std::error_code ignored;
  return std::filesystem::exists(file, ignored);
}

runtime::Task<void> follow_files(runtime::TaskGroup& group, objectstore::StoreFaults& faults) {
  while (!group.stopping()) {
    if (exists("hold")) {
      faults.hold(objectstore::StoreOperation::kPut);
    } else {
      faults.release();
    }
    faults.set_rates(objectstore::StoreOperation::kDelete, {.refused = exists("keep") ? 1.0 : 0.0});
    co_await group.sleep_until_stop(kLookInterval);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  auto invocation = agent::parse_config(arguments, [](const std::string&) { return std::nullopt; });
  if (!invocation) return 2;
  auto config = std::get<agent::Config>(*std::move(invocation));
  config.core.upkeep.grace = kDeletionInterval;
  config.core.upkeep.interval = kDeletionInterval;
  const auto sink = runtime::make_stderr_sink(config.log.format);
  const runtime::Log log(*sink, config.log.level);
  runtime::AsioRuntime core;
  objectstore::StoreFaults faults(core, 1);
  const auto wrap = [&](objectstore::ObjectStore& real) {
    return std::make_unique<objectstore::FaultObjectStore>(real, core, faults);
  };
  agent::Server server(core, log, std::move(config), wrap);
  runtime::TaskGroup group(core);
  group.spawn(follow_files(group, faults));
  const runtime::StopSignals signals(core, [&server] { server.request_stop(); });
  const auto print = [](std::string_view line) { std::cout << line << std::endl; };
  const base::Status ended = runtime::run_task(core, server.run(print));
  runtime::run_task(core, group.close());
  return ended ? EXIT_SUCCESS : EXIT_FAILURE;
}
