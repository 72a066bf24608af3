#pragma once
/// \file  RebuildPlanner: the metadata that a bucket's objects stand for. Pure.
/// docs/design/0006-rebuild.md says what of it is exact and what is not.

#include "upkeep/rebuild/compaction_planner.h"
#include "upkeep/rebuild/producer_gathering.h"
#include "upkeep/rebuild/segment_coverage.h"
#include "upkeep/rebuild/session_run_planner.h"
#include "upkeep/rebuild/tile_planner.h"

namespace streamhouse::upkeep {

/// All that is written, but for the logs' rows: those are the facts of `sessions`' commits.
struct RebuildPlan {
  metadata::ClusterRow cluster = {};
  std::map<model::TopicNo, metadata::Topic> topics = {};
  std::vector<metadata::Partition> partitions = {};  ///< By key.
  std::map<model::SessionId, SessionRun> sessions = {};
  std::map<std::string, metadata::StoredObject> objects = {};  ///< By key.
  std::vector<metadata::Segment> segments = {};                ///< By (partition, next offset).
  std::map<std::string, metadata::Group> groups = {};
  std::vector<metadata::StoredOffset> offsets = {};  ///< By (group, partition).
  std::int64_t record_count = 0;                     ///< Offsets from log starts on.
  RebuildFindings findings = {};
  std::vector<LeftOut> left_out = {};
};

/// Leader epochs, group generations and producer ids may have been given out without leaving a
/// trace in the bucket: a rebuild goes on this far beyond the greatest that it sees.
constexpr std::int32_t kEpochsAhead = 1'000;
constexpr std::int64_t kProducerIdsAhead = 1'000'000;

/// One use: construct, plan.
class RebuildPlanner {
 public:
  /// `facts` outlives the planner.
  explicit RebuildPlanner(const BucketFacts& facts) : facts_(facts) {}

  RebuildPlan plan();

 private:
  /// What is known of a partition so far.
  struct Known {
    std::vector<Tile> tiles = {};
    model::Offset end = {};         ///< Offsets below it were given out, says an object.
    model::Offset committed = {};   ///< The greatest position of a group, which may be any number.
    model::LeaderEpoch epoch = {};  ///< The greatest seen.
  };
  enum class Counts : std::uint8_t {
    kNo,      ///< Not committed: only its epochs are of interest.
    kBefore,  ///< Committed and replaced: its offsets were given out.
    kNow,
  };

  void plan_topics();
  void plan_sessions(const CompactionChoice& choice);
  bool lower_held(const CompactionChoice& choice);
  model::Seq held_to(model::SessionId session, const SessionFacts& facts,
                     const CompactionChoice& choice) const;
  bool is_held(base::BytesView spans) const;
  void gather_session(model::SessionId session, const SessionFacts& facts, const SessionRun& run);
  void gather_compacted();
  void gather(base::BytesView spans, Counts counts, const Tile& from);
  bool check_place(const segment::Span& span, const Tile& from);
  void report_topic(const segment::Span& span, const Tile& from);
  void gather_groups();
  void plan_partitions();
  metadata::Partition plan_partition(const metadata::Topic& topic, model::TopicPartition key);
  void report_gaps(model::TopicPartition key, const Tiling& tiling);
  void plan_segments(model::TopicPartition key, const std::vector<Tile>& tiles);
  void plan_compacted_objects();
  void plan_cluster();
  std::string object_key(const Tile& tile) const;

  const BucketFacts& facts_;
  std::vector<const CompactedFacts*> taken_;        ///< Tile::object of segments.
  std::vector<segment::SpanTable> tables_;          ///< Of those, without producers.
  SegmentCoverage coverage_;                        ///< Of those that can be used.
  std::map<model::SessionId, model::Seq> held_to_;  ///< Up to there rows are void.
  /// Tile::object of spans.
  std::vector<std::pair<model::SessionId, model::Seq>> flushed_;
  std::map<model::TopicPartition, Known> known_;
  std::map<model::TopicNo, std::string> deleted_;  ///< Topics, and why they are left out.
  std::set<model::TopicNo> unplaced_;              ///< Topics without a place, named already.
  ProducerGathering producers_;
  model::TopicNo topic_no_latest_ = {};
  RebuildPlan plan_;
};

}  // namespace streamhouse::upkeep
