#include "blockcache/block_planner.h"

#include <algorithm>

#include "model/record_batch.h"

namespace streamhouse::blockcache {
namespace {

using base::Errc;

base::Error corrupt(const SpanRead& read, const std::string& why) {
  return base::make_error(Errc::kCorrupt, "object " + read.object_key + ", partition " +
                                              to_string(read.partition) + ", offset " +
                                              std::to_string(read.from.value()) + ": " + why);
}

base::Status verify_blocks(const SpanRead& read, std::span<const segment::Block> blocks,
                           base::BytesView bytes) {
  for (const segment::Block& block : blocks) {
    const std::size_t begin = block.position - blocks.front().position;
    if (begin + block.length > bytes.size()) return corrupt(read, "the store answered too little");
    SH_TRY_OK(segment::verify_block(read.object_key, block, bytes.subspan(begin, block.length)));
  }
  return {};
}

std::string at_offset(const model::RecordBatchView& batch) {
  return "the batch at offset " + std::to_string(batch.base_offset().value());
}

/// Whether a batch may come where `expected` is the first offset that may be there.
bool follows(const model::RecordBatchView& batch, model::Offset expected,
             segment::ObjectLevel level) {
  return level == segment::ObjectLevel::kCompacted ? batch.base_offset() >= expected
                                                   : batch.base_offset() == expected;
}

}  // namespace

base::Result<std::span<const segment::Block>> plan_blocks(const SpanRead& read,
                                                          const segment::ObjectFooter& footer) {
  const segment::Span* span = footer.find_span(read.partition, read.from);
  if (span == nullptr) return corrupt(read, "the object does not hold this offset");
  if (span->offsets != read.span) return corrupt(read, "the index has other borders of the span");
  const auto blocks = footer.blocks_of(*span);
  const auto after = std::ranges::upper_bound(
      blocks, read.from, {}, [](const segment::Block& block) { return block.offsets.base; });
  const auto first = static_cast<std::size_t>(std::prev(after) - blocks.begin());
  std::size_t count = 0;
  for (std::size_t bytes = 0; first + count < blocks.size() && bytes < read.bytes_max; ++count) {
    bytes += blocks[first + count].length;
  }
  return blocks.subspan(first, std::max<std::size_t>(count, 1));
}

base::Result<std::vector<base::Bytes>> take_batches(const SpanRead& read,
                                                    segment::ObjectLevel level,
                                                    std::span<const segment::Block> blocks,
                                                    const base::Bytes& bytes) {
  SH_TRY_OK(verify_blocks(read, blocks, bytes));
  std::vector<base::Bytes> batches;
  std::size_t taken = 0;
  std::size_t position = 0;
  model::Offset expected = blocks.front().offsets.base;
  model::BatchCursor cursor(bytes);
  while (true) {
    SH_TRY(const auto batch, cursor.next());
    if (!batch) break;
    const std::size_t begin = std::exchange(position, position + batch->size());
    if (!follows(*batch, expected, level))
      return corrupt(read, at_offset(*batch) + " is misplaced");
    expected = batch->next_offset();
    if (batch->next_offset() <= read.from) continue;
    if (!batches.empty() && taken + batch->size() > read.bytes_max) break;
    if (!batch->crc_matches()) return corrupt(read, at_offset(*batch) + " fails its CRC");
    taken += batch->size();
    batches.push_back(bytes.slice(begin, batch->size()));
  }
  if (batches.empty()) return corrupt(read, "no batch of the block holds this offset");
  return batches;
}

}  // namespace streamhouse::blockcache
