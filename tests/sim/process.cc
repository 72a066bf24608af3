#include "process.h"

#include <string>
#include <utility>

#include "segment/object_key.h"

namespace streamhouse::sim {

runtime::Task<base::Status> RefusingObjectStore::put(objectstore::ObjectKey key,
                                                     objectstore::Chunks content) {
  const auto name = segment::parse_key(key);
  const bool flush = name && std::holds_alternative<segment::FlushKey>(*name);
  if (flush && database_.carrier.random().chance(database_.rates.put_refused_for_good)) {
    database_.faults.count(Fault::kRefusedForGood);
    co_return base::Status(base::Errc::kTooLarge, "simulated: never");
  }
  co_return co_await inner_.put(std::move(key), std::move(content));
}

runtime::Task<base::Status> RefusingObjectStore::remove(objectstore::ObjectKey key) {
  database_.removing(key);
  co_return co_await inner_.remove(std::move(key));
}

Process::Process(Ports ports, agent::CoreConfig config)
    : runtime_(ports.runtime),
      agent_id_(config.agent.agent_id),
      metadata_(ports.database, ports.runtime, agent_id_),
      faulty_(ports.store, ports.runtime, ports.store_faults),
      refusing_(faulty_, ports.database),
      slow_(refusing_, ports.runtime, ports.latency),
      blocks_(slow_, 1u << 20),
      core_({.runtime = ports.runtime, .metadata = metadata_, .objects = slow_, .blocks = blocks_},
            std::move(config)),
      kafka_(ports.runtime, metadata_, core_, agent_id_ + ":9090") {
  runtime_.spawn(run());
}

runtime::Task<void> Process::run() { ended_ = co_await core_.run(); }

}  // namespace streamhouse::sim
