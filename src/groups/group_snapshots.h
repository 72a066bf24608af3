#pragma once
/// \file  GroupSnapshots: stores the groups of the shards that are led here as objects, so that a
/// rebuild without the database finds the committed offsets. docs/formats/object_keys.md has the
/// keys.

#include <map>
#include <optional>

#include "metadata/metadata_store.h"
#include "objectstore/object_store.h"
#include "partition/partition_table.h"
#include "runtime/task_group.h"

namespace streamhouse::groups {

/// A shard is stored as a whole once an interval, if one of its groups was written since, and once
/// after it is acquired: the leader before may not have got to it. The groups of a shard are read
/// one after the other: each is as of some moment of that time.
/// Lifetime:  one session.
/// Threading: the core's executor.
/// Cost:      an interval: a look at all groups, a read for each group of a shard that has changed,
///            a put and a removal for each such shard. Nothing while nothing changes.
class GroupSnapshots {
 public:
  struct Ports {
    runtime::Runtime& runtime;
    metadata::MetadataStore& metadata;
    objectstore::ObjectStore& objects;
    partition::PartitionTable& partitions;
  };
  GroupSnapshots(Ports ports, const metadata::Topic& offsets_topic, runtime::Duration interval,
                 runtime::TaskGroup& group);

  /// A group of the shard was written, or may have been. After that, not before.
  void changed(model::TopicPartition shard);
  /// Rounds until the group stops.
  runtime::Task<void> run();
  /// Stores every shard that has changed. Errors: the first; the other shards were tried all the
  /// same, and those that failed are tried again in the next round. kTooLarge for a shard beyond
  /// kBytesMax.
  runtime::Task<base::Status> round();

  /// Why run() could not store all in its last round.
  const std::optional<base::Error>& trouble() const { return trouble_; }

  /// In memory, of the groups of one shard (Z1).
  static constexpr std::size_t kBytesMax = 64u << 20;

 private:
  struct Shard {
    model::LeaderEpoch epoch = {};
    std::int64_t number = 0;  ///< Of the newest snapshot that was begun.
    bool changed = true;
    /// Keys of what is stored or may be; nullopt: not looked at yet.
    std::optional<std::vector<std::string>> stored = {};
  };
  using GroupIds = std::map<model::PartitionIndex, std::vector<std::string>>;
  using LoadedGroups = std::map<std::string, metadata::LoadedGroup>;

  void follow_leases();
  GroupIds take_changed();
  runtime::Task<base::Status> list_groups(GroupIds* due);
  runtime::Task<base::Status> store(model::PartitionIndex index, std::vector<std::string> groups);
  runtime::Task<base::Result<LoadedGroups>> load(std::vector<std::string> groups);
  runtime::Task<base::Result<std::vector<std::string>>> list_stored(model::PartitionIndex index);
  static std::string next_key(model::PartitionIndex index, Shard& shard);
  runtime::Task<base::Status> put(std::string key, LoadedGroups groups);
  runtime::Task<base::Status> remove_before(Shard* shard, std::string newest);

  Ports ports_;
  model::TopicNo offsets_topic_;
  std::int32_t shard_count_;
  runtime::Duration interval_;
  runtime::TaskGroup& group_;
  std::optional<metadata::ClusterInfo> cluster_;
  std::map<model::PartitionIndex, Shard> shards_;  ///< Led here.
  std::optional<base::Error> trouble_;
};

}  // namespace streamhouse::groups
