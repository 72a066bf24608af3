#pragma once
/// \file  Span: a run of consecutive batches of one partition inside one object. The unit that the
/// metadata store commits, the index finds and the documents' "segment" shows.

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "model/ids.h"

namespace streamhouse::segment {

enum SpanFlag : std::uint8_t {
  kSpanTransactional = 1,
  kSpanControl = 2,
};

/// What one idempotent batch adds to the producer state of its partition.
struct ProducerBatch {
  model::ProducerId producer;
  model::ProducerEpoch epoch;
  std::int32_t first_sequence = 0;
  std::int32_t last_sequence = 0;
  model::OffsetRange offsets;
  std::int64_t max_timestamp = 0;
  auto operator<=>(const ProducerBatch&) const = default;
};

/// Positions are not stored: spans lie in the object one after the other, in table order, from the
/// end of the header; so position is derived when a table is decoded.
struct Span {
  model::TopicPartition partition;
  model::LeaderEpoch epoch;    ///< The lease under which its offsets were assigned.
  model::OffsetRange offsets;  ///< Never empty.
  std::uint64_t position = 0;  ///< Of its first batch, from the beginning of the object.
  std::uint32_t length = 0;    ///< Bytes of its batches.
  std::uint32_t batch_count = 0;
  std::int64_t max_timestamp = 0;             ///< Of its records, ms.
  std::uint8_t flags = 0;                     ///< SpanFlag bits.
  std::vector<ProducerBatch> producers = {};  ///< Its idempotent batches, in offset order.
  auto operator<=>(const Span&) const = default;
};

/// Sorted by partition, then base offset. A partition may have several spans only if they do not
/// touch.
using SpanTable = std::vector<Span>;

/// Packs a table (docs/formats/span_table.md): varint deltas, about 8 bytes a span, checksum at the
/// end. The same bytes stand in the object and in the commit row. Requires: sorted, no empty span.
base::ByteVector encode_span_table(const SpanTable& table);

/// Errors: kCorrupt, saying where; memory stays proportional to the input.
base::Result<SpanTable> decode_span_table(base::BytesView bytes);

}  // namespace streamhouse::segment
