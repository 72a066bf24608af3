#include "segment/layout/block_index.h"

#include "base/check.h"
#include "base/endian.h"
#include "base/varint.h"
#include "segment/packed/packed_reader.h"

namespace streamhouse::segment {
namespace {

constexpr std::size_t kCrcSize = 4;
constexpr std::size_t kBlockBytesMax = 3 * base::kVarintBytesMax + kCrcSize;

std::uint64_t timestamp_distance(const Span& span, const Block& block) {
  return static_cast<std::uint64_t>(span.max_timestamp) -
         static_cast<std::uint64_t>(block.max_timestamp);
}

void append_block(base::ByteVector& out, const Span& span, const Block& block) {
  if (block.offsets.next < span.offsets.next) {  // what the last block holds is what is left
    base::append_varint(out, static_cast<std::uint64_t>(block.offsets.size()));
    base::append_varint(out, block.length);
  }
  base::append_varint(out, timestamp_distance(span, block));
  out.resize(out.size() + kCrcSize);
  base::store_little(&out[out.size() - kCrcSize], block.crc);
}

/// What of a span no block holds yet.
struct Remainder {
  model::OffsetRange offsets;
  std::uint64_t position;
  std::uint32_t length;
};

/// A share of `whole` that leaves at least 1 of it.
std::uint64_t read_share(PackedReader& reader, std::string_view field, std::uint64_t whole) {
  const std::uint64_t share = reader.varint(field, whole - 1);
  if (share == 0) reader.fail(field, "is zero");
  return share;
}

Block read_block(PackedReader& reader, const Span& span, Remainder& left, bool is_last) {
  Block block{.offsets = left.offsets, .position = left.position, .length = left.length};
  if (!is_last) {
    const auto offsets = static_cast<std::uint64_t>(left.offsets.size());
    block.offsets.next = block.offsets.base +
                         static_cast<std::int64_t>(read_share(reader, "block offsets", offsets));
    block.length = static_cast<std::uint32_t>(read_share(reader, "block length", left.length));
  }
  block.max_timestamp = static_cast<std::int64_t>(static_cast<std::uint64_t>(span.max_timestamp) -
                                                  reader.varint("block timestamp"));
  const auto crc = reader.take(kCrcSize, "block checksum");
  if (reader.ok()) block.crc = base::load_little<std::uint32_t>(crc.data());
  left.offsets.base = block.offsets.next;
  left.position += block.length;
  left.length -= block.length;
  return block;
}

}  // namespace

base::ByteVector encode_block_index(const SpanTable& table, const BlockIndex& index) {
  SH_CHECK(index.first.size() == table.size() + 1, "an index has the blocks of every span");
  base::ByteVector out(kPackedChecksumSize);
  out.reserve(out.size() + table.size() * 2 + index.blocks.size() * kBlockBytesMax);
  for (std::size_t i = 0; i < table.size(); ++i) {
    SH_CHECK(index.first[i] < index.first[i + 1], "every span has a block");
    base::append_varint(out, index.first[i + 1] - index.first[i]);
    for (std::size_t b = index.first[i]; b < index.first[i + 1]; ++b)
      append_block(out, table[i], index.blocks[b]);
  }
  seal_packed(out);
  return out;
}

base::Result<BlockIndex> decode_block_index(const SpanTable& table, base::BytesView bytes) {
  PackedReader reader("block index", bytes);
  BlockIndex index;
  for (const Span& span : table) {
    Remainder left{span.offsets, span.position, span.length};
    std::uint64_t count = reader.varint("block count");
    if (count == 0) reader.fail("block count", "is zero");
    for (; count > 0 && reader.ok(); --count)
      index.blocks.push_back(read_block(reader, span, left, count == 1));
    index.first.push_back(static_cast<std::uint32_t>(index.blocks.size()));
  }
  reader.expect_end();
  if (!reader.ok()) return reader.error();
  return index;
}

}  // namespace streamhouse::segment
