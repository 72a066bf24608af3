#pragma once
/// \file  BucketReader: reads the facts of a whole bucket, one object's ends at a time.

#include <functional>

#include "objectstore/object_store.h"
#include "upkeep/rebuild/bucket_facts.h"
#include "upkeep/rebuild/rebuild_findings.h"

namespace streamhouse::upkeep {

/// Reads of a flushed or compacted object its header and footer, of the small objects everything.
/// Lifetime: one use. Threading: the runtime's executor.
class BucketReader {
 public:
  /// Called with the number of objects that were read so far.
  using Progress = std::function<void(std::uint64_t)>;

  explicit BucketReader(objectstore::ObjectStore& objects, Progress progress = nullptr)
      : objects_(objects), progress_(std::move(progress)) {}

  /// Errors: kNotFound if nothing of a cluster lies there; kConflict naming objects of two
  /// clusters; kUnsupported for an object of a later version; the store's. What is damaged is a
  /// finding, and in the facts as far as it has a place there.
  runtime::Task<base::Result<BucketFacts>> read();

  /// What read() met.
  const RebuildFindings& findings() const { return findings_; }
  const std::vector<LeftOut>& left_out() const { return left_out_; }
  std::uint64_t object_count() const { return object_count_; }
  /// The object that was written last, seal markers aside, as far as the store says, and when.
  const std::pair<std::string, std::int64_t>& newest() const { return newest_; }

 private:
  void note_time(const objectstore::ObjectInfo& object);
  /// The ends of a flushed or compacted object.
  struct Ends {
    segment::ObjectHeader header = {};
    std::uint32_t crc = 0;
    std::vector<segment::ObjectInputs> inputs = {};
    base::Bytes spans = {};
  };

  runtime::Task<base::Status> look_at(objectstore::ObjectInfo object);
  runtime::Task<base::Status> read_flushed(objectstore::ObjectInfo object, segment::FlushKey name);
  runtime::Task<base::Status> read_compacted(objectstore::ObjectInfo object,
                                             segment::SegmentKey name);
  runtime::Task<base::Status> read_seal(objectstore::ObjectInfo object, segment::SealKey name);
  runtime::Task<base::Status> read_newest();
  runtime::Task<base::Status> read_archives(std::vector<objectstore::ObjectInfo> newest_first);
  runtime::Task<base::Result<Ends>> read_ends(objectstore::ObjectInfo object);
  base::Status take_rows(const std::string& key, std::vector<metadata::ArchiveRow> rows);
  base::Status take_cluster(const std::string& key, const metadata::ClusterInfo& cluster);
  void damaged(const std::string& key, const base::Error& why);

  objectstore::ObjectStore& objects_;
  Progress progress_;
  BucketFacts facts_;
  std::string cluster_from_;  ///< The first object that named the cluster.
  /// Versions of each topic, snapshots of each shard: by key, so the newest is the last.
  std::map<model::TopicId, std::vector<objectstore::ObjectInfo>> catalogue_;
  std::map<model::PartitionIndex, std::vector<objectstore::ObjectInfo>> snapshots_;
  RebuildFindings findings_;
  std::vector<LeftOut> left_out_;
  std::uint64_t object_count_ = 0;
  std::pair<std::string, std::int64_t> newest_;
};

}  // namespace streamhouse::upkeep
