#include "model/key_partition.h"

#include "base/check.h"
#include "base/endian.h"

namespace streamhouse::model {

std::uint32_t murmur2(base::BytesView bytes) {
  constexpr std::uint32_t kSeed = 0x9747b28c;
  constexpr std::uint32_t kMultiplier = 0x5bd1e995;
  constexpr int kShift = 24;
  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(bytes.size());
  for (; bytes.size() >= 4; bytes = bytes.subspan(4)) {
    auto word = base::load_little<std::uint32_t>(bytes.data()) * kMultiplier;
    word ^= word >> kShift;
    hash = hash * kMultiplier ^ word * kMultiplier;
  }
  if (!bytes.empty()) {  // one to three bytes are left, the first one lowest
    for (std::size_t i = 0; i < bytes.size(); ++i) hash ^= std::uint32_t{bytes[i]} << (8 * i);
    hash *= kMultiplier;
  }
  hash ^= hash >> 13;
  hash *= kMultiplier;
  return hash ^ hash >> 15;
}

PartitionIndex partition_of_key(base::BytesView key, std::int32_t partition_count) {
  SH_CHECK(partition_count > 0, "a topic has at least one partition");
  const auto hash = static_cast<std::int32_t>(murmur2(key) & 0x7fffffff);
  return PartitionIndex{hash % partition_count};
}

}  // namespace streamhouse::model
