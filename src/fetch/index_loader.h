#pragma once
/// \file  IndexLoader: the indexes of the partitions that an agent leads, within a bound of memory.
/// Before old offsets of a partition are served it has loaded where they lie, from all untrimmed
/// logs in one snapshot, and verified that they tile (rule P13, L3). Writes do not wait for it.

#include <set>

#include "cluster/agent_session.h"
#include "partition/partition_table.h"
#include "runtime/retry/backoff.h"
#include "runtime/telemetry/cache_use.h"

namespace streamhouse::fetch {

/// Indexes of new partitions are loaded in advance while there is room. Above the bound the indexes
/// that were not read for longest are evicted, and loaded again for the next reader of what they
/// held; everybody who wants one meanwhile waits for that load.
/// Threading: the core's executor.
class IndexLoader {
 public:
  struct Ports {
    runtime::Runtime& runtime;
    metadata::MetadataStore& metadata;
    partition::PartitionTable& partitions;
    cluster::AgentSession& session;
    runtime::Signal& wake;  ///< Notified when leadership changes, and by the loader's readers.
  };
  /// `bytes_max` may be exceeded by what one load brings and by what is published within half a
  /// second.
  IndexLoader(Ports ports, runtime::TaskGroup& group, std::size_t bytes_max);

  /// Loads and evicts until the session is lost or the group stops. What is damaged is tried again
  /// too, less and less often: somebody may repair it, and each try reads all logs.
  runtime::Task<void> run();
  /// Returns when the index of `log` is loaded; it may be evicted again before the caller runs on.
  /// Errors: kCorrupt, what is wrong with it; kNotLeader; kUnavailable at the deadline. The load
  /// goes on without the caller.
  runtime::Task<base::Status> loaded(std::shared_ptr<partition::PartitionLog> log,
                                     runtime::MonoTime deadline);
  /// The index of `log` has answered a reader as it was.
  void answered(partition::PartitionLog& log);
  /// A partition whose spans could not be read or do not tile, with the reason, if there is one. It
  /// is never served as empty (S5): its log has the same error for its readers.
  const std::optional<base::Error>& damage() const { return damage_; }
  const runtime::CacheUse& use() const { return use_; }

 private:
  runtime::Task<base::Status> load_missing();
  std::vector<model::TopicPartition> missing();
  bool has_room() const { return ports_.partitions.objects().bytes() < bytes_max_; }
  void evict();
  void set_damage(const std::vector<model::TopicPartition>& keys, const base::Error& why);
  void install(const metadata::LoadedPartition& loaded);

  Ports ports_;
  runtime::TaskGroup& group_;
  std::size_t bytes_max_;
  std::set<model::TopicPartition> wanted_;  ///< By readers; their load has not begun.
  std::set<model::TopicPartition> loading_;
  std::uint64_t uses_ = 0;
  runtime::CacheUse use_;
  std::optional<base::Error> damage_;
  runtime::Backoff damaged_backoff_;
  runtime::MonoTime damaged_due_{};  ///< When what is damaged is tried again.
};

}  // namespace streamhouse::fetch
