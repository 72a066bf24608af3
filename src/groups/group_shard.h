#pragma once
/// \file  Which partition of the offsets topic coordinates a group, as Kafka computes it.

#include <cstdint>
#include <string_view>

#include "model/ids.h"

namespace streamhouse::groups {

constexpr std::string_view kOffsetsTopic = "__consumer_offsets";
constexpr std::int32_t kOffsetsPartitions = 50;

/// The absolute value of Java's String.hashCode of the id (over UTF-16 code units; 0 for the
/// smallest integer) modulo the number of partitions.
model::PartitionIndex shard_of(std::string_view group_id, std::int32_t partitions);

}  // namespace streamhouse::groups
