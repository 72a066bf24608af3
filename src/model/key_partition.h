#pragma once
/// \file  Which partition a key belongs to, chosen as Kafka's Java client chooses it, so that every
/// producer of a topic, whatever its protocol, keeps one key in one partition.

#include <cstdint>

#include "base/bytes.h"
#include "model/ids.h"

namespace streamhouse::model {

/// MurmurHash2 (Austin Appleby, 32 bits) with the seed 0x9747b28c that Kafka's clients use.
std::uint32_t murmur2(base::BytesView bytes);

/// The hash without its sign bit, modulo the number of partitions.
/// Requires: partition_count > 0.
PartitionIndex partition_of_key(base::BytesView key, std::int32_t partition_count);

}  // namespace streamhouse::model
