#pragma once
/// \file  What a rebuild knows of a bucket: of every object the facts that decide, none of its
/// records.

#include <map>
#include <set>

#include "metadata/archive.h"
#include "segment/layout/object_frame.h"
#include "segment/object_key.h"

namespace streamhouse::upkeep {

/// A flushed object, as its ends say.
struct FlushedFacts {
  model::Seq known_committed = {};
  model::Seq previous = {};
  std::uint64_t size = 0;
  std::uint32_t crc = 0;
  base::Bytes spans = {};  ///< segment::encode_span_table(); it decodes.
};

/// What lies under one session's prefix.
struct SessionFacts {
  std::map<model::Seq, FlushedFacts> objects = {};
  std::set<model::Seq> damaged = {};  ///< Objects whose ends cannot be read.
  std::optional<model::Seq> seal = {};
  bool has_damaged_seal = false;  ///< There is a marker, and nobody can read it.
  model::Seq trimmed_to = {};     ///< By the greatest trim mark.

  bool is_stored(model::Seq seq) const { return objects.contains(seq) || damaged.contains(seq); }
};

struct CompactedFacts {
  segment::SegmentKey name = {};
  std::uint64_t size = 0;
  std::vector<segment::ObjectInputs> inputs = {};
  base::Bytes spans = {};  ///< As of FlushedFacts.
};

/// Memory: about 100 bytes an object, 10 a span, 50 a topic or committed offset.
struct BucketFacts {
  metadata::ClusterInfo cluster = {};
  std::map<model::SessionId, SessionFacts> sessions = {};
  std::vector<CompactedFacts> compacted = {};             ///< By key.
  std::map<model::TopicNo, metadata::Topic> topics = {};  ///< The newest version of each.
  model::TopicNo topic_no_latest = {};
  model::ProducerId producer_id_next = {};
  /// Greatest leader epochs under which shards of groups left a snapshot.
  std::map<model::PartitionIndex, model::LeaderEpoch> shard_epochs = {};
  std::map<std::string, metadata::Group> groups = {};
  std::map<std::pair<std::string, model::TopicPartition>, metadata::CommittedOffset> offsets = {};
};

}  // namespace streamhouse::upkeep
