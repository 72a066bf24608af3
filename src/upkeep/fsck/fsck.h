#pragma once
/// \file  Fsck: compares everything that the metadata says with everything that lies in the object
/// store, also while agents work.

#include <map>

#include "metadata/metadata_store.h"
#include "upkeep/fsck/compacted_spans.h"
#include "upkeep/fsck/log_check.h"
#include "upkeep/fsck/object_check.h"
#include "upkeep/fsck/offset_coverage.h"

namespace streamhouse::upkeep {

/// Checks F1, F2, F5, L3, L4, R5, S1, W4 and W7. Whatever looks wrong and may only have changed
/// meanwhile is looked at again before it is reported.
/// Memory: a few hundred bytes a partition, 8 bytes an object of the largest session, about 100 a
/// span of a compacted object, and one piece of one object; findings leave as they come.
/// Lifetime:  one run. Threading: the runtime's executor.
class Fsck {
 public:
  struct Ports {
    metadata::MetadataStore& metadata;
    objectstore::ObjectStore& objects;
  };
  Fsck(Ports ports, FsckSink& sink) : ports_(ports), sink_(sink) {}

  /// Errors: a store's, if it cannot be read now; the sink's.
  runtime::Task<base::Status> run();

 private:
  runtime::Task<base::Status> read_partitions();
  runtime::Task<base::Status> check_sessions();
  runtime::Task<base::Status> check_session(metadata::Session session);
  runtime::Task<base::Status> check_log(metadata::Session session);
  runtime::Task<base::Status> check_gap(metadata::Session session, LogCheck* log, model::Seq found);
  runtime::Task<base::Status> check_names(model::SessionId session);
  runtime::Task<base::Status> check_covered(model::SessionId session, model::Seq upto);
  runtime::Task<base::Status> check_commit(model::SessionId session, metadata::LogRow row,
                                           segment::SpanTable spans);
  runtime::Task<base::Status> check_compacted();
  runtime::Task<base::Status> check_compacted_object(metadata::ObjectRow row);
  runtime::Task<base::Status> check_inputs(std::string key,
                                           std::vector<segment::ObjectInputs> inputs);
  runtime::Task<base::Status> check_segments(const std::vector<metadata::LoadedPartition>* loaded);
  runtime::Task<base::Status> check_segment(model::TopicPartition key,
                                            metadata::SpanLocation segment);
  runtime::Task<base::Result<bool>> still_live(std::string object_key);
  runtime::Task<base::Result<bool>> still_there(model::TopicPartition key,
                                                metadata::SpanLocation segment);
  runtime::Task<base::Status> check_partitions();
  runtime::Task<base::Status> check_snapshots(std::vector<model::TopicPartition> keys);
  runtime::Task<base::Result<bool>> still_named(model::SessionId session, model::Seq seq);
  void count(const ObjectCheck& check, std::uint64_t size);
  void add(Findings found);
  runtime::Task<base::Status> report_if_due();
  runtime::Task<base::Status> report();

  Ports ports_;
  FsckSink& sink_;
  segment::ClusterId cluster_{};
  std::map<model::TopicNo, std::string> topics_;
  std::vector<metadata::Partition> rows_;  ///< As of the start, without producers.
  std::map<model::TopicPartition, Checkpointed> checkpointed_;
  OffsetCoverage coverage_;  ///< By spans of commits.
  CompactedSpans compacted_;
  FsckCounts counts_;
  Findings found_;  ///< Not reported yet.
  std::int64_t reported_objects_ = 0;
};

}  // namespace streamhouse::upkeep
