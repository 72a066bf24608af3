#pragma once
/// \file  SegmentService: where records lie. What an operator looks at when they ask what was
/// stored.

#include "blockcache/object_blocks.h"
#include "cluster/catalog/topic_catalog.h"

namespace streamhouse::service {

/// A run of one partition's records inside one object: a span of a flushed object, or a segment.
struct StoredSegment {
  std::string topic;
  model::PartitionIndex partition;
  metadata::SpanLocation location;
};
/// `TOPIC-PARTITION-BASE_OFFSET`.
std::string segment_id(const StoredSegment& segment);

struct SegmentsAfter {
  model::PartitionIndex partition{0};
  model::Offset offset{0};  ///< Segments of that partition that begin below it are left out.
};

struct SegmentPage {
  std::vector<StoredSegment> segments;
  std::optional<SegmentsAfter> next;  ///< nullopt on the last page.
};

/// What was read of a segment.
struct SegmentPart {
  metadata::SpanLocation location;   ///< Where it lay by then: the plan for what follows it.
  std::vector<base::Bytes> batches;  ///< Whole, from the one that holds the offset asked for.
};

struct StoredObject {
  std::string key;
  int level = 0;
  metadata::ObjectState state = metadata::ObjectState::kLive;
  std::uint64_t size = 0;
  std::int64_t created_ms = 0;
  std::optional<std::int64_t> dead_ms;
};

struct ObjectPage {
  std::vector<StoredObject> objects;
  bool more = false;  ///< Ask again after the last key.
};

/// Threading: the core's executor.
class SegmentService {
 public:
  struct Ports {
    metadata::MetadataStore& metadata;
    blockcache::ObjectBlocks& blocks;
    cluster::TopicCatalog& topics;
  };
  explicit SegmentService(Ports ports) : ports_(ports) {}

  /// Of one partition, or of all; by partition and base offset. Errors: kTopicNotFound,
  /// kPartitionNotFound.
  runtime::Task<base::Result<SegmentPage>> list(std::string topic,
                                                std::optional<model::PartitionIndex> partition,
                                                SegmentsAfter after, std::size_t limit);
  /// Errors: kInvalid (malformed id), kTopicNotFound, kPartitionNotFound, kNotFound.
  runtime::Task<base::Result<StoredSegment>> find(std::string id);
  /// Whole batches from the one that holds `from`, checked. The segment is a plan: where it does
  /// not hold `from`, or its object is gone, the offset is looked up again. Errors: kTopicNotFound,
  /// kPartitionNotFound; kInvalidOffset once the log start is above `from`; kCorrupt.
  runtime::Task<base::Result<SegmentPart>> read(StoredSegment segment, model::Offset from,
                                                std::size_t bytes_max);
  /// Every object that the metadata knows, by key, greater than `after`. Cost: reads the session
  /// logs.
  runtime::Task<base::Result<ObjectPage>> objects(std::string after, std::size_t limit);

 private:
  runtime::Task<base::Result<SegmentPart>> read_at(model::TopicPartition key,
                                                   metadata::SpanLocation location,
                                                   model::Offset from, std::size_t bytes_max);
  runtime::Task<base::Result<metadata::SpanLocation>> find_again(model::TopicPartition key,
                                                                 model::Offset offset);
  runtime::Task<base::Result<std::vector<StoredObject>>> flushed_objects(std::string after,
                                                                         std::size_t limit);

  Ports ports_;
};

}  // namespace streamhouse::service
