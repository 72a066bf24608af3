#pragma once
/// \file  IndexLoader: before an agent serves old offsets of a partition that it took over, it
/// loads where they lie from all untrimmed logs in one snapshot and verifies that they tile (rule
/// P13, L3). Writes do not wait for it.

#include "cluster/agent_session.h"
#include "partition/partition_table.h"

namespace streamhouse::fetch {

/// Threading: the core's executor.
class IndexLoader {
 public:
  IndexLoader(runtime::Runtime& runtime, metadata::MetadataStore& metadata,
              partition::PartitionTable& partitions, cluster::AgentSession& session,
              runtime::TaskGroup& group)
      : runtime_(runtime),
        metadata_(metadata),
        partitions_(partitions),
        session_(session),
        group_(group) {}

  /// Loads what is not loaded yet whenever `leadership_changed` is notified, until the session is
  /// lost or the group stops.
  runtime::Task<void> run(runtime::Signal& leadership_changed);
  /// The first partition whose spans do not tile, with the reason; it is never served as empty
  /// (S5).
  const std::optional<base::Error>& damage() const { return damage_; }

 private:
  class EntryMaker;

  runtime::Task<base::Status> load_missing();
  void install(const metadata::LoadedPartition& loaded, EntryMaker& maker);

  runtime::Runtime& runtime_;
  metadata::MetadataStore& metadata_;
  partition::PartitionTable& partitions_;
  cluster::AgentSession& session_;
  runtime::TaskGroup& group_;
  std::optional<base::Error> damage_;
};

}  // namespace streamhouse::fetch
