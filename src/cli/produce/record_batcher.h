#pragma once
/// \file  Records gathered into batches, a partition a batch. Pure.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "streamhouse/v1/streamhouse.pb.h"

namespace streamhouse::cli {

/// What is sent, and answered, as a whole.
struct Batch {
  v1::ProduceBatchRequest request;
  std::size_t bytes = 0;        ///< At least what the agent's encoding of it takes.
  std::int64_t first_line = 0;  ///< Of the input, for messages to people.
};

struct BatchLimits {
  std::size_t batch_bytes = 512 << 10;  ///< A batch closes before it grows beyond.
  std::size_t total_bytes = 8 << 20;    ///< All open batches together.
  int batch_records = 10'000;
};

/// Chooses each record's partition: the fixed one; else by key, as Kafka's Java client does;
/// records without a key stay with one partition until its batch closes, then go on to the next
/// one.
class RecordBatcher {
 public:
  struct Target {
    std::string topic;
    std::int32_t partition_count = 1;
    std::optional<std::int32_t> partition;  ///< Fixed.
    std::int32_t first_partition = 0;       ///< Where records without a key begin.
  };

  RecordBatcher(Target target, BatchLimits limits)
      : target_(std::move(target)), limits_(limits), turn_(target_.first_partition) {}

  /// The batches that this record made close, in the order in which they are to be sent.
  std::vector<Batch> add(v1::Record record, std::int64_t line);
  /// Every open batch.
  std::vector<Batch> close_all();

 private:
  std::int32_t partition_of(const v1::Record& record) const;
  Batch close(std::int32_t partition);

  Target target_;
  BatchLimits limits_;
  std::int32_t turn_;  ///< The partition of records without a key.
  std::map<std::int32_t, Batch> open_;
  std::size_t open_bytes_ = 0;
};

}  // namespace streamhouse::cli
