#pragma once
/// \file  TopicService: create, describe, change and delete topics.

#include "cluster/catalog/leader_directory.h"
#include "cluster/catalog/topic_catalog.h"
#include "service/session_scope.h"
#include "upkeep/catalogue/catalogue_keeper.h"

namespace streamhouse::service {

struct TopicSpec {
  std::string name;
  std::int32_t partition_count = 1;
  std::optional<std::int64_t> retention_ms;
  std::map<std::string, std::string> config;
};

struct TopicUpdate {
  std::string name;
  std::map<std::string, std::optional<std::string>> config;  ///< nullopt removes the key.
  std::optional<std::optional<std::int64_t>> retention_ms;   ///< Outer nullopt = unchanged.
};

struct PartitionStatus {
  model::PartitionIndex partition;
  model::Offset log_start;
  model::Offset high_watermark;
  model::LeaderEpoch leader_epoch;
  std::string leader;  ///< Agent id, empty if there is none.
  std::int64_t segment_count = 0;
  std::int64_t size_bytes = 0;
};

struct TopicDescription {
  cluster::TopicPtr topic;
  std::vector<PartitionStatus> partitions;
};

/// What it changes is in the object store too when a call returns, unless that takes seconds.
/// Threading: the core's executor.
class TopicService {
 public:
  struct Ports {
    runtime::Runtime& runtime;
    metadata::MetadataStore& metadata;
    cluster::TopicCatalog& topics;
    CurrentScope& scope;
    runtime::TaskGroup& group;
    cluster::LeaderDirectory* leaders = nullptr;
    upkeep::CatalogueKeeper* catalogue = nullptr;  ///< None: topics are in the database only.
  };
  explicit TopicService(Ports ports) : ports_(ports) {}

  static constexpr std::int32_t kPartitionsMax = 100'000;

  /// Returns when its partitions have leaders, or after a few seconds all the same.
  /// Errors: kTopicExists, kConflict (a deleted one of that name is still led), kInvalid.
  runtime::Task<base::Result<cluster::TopicPtr>> create(TopicSpec spec);
  /// Raises the number of partitions to `count`, which may be what it is. Returns when the new ones
  /// have leaders, or after a few seconds all the same. Errors: kTopicNotFound, kInvalid.
  runtime::Task<base::Result<cluster::TopicPtr>> add_partitions(std::string name,
                                                                std::int32_t count);
  /// Creates an internal topic unless it is there.
  runtime::Task<base::Result<cluster::TopicPtr>> ensure_internal(std::string name,
                                                                 std::int32_t partitions);
  /// Returns when the name is free, or the object store cannot be told now. With an id no other
  /// topic of that name, made meanwhile, is removed. Errors: kTopicNotFound; kConflict while a dead
  /// leader is not taken over yet: the topic is gone all the same, only its name is not.
  runtime::Task<base::Status> remove(std::string name, std::optional<model::TopicId> id = {});
  runtime::Task<base::Result<cluster::TopicPtr>> update(TopicUpdate update);
  runtime::Task<base::Result<TopicDescription>> describe(std::string name);
  /// Moves the log start of a partition to `offset` (-1 = the high watermark). Returns the new log
  /// start. Errors: kTopicNotFound, kPartitionNotFound, kInvalidOffset, kNotLeader.
  runtime::Task<base::Result<model::Offset>> delete_records(std::string name,
                                                            model::PartitionIndex partition,
                                                            model::Offset offset);

  /// Lets go what is led of topics that are being deleted and removes what nobody leads, until the
  /// group stops.
  runtime::Task<void> finish_deletions();

 private:
  runtime::Task<void> keep(cluster::TopicPtr topic);
  runtime::Task<base::Status> keep_deleted(cluster::TopicPtr topic);
  runtime::Task<base::Status> purge(cluster::TopicPtr topic);
  runtime::Task<void> wait_for_leaders(cluster::TopicPtr topic);

  Ports ports_;
};

}  // namespace streamhouse::service
