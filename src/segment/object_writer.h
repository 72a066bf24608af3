#pragma once
/// \file  Builds objects: the write path's batches, gathered by partition into the bytes of one
/// put.

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "model/ids.h"
#include "segment/layout/object_frame.h"
#include "segment/span.h"

namespace streamhouse::segment {

/// The batches of one span, each whole, in offset order and with its base offset and leader epoch
/// set; everything else about the span is read from their headers.
struct SpanContent {
  model::TopicPartition partition = {};
  model::LeaderEpoch epoch = {};
  std::vector<base::Bytes> batches = {};
};

struct BuiltObject {
  std::vector<base::Bytes> chunks;  ///< The object; batches are the very buffers that came in.
  std::uint64_t size = 0;
  std::uint32_t crc = 0;   ///< The trailer's object_crc: what the commit row keeps.
  SpanTable spans;         ///< What it holds, with positions.
  base::Bytes span_table;  ///< encode_span_table(spans), as it stands in the object.
};

/// Requires: spans in the order of a SpanTable, none without a batch; batches as SpanContent says,
/// of a flushed object without a gap between them; inputs only for a compacted object. (What
/// producers send has been validated on its way in, so anything else is a fault of ours.)
/// Cost: one pass of CRC-32C over the batches, no copy of them; the same input gives the same
/// bytes.
BuiltObject build_object(const ObjectHeader& header, std::vector<SpanContent> spans,
                         const std::vector<ObjectInputs>& inputs = {});

}  // namespace streamhouse::segment
