#pragma once
/// \file  OpenObject: the batches, of any number of partitions, that the next object will hold.

#include <memory>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "ingest/flush_policy.h"
#include "partition/partition_log.h"
#include "runtime/one_shot.h"

namespace streamhouse::ingest {

/// A run of consecutive batches of one partition.
struct OpenSpan {
  std::shared_ptr<partition::PartitionLog> log;
  model::OffsetRange offsets;
  std::int64_t max_timestamp = 0;
  std::size_t bytes = 0;
  std::vector<base::Bytes> batches;
};

/// Whether the object became real; every batch in it has the same fate. An error other than
/// kUnknownOutcome is definite: nothing of it will appear.
using ObjectOutcome = runtime::OneShot<base::Status>;

/// Threading: the core's executor. Cost: add() is amortised O(1), no copy of batch bytes.
class OpenObject {
 public:
  explicit OpenObject(runtime::Runtime& runtime) : outcome_(runtime) {}

  /// Requires: placed, and next in its partition.
  void add(const std::shared_ptr<partition::PartitionLog>& log, const model::RecordBatchView& batch,
           base::Bytes bytes, runtime::MonoTime now);

  bool empty() const { return spans_.empty(); }
  std::size_t bytes() const { return bytes_; }
  OpenObjectAge age() const {
    return {.bytes = bytes_, .batches = batches_, .first_batch_at = first_batch_at_};
  }
  const ObjectOutcome& outcome() const { return outcome_; }
  /// Sorted by partition.
  std::vector<OpenSpan> take_spans() &&;

 private:
  OpenSpan& span_of(const std::shared_ptr<partition::PartitionLog>& log);

  std::vector<OpenSpan> spans_;
  std::unordered_map<const partition::PartitionLog*, std::size_t> positions_;  ///< In spans_.
  std::size_t bytes_ = 0;
  std::size_t batches_ = 0;
  runtime::MonoTime first_batch_at_{};
  ObjectOutcome outcome_;
};

}  // namespace streamhouse::ingest
