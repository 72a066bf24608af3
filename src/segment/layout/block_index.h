#pragma once
/// \file  Blocks: the pieces in which the batches of an object are read and checked. Each is a run
/// of whole batches of one span with a checksum of its own, so that every byte of the body is
/// covered (a batch's own CRC leaves out its first bytes). Format: docs/formats/object.md, "Index".

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "model/ids.h"
#include "segment/span.h"

namespace streamhouse::segment {

/// A block ends with the batch that brings it to this size, or with its span.
constexpr std::size_t kBlockSize = 64 * 1024;

struct Block {
  model::OffsetRange offsets = {};
  std::uint64_t position = 0;  ///< From the beginning of the object.
  std::uint32_t length = 0;
  std::uint32_t crc = 0;           ///< CRC-32C of its bytes.
  std::int64_t max_timestamp = 0;  ///< Of its records, ms.
  base::ByteRange range() const { return {position, length}; }
  auto operator<=>(const Block&) const = default;
};

/// The blocks of a span table: those of span i are blocks[first[i]] up to blocks[first[i + 1]], and
/// tile it.
struct BlockIndex {
  std::vector<Block> blocks = {};
  std::vector<std::uint32_t> first = {0};  ///< One more than there are spans.
  auto operator<=>(const BlockIndex&) const = default;
};

/// Requires: the blocks tile the spans of `table`.
base::ByteVector encode_block_index(const SpanTable& table, const BlockIndex& index);
/// Errors: kCorrupt, saying where; memory stays proportional to the input.
base::Result<BlockIndex> decode_block_index(const SpanTable& table, base::BytesView bytes);

}  // namespace streamhouse::segment
