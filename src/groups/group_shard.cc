#include "groups/group_shard.h"

namespace streamhouse::groups {
namespace {

/// Decodes one UTF-8 sequence off the front; a malformed byte counts as itself.
std::uint32_t take_code_point(std::string_view& text) {
  const auto lead = static_cast<std::uint8_t>(text.front());
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  if (length > text.size()) {
    text.remove_prefix(1);
    return lead;
  }
  std::uint32_t point = length == 1 ? lead : lead & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    point = point << 6 | (static_cast<std::uint8_t>(text[i]) & 0x3fu);
  }
  text.remove_prefix(length);
  return point;
}

}  // namespace

model::PartitionIndex shard_of(std::string_view group_id, std::int32_t partitions) {
  std::uint32_t hash = 0;
  while (!group_id.empty()) {
    const std::uint32_t point = take_code_point(group_id);
    if (point >= 0x10000) {  // a surrogate pair in UTF-16
      hash = hash * 31 + (0xd800 + ((point - 0x10000) >> 10));
      hash = hash * 31 + (0xdc00 + ((point - 0x10000) & 0x3ff));
    } else {
      hash = hash * 31 + point;
    }
  }
  // The absolute value of a negative hash; that of the smallest integer counts as 0.
  constexpr std::uint32_t kSignBit = 0x80000000;
  const std::uint32_t absolute = (hash & kSignBit) == 0 ? hash : hash == kSignBit ? 0 : 0 - hash;
  const std::uint32_t shard = absolute % static_cast<std::uint32_t>(partitions);
  return model::PartitionIndex(static_cast<std::int32_t>(shard));
}

}  // namespace streamhouse::groups
