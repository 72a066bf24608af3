#pragma once
/// \file  What a produce came to, after the last acknowledgement.

#include <cstdint>
#include <map>
#include <string>

namespace streamhouse::cli {

struct PartitionSummary {
  std::int64_t first_offset = -1;  ///< -1 where the topic acknowledges buffered.
  std::int64_t last_offset = -1;   ///< Inclusive.
  std::int64_t record_count = 0;
};

struct ProduceSummary {
  std::string topic;
  std::int64_t record_count = 0;
  std::map<std::int32_t, PartitionSummary> partitions;

  /// `base_offset` -1 = acknowledged buffered.
  void add(std::int32_t partition, std::int64_t base_offset, std::int64_t count) {
    auto& sum = partitions[partition];
    if (sum.record_count == 0) sum.first_offset = base_offset;
    sum.last_offset = base_offset < 0 ? -1 : base_offset + count - 1;
    sum.record_count += count;
    record_count += count;
  }
};

}  // namespace streamhouse::cli
