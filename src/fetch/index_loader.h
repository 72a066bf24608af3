#pragma once
/// \file  IndexLoader: before an agent serves old offsets of a partition that it took over, it
/// loads where they lie from all untrimmed logs in one snapshot and verifies that they tile (rule
/// P13, L3). Writes do not wait for it.

#include "cluster/agent_session.h"
#include "partition/partition_table.h"
#include "runtime/retry/backoff.h"

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
        group_(group),
        damaged_backoff_({.first = std::chrono::seconds(1), .longest = std::chrono::minutes(1)}) {}

  /// Loads what is not loaded yet whenever `leadership_changed` is notified, until the session is
  /// lost or the group stops. What is damaged is tried again too, less and less often: somebody may
  /// repair it, and each try reads all logs.
  runtime::Task<void> run(runtime::Signal& leadership_changed);
  /// A partition whose spans could not be read or do not tile, with the reason, if there is one. It
  /// is never served as empty (S5): its log has the same error for its readers.
  const std::optional<base::Error>& damage() const { return damage_; }

 private:
  runtime::Task<base::Status> load_missing();
  std::vector<model::TopicPartition> missing();
  void set_damage(const std::vector<model::TopicPartition>& keys, const base::Error& why);
  void install(const metadata::LoadedPartition& loaded);

  runtime::Runtime& runtime_;
  metadata::MetadataStore& metadata_;
  partition::PartitionTable& partitions_;
  cluster::AgentSession& session_;
  runtime::TaskGroup& group_;
  std::optional<base::Error> damage_;
  runtime::Backoff damaged_backoff_;
  runtime::MonoTime damaged_due_{};  ///< When what is damaged is tried again.
};

}  // namespace streamhouse::fetch
