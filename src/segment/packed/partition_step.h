#pragma once
/// \file  How a packed table that is sorted by partition names its partitions: as steps from one to
/// the next, one byte for a neighbour. docs/formats/span_table.md, "Places".

#include "base/varint.h"
#include "model/ids.h"
#include "segment/packed/packed_reader.h"

namespace streamhouse::segment {

/// Appends the step from `previous` to `next`. Requires: previous <= next; the first entry of a
/// table steps from a default TopicPartition.
inline void append_partition_step(base::ByteVector& out, const model::TopicPartition& previous,
                                  const model::TopicPartition& next) {
  const auto partition = static_cast<std::uint64_t>(next.partition.value());
  if (next.topic == previous.topic) {
    base::append_varint(out, (partition - static_cast<std::uint64_t>(previous.partition.value()))
                                 << 1);
    return;
  }
  const auto topics = std::uint64_t{next.topic.value()} - previous.topic.value();
  base::append_varint(out, topics << 1 | 1);
  base::append_varint(out, partition);
}

/// The partition one step after `previous`; the reader fails if there is no such number.
inline model::TopicPartition read_partition_step(PackedReader& reader,
                                                 const model::TopicPartition& previous) {
  constexpr std::uint64_t kTopicMax = std::numeric_limits<std::uint32_t>::max();
  constexpr std::uint64_t kPartitionMax = std::numeric_limits<std::int32_t>::max();
  const std::uint64_t place = reader.varint("place", kTopicMax << 1 | 1);
  std::uint64_t topic = previous.topic.value();
  std::uint64_t partition = static_cast<std::uint64_t>(previous.partition.value());
  if ((place & 1) == 0) {
    partition += place >> 1;
  } else {
    topic += place >> 1;
    partition = reader.varint("partition", kPartitionMax);
  }
  const bool topic_steps = (place & 1) == 0 || (place >> 1) != 0;
  if (!topic_steps || topic == 0 || topic > kTopicMax || partition > kPartitionMax)
    reader.fail("place", "names no partition");
  if (!reader.ok()) return previous;
  return {model::TopicNo(static_cast<std::uint32_t>(topic)),
          model::PartitionIndex(static_cast<std::int32_t>(partition))};
}

}  // namespace streamhouse::segment
