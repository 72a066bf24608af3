#pragma once
/// \file  Which blocks of an object answer a read, and which batches of them. Pure.

#include <span>
#include <vector>

#include "blockcache/object_blocks.h"
#include "segment/object_reader.h"

namespace streamhouse::blockcache {

/// Consecutive blocks, from the one that holds `read.from` on, of about read.bytes_max bytes.
/// Errors: kCorrupt if the object does not hold the span that the index says (S1, L2).
base::Result<std::span<const segment::Block>> plan_blocks(const SpanRead& read,
                                                          const segment::ObjectFooter& footer);

/// Checks the blocks' bytes and cuts them to whole batches: from the batch that holds `read.from`,
/// about read.bytes_max bytes, at least one batch, each with its own CRC and at the offset that
/// follows the one before; only compacted objects have gaps. `bytes` are those of `blocks`, one
/// after the other. Errors: kCorrupt.
base::Result<std::vector<base::Bytes>> take_batches(const SpanRead& read,
                                                    segment::ObjectLevel level,
                                                    std::span<const segment::Block> blocks,
                                                    const base::Bytes& bytes);

}  // namespace streamhouse::blockcache
