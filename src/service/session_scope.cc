#include "service/session_scope.h"

namespace streamhouse::service {
namespace {

ingest::CommitLoop::Ports commit_ports(const ScopePorts& ports,
                                       partition::PartitionTable& partitions) {
  return {.runtime = ports.runtime,
          .metadata = ports.metadata,
          .objects = ports.objects,
          .session = ports.session,
          .partitions = partitions,
          .budget = ports.budget,
          .rows = ports.rows};
}

}  // namespace

SessionScope::SessionScope(ScopePorts ports, const ScopeConfig& config,
                           const metadata::Topic& offsets_topic)
    : ports_(ports),
      session_id_(ports.session.id()),
      lease_interval_(config.lease_interval),
      group_(ports.runtime),
      partitions_(config.tail_bytes_max),
      writer_(commit_ports(ports, partitions_), config.writer, group_),
      checkpointer_(commit_ports(ports, partitions_), writer_, config.checkpoint, group_),
      index_loader_({.runtime = ports.runtime,
                     .metadata = ports.metadata,
                     .partitions = partitions_,
                     .session = ports.session,
                     .wake = writer_.leadership_changed()},
                    group_, config.index_bytes_max),
      fetcher_({.runtime = ports.runtime,
                .partitions = partitions_,
                .blocks = ports.blocks,
                .session = ports.session,
                .indexes = index_loader_}),
      snapshots_({.runtime = ports.runtime,
                  .metadata = ports.metadata,
                  .objects = ports.objects,
                  .partitions = partitions_},
                 offsets_topic, config.groups.snapshot_interval, group_),
      groups_({.runtime = ports.runtime,
               .metadata = ports.metadata,
               .partitions = partitions_,
               .snapshots = &snapshots_},
              ports.session.id(), offsets_topic, config.groups, group_),
      leases_(ports.runtime, ports.metadata, ports.session, group_) {}

void SessionScope::start() {
  group_.spawn(ports_.session.watch_others());
  writer_.start();
  group_.spawn(checkpointer_.run());
  group_.spawn(index_loader_.run());
  group_.spawn(leases_.run(writer_, lease_interval_));
  groups_.start();
  group_.spawn(snapshots_.run());
}

runtime::Task<void> SessionScope::close(runtime::MonoTime deadline) {
  ports_.session.set_lost();
  groups_.stop();
  leases_.wake();
  writer_.wake();
  co_await writer_.finished(deadline);
  co_await group_.close();
  partitions_.close_all();
}

base::Result<std::shared_ptr<SessionScope>> CurrentScope::get() const {
  if (!scope_) return {base::Errc::kNotLeader, "this agent has no session at the moment"};
  return scope_;
}

}  // namespace streamhouse::service
