#include "process.h"

namespace streamhouse::sim {

Process::Process(Ports ports, agent::CoreConfig config)
    : runtime_(ports.runtime),
      agent_id_(config.agent.agent_id),
      metadata_(ports.database, ports.runtime),
      faulty_(ports.store, ports.runtime, ports.store_faults),
      slow_(faulty_, ports.runtime, ports.latency),
      blocks_(slow_, 1u << 20),
      core_({.runtime = ports.runtime, .metadata = metadata_, .objects = slow_, .blocks = blocks_},
            std::move(config)) {
  runtime_.spawn(run());
}

runtime::Task<void> Process::run() { ended_ = co_await core_.run(); }

}  // namespace streamhouse::sim
