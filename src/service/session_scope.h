#pragma once
/// \file  SessionScope: everything that lives exactly as long as one session of this agent.

#include <memory>

#include "cluster/lease_keeper.h"
#include "fetch/fetcher.h"
#include "fetch/index_loader.h"
#include "groups/group_coordinator.h"
#include "groups/group_snapshots.h"
#include "ingest/checkpointer.h"

namespace streamhouse::service {

struct ScopeConfig {
  ingest::WriterConfig writer;
  ingest::CheckpointConfig checkpoint;
  std::size_t tail_bytes_max = 64u << 20;
  std::size_t index_bytes_max = 256u << 20;
  groups::GroupConfig groups = {};
  runtime::Duration lease_interval = std::chrono::seconds(1);
};

struct ScopePorts {
  runtime::Runtime& runtime;
  metadata::MetadataStore& metadata;
  objectstore::ObjectStore& objects;
  blockcache::ObjectBlocks& blocks;
  ingest::BufferBudget& budget;
  cluster::AgentSession& session;
  ingest::RowObserver* rows = nullptr;
};

/// Lifetime:  calls in progress share it; after close() it refuses new work as not_leader.
/// Threading: the core's executor.
class SessionScope {
 public:
  SessionScope(ScopePorts ports, const ScopeConfig& config, const metadata::Topic& offsets_topic);

  /// Starts every loop of the session. Requires: the session is open.
  void start();
  /// Ends the session and every loop. What is pending is known or has failed by then; only an
  /// append that is still repeated at `deadline` is answered kUnknownOutcome. A call on its way to
  /// a store is waited for even then.
  runtime::Task<void> close(runtime::MonoTime deadline);

  runtime::TaskGroup& group() { return group_; }
  model::SessionId session_id() const { return session_id_; }
  cluster::AgentSession& session() { return ports_.session; }
  partition::PartitionTable& partitions() { return partitions_; }
  ingest::SessionWriter& writer() { return writer_; }
  ingest::Checkpointer& checkpointer() { return checkpointer_; }
  fetch::Fetcher& fetcher() { return fetcher_; }
  groups::GroupCoordinator& groups() { return groups_; }
  const groups::GroupSnapshots& snapshots() const { return snapshots_; }
  cluster::LeaseKeeper& leases() { return leases_; }
  const fetch::IndexLoader& index_loader() const { return index_loader_; }

 private:
  ScopePorts ports_;
  const model::SessionId session_id_;
  runtime::Duration lease_interval_;
  runtime::TaskGroup group_;
  partition::PartitionTable partitions_;
  ingest::SessionWriter writer_;
  ingest::Checkpointer checkpointer_;
  fetch::IndexLoader index_loader_;
  fetch::Fetcher fetcher_;
  groups::GroupSnapshots snapshots_;
  groups::GroupCoordinator groups_;
  cluster::LeaseKeeper leases_;
};

/// The scope of the present session. Between sessions there is none.
class CurrentScope {
 public:
  void set(std::shared_ptr<SessionScope> scope) { scope_ = std::move(scope); }
  /// Errors: kNotLeader between sessions.
  base::Result<std::shared_ptr<SessionScope>> get() const;

 private:
  std::shared_ptr<SessionScope> scope_;
};

}  // namespace streamhouse::service
